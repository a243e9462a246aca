//! Flows and requirements: every pair of parties a hop, every demand on something.

use hermetic_hop::{Flow, HopName, PartyName, Requirement};

use super::audit::is_of_controls;
use super::{Check, entries, external};
use crate::model::Configuration;
use crate::nearest::nearest;
use crate::written::table::At;
use crate::written::text::Line;
use crate::written::{self};

impl Check<'_, '_> {
    pub(super) fn flows(&mut self, written: &written::File, configuration: &Configuration) -> Vec<Flow> {
        let own = configuration.hops().into_iter().map(|hop| hop.name);
        // Those that don't hold too, so that their mistakes are not told again here.
        let external = entries(&written.hop).iter().filter_map(|hop| external::name(&hop.value));
        let hops: Vec<HopName> = own.chain(external).collect();
        entries(&written.flow).iter().filter_map(|flow| self.flow(&flow.value, &hops)).collect()
    }

    fn flow(&mut self, flow: &written::Flow, hops: &[HopName]) -> Option<Flow> {
        let path = flow.path.written()?;
        if path.value.0.len() < 2 {
            let hint = "write the parties in order, such as [\"client\", \"edge\", \"app\"]";
            self.problems.tell(
                path.at,
                "a flow leads from one party to another, so it has at least two",
                hint,
            );
        }
        let parties = path.value.0.iter();
        for (from, to) in parties.clone().zip(parties.clone().skip(1)) {
            self.pair(from, to, hops);
        }
        Some(Flow {
            name: flow.name.written()?.value.clone(),
            path: parties.map(|party| party.value.clone()).collect(),
            tags: texts(flow.tags.written().map_or(&[], |tags| &tags.value.0)),
        })
    }

    fn pair(&mut self, from: &At<PartyName>, to: &At<PartyName>, hops: &[HopName]) {
        let hop = HopName::new(from.value.clone(), to.value.clone());
        // What hops a broken party has can't be told yet.
        let broken = self.parties.is_broken(&from.value) || self.parties.is_broken(&to.value);
        if broken || hops.contains(&hop) {
            return;
        }
        let known = |name: &PartyName| {
            self.parties.is_known(name) || hops.iter().any(|hop| hop.from == *name || hop.to == *name)
        };
        if !known(&to.value) {
            let names = hops.iter().map(|hop| hop.to.as_str());
            let hint = match nearest(to.value.as_str(), names) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => leads(&from.value, hops),
            };
            let message =
                format!("no listener, no upstream and no party of a [[hop]] is called `{}`", to.value);
            self.problems.tell(to.at, message, hint);
            return;
        }
        let hint = format!("{}; write a [[hop]] if it is not Hermetic's", leads(&from.value, hops));
        self.problems.tell(to.at, format!("{hop} is no hop"), hint);
    }

    pub(super) fn requirements(
        &mut self,
        written: &[At<written::Requirement>],
        flows: &[At<written::Flow>],
    ) -> Vec<Requirement> {
        let of_hops = written.iter().filter(|requirement| !is_of_controls(&requirement.value));
        of_hops.filter_map(|requirement| self.requirement(requirement, flows)).collect()
    }

    fn requirement(
        &mut self,
        at: &At<written::Requirement>,
        flows: &[At<written::Flow>],
    ) -> Option<Requirement> {
        let written = &at.value;
        let names: Vec<&str> =
            flows.iter().filter_map(|flow| Some(flow.value.name.written()?.value.as_str())).collect();
        let tags: Vec<&str> = flows
            .iter()
            .filter_map(|flow| flow.value.tags.written())
            .flat_map(|tags| &tags.value.0)
            .map(|tag| tag.value.0.as_str())
            .collect();
        let wanted = written.flows.written().map_or(&[][..], |flows| &flows.value.0);
        for flow in wanted {
            self.named("flow", flow.at, flow.value.as_str(), &names);
        }
        let wanted_tags = written.tags.written().map_or(&[][..], |tags| &tags.value.0);
        for tag in wanted_tags {
            self.named("tag", tag.at, &tag.value.0, &tags);
        }
        if flows.is_empty() && wanted.is_empty() && wanted_tags.is_empty() {
            let message = "there is no flow of which this could be demanded";
            self.problems.tell(at.at, message, "add a [[flow]] with `path = [\"client\", …]`");
        }
        let requirement = Requirement {
            flows: wanted.iter().map(|flow| flow.value.clone()).collect(),
            tags: texts(wanted_tags),
            tls: written.tls.if_any()?,
            post_quantum: written.post_quantum.or(false)?,
            mutual: written.mutual.or(false)?,
            verified: written.verified.or(false)?,
        };
        if requirement.tls.is_none()
            && !(requirement.post_quantum || requirement.mutual || requirement.verified)
        {
            let hint = "add `tls = \"1.2\"`, `verified = true`, `mutual = true` or `post_quantum = true`";
            self.problems.tell(at.at, "this requirement demands nothing", hint);
        }
        Some(requirement)
    }

    fn named(&mut self, kind: &str, at: usize, name: &str, known: &[&str]) {
        if known.contains(&name) {
            return;
        }
        let hint = match nearest(name, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if known.is_empty() => format!("no [[flow]] has a {kind}"),
            None => format!("there are: {}", known.join(", ")),
        };
        let message = match kind {
            "flow" => format!("no flow is called `{name}`"),
            _ => format!("no flow has the {kind} `{name}`"),
        };
        self.problems.tell(at, message, hint);
    }
}

fn leads(from: &PartyName, hops: &[HopName]) -> String {
    let leading: Vec<String> = hops.iter().filter(|hop| hop.from == *from).map(HopName::to_string).collect();
    match leading.is_empty() {
        true => format!("no hop leads from `{from}`"),
        false => format!("from `{from}` there are: {}", leading.join(", ")),
    }
}

pub(super) fn texts(lines: &[At<Line>]) -> Vec<String> {
    lines.iter().map(|line| line.value.0.clone()).collect()
}
