//! The judgement of a path: sightings in order of travel, both ends of a hop put together.

use hermetic_hop::{
    Evidence, Expectation, Flow, HopName, HopReport, Judgement, Mode, PartyName, Verdict, View, judge,
    weakest,
};
use hermetic_tls::SecurityPolicy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Kept, Sighting};

/// The path of a request, judged: what the page and its JSON show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathReport {
    /// The flow that has this path, where the configuration names one.
    pub flow: Option<PartyName>,
    /// The worst hop's verdict.
    pub verdict: Verdict,
    /// The hop that decides.
    pub weakest: Option<HopName>,
    /// The hops in order.
    pub hops: Vec<HopReport>,
    /// How many visits the data store at the end keeps; absent where there is none, or it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<u64>,
}

impl PathReport {
    /// Judges the path that these sightings, in order of travel, tell of.
    pub fn of(sightings: &[Sighting], flows: &[Flow], now: Timestamp) -> Self {
        let mut hops: Vec<HopReport> = Vec::new();
        for leg in legs(sightings) {
            let hop = leg.judged(now);
            if let Some(before) = hops.last().filter(|before| before.to != hop.from) {
                hops.push(gap(before.to.clone(), hop.from.clone()));
            }
            hops.push(hop);
        }
        let parties: Vec<PartyName> = hops
            .first()
            .map(|hop| hop.from.clone())
            .into_iter()
            .chain(hops.iter().map(|hop| hop.to.clone()))
            .collect();
        let report = Self {
            flow: flows.iter().find(|flow| flow.path == parties).map(|flow| flow.name.clone()),
            verdict: Verdict::Unknown,
            weakest: None,
            hops,
            visits: None,
        };
        report.decided()
    }

    /// The same path with the hop to the data store behind it. The flow goes on to the store, so its name
    /// stays.
    pub fn continued(mut self, kept: Kept) -> Self {
        self.hops.push(kept.hop);
        self.visits = kept.visits;
        self.decided()
    }

    /// Names the worst hop as the one that decides.
    fn decided(mut self) -> Self {
        let decides = weakest(&self.hops);
        self.verdict = decides.map_or(Verdict::Unknown, |hop| hop.verdict);
        self.weakest = decides.map(HopReport::name);
        self
    }

    /// Its parties in order.
    pub fn parties(&self) -> impl Iterator<Item = &PartyName> {
        self.hops.first().map(|hop| &hop.from).into_iter().chain(self.hops.iter().map(|hop| &hop.to))
    }
}

/// One hop of the path, as its ends saw it.
struct Leg<'a> {
    hop: HopName,
    sightings: Vec<&'a Sighting>,
}

/// The hops in the order in which they first appear. An end that tells of the same hop again saw another
/// passage of it: a request that goes round in a circle must not hide its first round behind its second.
fn legs(sightings: &[Sighting]) -> Vec<Leg<'_>> {
    let mut legs: Vec<Leg<'_>> = Vec::new();
    for sighting in sightings {
        let hop = sighting.hop();
        match legs.iter_mut().find(|leg| leg.hop == hop && !leg.has(sighting.evidence.view)) {
            Some(leg) => leg.sightings.push(sighting),
            None => legs.push(Leg { hop, sightings: vec![sighting] }),
        }
    }
    legs
}

impl Leg<'_> {
    fn has(&self, view: View) -> bool {
        self.sightings.iter().any(|sighting| sighting.evidence.view == view)
    }

    /// Both ends have a policy for the hop; the one that it falls short of counts.
    fn judged(&self, now: Timestamp) -> HopReport {
        let views = self.sightings.iter().map(|sighting| sighting.evidence.clone());
        let evidence = views.reduce(Evidence::joined);
        let judgements = self
            .sightings
            .iter()
            .map(|sighting| (sighting, judged_by(&sighting.policy, evidence.as_ref(), now)))
            .min_by_key(|(_, judgement)| judgement.verdict);
        match judgements {
            Some((sighting, judgement)) => HopReport::new(
                self.hop.clone(),
                sighting.mode,
                sighting.policy.clone(),
                judgement,
                evidence.as_ref(),
            ),
            None => gap(self.hop.from.clone(), self.hop.to.clone()),
        }
    }
}

fn judged_by(policy: &str, evidence: Option<&Evidence>, now: Timestamp) -> Judgement {
    match SecurityPolicy::named(policy) {
        Ok(policy) => judge(evidence, &Expectation { policy }, now),
        Err(error) => Judgement {
            verdict: Verdict::Unknown,
            evidence: evidence.map(|evidence| evidence.kind),
            reason: format!("it can't be judged: {error}"),
        },
    }
}

/// A stretch of the path that no sighting tells of.
fn gap(from: PartyName, to: PartyName) -> HopReport {
    let judgement = Judgement {
        verdict: Verdict::Unknown,
        evidence: None,
        reason: "nobody told how the request got from the one to the other".to_owned(),
    };
    HopReport::new(HopName::new(from, to), Mode::default(), String::new(), judgement, None)
}

#[cfg(test)]
mod tests {
    use hermetic_hop::{Checked, Transport};
    use hermetic_tls::{NamedGroup, ProtocolVersion};
    use proptest::prelude::*;

