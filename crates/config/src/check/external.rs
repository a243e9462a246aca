//! Hops that are not ours: no two of one name, none of ours, each with something that shows it.

use hermetic_hop::{ExternalEndpoint, HopName, PartyName};
use hermetic_tls::{Identity, SecurityPolicy};

use super::Check;
use crate::external::ExternalHop;
use crate::model::{Configuration, Trust};
use crate::period::Period;
use crate::written::default;
use crate::written::hop::{Hop, HopTls};
use crate::written::table::{At, Optional};
use crate::written::text::{FarEnd, Measure};

/// What `tls` says of the far end.
struct FarSide {
    trust: Trust,
    name: Option<Identity>,
    policy: &'static SecurityPolicy,
}

impl Check<'_, '_> {
    /// External hops, those that hold.
    pub(super) fn external(&mut self, written: &[At<Hop>]) -> Vec<ExternalHop> {
        self.distinct_hops(written);
        written.iter().filter_map(|hop| self.external_hop(hop)).collect()
    }

    /// Tells of the external hops that the configuration makes ours.
    pub(super) fn not_ours(&mut self, written: &[At<Hop>], configuration: &Configuration) {
        let ours = configuration.hops();
        for hop in written {
            let Some((name, at)) = name(&hop.value).zip(hop.value.to.written().map(|to| to.at)) else {
                continue;
            };
            if ours.iter().any(|own| own.name == name) {
                let message = format!("{name} is Hermetic's own hop already");
                self.problems.tell(at, message, "take this [[hop]] out: Hermetic sees its own handshakes");
            }
        }
    }

    fn distinct_hops(&mut self, written: &[At<Hop>]) {
        let mut seen: Vec<(HopName, usize)> = Vec::new();
        for hop in written {
            let Some(name) = name(&hop.value) else {
                // Which hop is meant can't be told, so neither can whether a flow has it.
                self.parties.break_off(hop.value.from.written());
                self.parties.break_off(hop.value.to.written());
                continue;
            };
            match seen.iter().find(|(seen, _)| *seen == name) {
                Some((_, first)) => {
                    let line = self.problems.line(*first);
                    let message = format!("a second [[hop]] {name}; the first is in line {line}");
                    self.problems.tell(hop.at, message, "give the first one all of its `evidence`");
                }
                None => seen.push((name, hop.at)),
            }
        }
    }

    fn external_hop(&mut self, written: &At<Hop>) -> Option<ExternalHop> {
        let hop = &written.value;
        let name = self.leading_somewhere(hop);
        let far_side = self.far_side(&hop.tls);
        let evidence = self.evidence(written, far_side.as_ref().and_then(|far| far.name.as_ref()));
        let endpoint = hop.endpoint.if_any()?;
        let FarSide { trust, name: identity, policy } = far_side?;
        Some(ExternalHop {
            name: name?,
            expected: identity.or_else(|| endpoint.as_ref().and_then(host_of)),
            endpoint,
            trust,
            policy,
            evidence: evidence?,
            interval: hop.interval.or(Period(default::HOP_INTERVAL))?.0,
        })
    }

    /// The hop's name, if it can be one.
    fn leading_somewhere(&mut self, hop: &Hop) -> Option<HopName> {
        let name = name(hop)?;
        let to = hop.to.written()?.at;
        if name.from == name.to {
            let message = format!("this hop leads from `{}` to itself", name.from);
            self.problems.tell(to, message, "name the party at the far end");
            return None;
        }
        if name.to == PartyName::client() {
            let message = "no hop leads to `client`: that is whoever connects from outside";
            self.problems.tell(to, message, "name the party that is connected to");
            return None;
        }
        Some(name)
    }

    fn far_side(&mut self, written: &Optional<HopTls>) -> Option<FarSide> {
        let tls = match written {
            Optional::Absent => {
                let policy = SecurityPolicy::default_policy();
                return Some(FarSide { trust: Trust::System, name: None, policy });
            }
            Optional::Wrong => return None,
            Optional::Written(tls) => &tls.value,
        };
        let trust = match &tls.trust {
            Optional::Absent => Some(Trust::System),
            Optional::Wrong => None,
            Optional::Written(source) => self.trust(source),
        };
        Some(FarSide {
            trust: trust?,
            name: tls.name.if_any()?.map(|FarEnd(identity)| identity),
            policy: tls.policy.or(Measure(SecurityPolicy::default_policy()))?.0,
        })
    }
}

/// The two parties, where both are written.
pub(super) fn name(hop: &Hop) -> Option<HopName> {
    Some(HopName::new(hop.from.written()?.value.clone(), hop.to.written()?.value.clone()))
}

fn host_of(endpoint: &ExternalEndpoint) -> Option<Identity> {
    Identity::host(&endpoint.host).ok()
}