    use super::*;
    use crate::path::samples::{any_sightings, edit, flow, name, now, tour};

    fn judged(sightings: &[Sighting]) -> PathReport {
        PathReport::of(sightings, &[flow()], now())
    }

    fn names(report: &PathReport) -> Vec<String> {
        report.hops.iter().map(|hop| hop.name().to_string()).collect()
    }

    #[test]
    fn five_sightings_make_three_hops_in_order_of_travel_and_name_their_flow() {
        let report = judged(&tour());
        assert_eq!(names(&report), ["client → edge", "edge → balancer", "balancer → app"]);
        assert_eq!(report.verdict, Verdict::Sealed);
        assert_eq!(report.flow.unwrap().as_str(), "tour");
    }

    #[test]
    fn both_ends_of_a_hop_are_put_together_and_the_client_end_of_a_stranger_is_not_claimed() {
        let report = judged(&tour());
        assert_eq!(report.hops[0].view, Some(View::Server));
        assert_eq!(report.hops[0].tls.as_ref().unwrap().facts.server_checked, Checked::NotObservable);
        assert_eq!(report.hops[1].view, Some(View::Both));
        let facts = &report.hops[1].tls.as_ref().unwrap().facts;
        assert_eq!((facts.server_checked, facts.client_checked), (Checked::Verified, Checked::Verified));
    }

    #[test]
    fn among_sealed_hops_the_one_without_post_quantum_key_exchange_is_named() {
        let report = judged(&tour());
        assert_eq!(report.weakest, Some(name("client → edge")));
        let report =
            judged(&edit(tour(), "client → edge", |facts| facts.group = Some(NamedGroup::X25519MLKEM768)));
        assert_eq!(report.weakest, Some(name("client → edge")), "the first, where all are equal");
    }

    #[test]
    fn one_weak_hop_makes_the_path_weak() {
        let old = edit(tour(), "balancer → app", |facts| facts.version = Some(ProtocolVersion::TLS1_1));
        let report = judged(&old);
        assert_eq!((report.verdict, report.weakest), (Verdict::Weak, Some(name("balancer → app"))));
    }

    #[test]
    fn the_stricter_policy_of_the_two_ends_counts() {
        let mut sightings =
            edit(tour(), "edge → balancer", |facts| facts.version = Some(ProtocolVersion::TLS1_2));
        let facts = |facts: &mut hermetic_hop::TlsFacts| {
            facts.suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256".parse().ok()
        };
        sightings = edit(sightings, "edge → balancer", facts);
        assert_eq!(judged(&sightings).verdict, Verdict::Sealed);
        sightings[2].policy = "mozilla/modern".to_owned();
        let report = judged(&sightings);
        assert_eq!(report.verdict, Verdict::Weak);
        assert_eq!(report.hops[1].policy, "mozilla/modern");
    }

    #[test]
    fn a_policy_that_is_not_known_here_leaves_the_hop_unknown() {
        let mut sightings = tour();
        sightings[0].policy = "elsewhere/strict".to_owned();
        let report = judged(&sightings);
        assert_eq!(report.verdict, Verdict::Unknown);
        assert!(report.hops[0].reason.contains("elsewhere/strict"), "{}", report.hops[0].reason);
    }

    #[test]
    fn a_stretch_that_nobody_tells_of_is_shown_as_unknown() {
        let without_middle: Vec<_> =
            tour().into_iter().filter(|sighting| sighting.hop() != name("edge → balancer")).collect();
        let report = judged(&without_middle);
        assert_eq!(names(&report), ["client → edge", "edge → balancer", "balancer → app"]);
        assert_eq!((report.verdict, report.weakest), (Verdict::Unknown, Some(name("edge → balancer"))));
    }

    #[test]
    fn a_request_that_goes_round_in_a_circle_shows_each_round() {
        let mut round = tour();
        let clear = Sighting {
            evidence: Evidence {
                transport: Transport::Cleartext { local: false },
                ..round[1].evidence.clone()
            },
            ..round[1].clone()
        };
        round.insert(1, clear);
        let report = judged(&round);
        assert_eq!(report.verdict, Verdict::Clear);
    }

    #[test]
    fn a_path_without_sightings_proves_nothing() {
        let report = judged(&[]);
        assert_eq!((report.verdict, report.weakest), (Verdict::Unknown, None));
    }

    #[test]
    fn the_json_has_the_shape_that_the_documents_promise() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&judged(&tour())).unwrap());
    }

    proptest! {
        #[test]
        fn a_path_is_never_better_than_any_of_its_hops(sightings in any_sightings()) {
            let report = judged(&sightings);
            prop_assert!(report.hops.iter().all(|hop| report.verdict <= hop.verdict));
            prop_assert!(sightings.iter().all(|sighting| report.hops.iter().any(|hop| hop.name() == sighting.hop())));
        }

        #[test]
        fn the_hops_of_a_path_hang_together(sightings in any_sightings()) {
            let report = judged(&sightings);
            let pairs = report.hops.iter().zip(report.hops.iter().skip(1));
            prop_assert!(pairs.clone().all(|(one, next)| one.to == next.from));
        }
    }
}
