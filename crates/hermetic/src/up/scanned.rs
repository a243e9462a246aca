//! What `hermetic scan` saw of this instance's hops.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hermetic_hop::{EvidenceKind, HopName, Observation, Scan, View};
use jiff::Timestamp;

use crate::commands::scan::evidence::{HopScan, Shown};

/// Why what was seen is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The hop is not of this configuration.
    #[error("there is no hop {0} in the configuration that runs")]
    NoHop(HopName),
    /// A scan sees no connection of others.
    #[error("what was seen of {0} is no evidence of a scan")]
    NotProbed(HopName),
}

/// The latest scan of each hop.
#[derive(Debug, Default)]
pub struct ScannedHops(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The handshakes of scans.
    seen: Vec<Observation>,
    /// What they saw beside.
    scans: HashMap<HopName, Scan>,
}

impl ScannedHops {
    /// Takes what a scan saw, all of it or nothing, in place of what one saw before.
    pub fn take(&self, shown: Shown, is_hop: impl Fn(&HopName) -> bool) -> Result<usize, NotTaken> {
        let Shown { observations: seen, scans } = shown;
        if let Some(HopScan { hop, .. }) = scans.iter().find(|scan| !is_hop(&scan.hop)) {
            return Err(NotTaken::NoHop(hop.clone()));
        }
        for observation in &seen {
            if !is_hop(&observation.hop) {
                return Err(NotTaken::NoHop(observation.hop.clone()));
            }
            let kind = observation.latest.as_ref().map(|evidence| evidence.kind);
            if observation.view != View::Client || kind.is_some_and(|kind| kind != EvidenceKind::Probed) {
                return Err(NotTaken::NotProbed(observation.hop.clone()));
            }
        }
        let count = seen.len();
        let mut state = self.state();
        state.seen.retain(|before| !seen.iter().any(|now| now.hop == before.hop));
        state.seen.extend(seen);
        state.scans.extend(scans.into_iter().map(|HopScan { hop, scan }| (hop, scan)));
        Ok(count)
    }

    /// All that a hop's far end accepts, as the latest scan saw it to which it answered.
    pub fn scan_of(&self, hop: &HopName) -> Option<Scan> {
        self.state().scans.get(hop).cloned()
    }

    /// Forgets what was seen of these hops: they lead elsewhere now.
    pub fn forget(&self, is_other: impl Fn(&HopName) -> bool) {
        let mut state = self.state();
        state.seen.retain(|seen| !is_other(&seen.hop));
        state.scans.retain(|hop, _| !is_other(hop));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What scans saw later than these, the latest that is known otherwise.
    pub fn beside(&self, known: &[Observation]) -> Vec<Observation> {
        let is_news = |scan: &&Observation| {
            let of_hop = known.iter().filter(|it| it.hop == scan.hop && it.view == View::Client);
            of_hop.filter_map(looked).max() < looked(scan)
        };
        self.state().seen.iter().filter(is_news).cloned().collect()
    }
}

/// When it was looked last.
fn looked(observation: &Observation) -> Option<Timestamp> {
    let seen = observation.latest.as_ref().map(|evidence| evidence.at);
    seen.max(observation.refusal.as_ref().map(|refusal| refusal.at))
}

#[cfg(test)]
mod tests {
    use hermetic_hop::{Evidence, PartyName, Transport};

    use super::*;

    fn hop(to: &str) -> HopName {
        HopName::new(PartyName::client(), to.parse().unwrap())
    }

    fn seen(to: &str, kind: EvidenceKind, second: i64) -> Observation {
        let mut observation = Observation::new(hop(to), View::Client);
        let at = Timestamp::from_second(second).unwrap();
        let transport = Transport::Cleartext { local: true };
        observation.connected(&Evidence { kind, view: View::Client, at, transport });
        observation
    }

    fn shown(observations: Vec<Observation>) -> Shown {
        Shown { observations, scans: Vec::new() }
    }

    #[test]
    fn what_a_scan_saw_beside_stays_until_the_next_one_that_is_answered_or_the_hop_leads_elsewhere() {
        let hops = ScannedHops::default();
        let scan = |second, accepts: Option<&str>| Scan {
            at: Timestamp::from_second(second).unwrap(),
            accepts: accepts.map(str::to_owned),
            findings: Vec::new(),
        };
        let take = |scan| {
            let (observations, scans) = (Vec::new(), vec![HopScan { hop: hop("app"), scan }]);
            hops.take(Shown { observations, scans }, |_| true).unwrap();
        };
        take(scan(10, Some("it also accepts TLSv1")));
        assert_eq!(hops.scan_of(&hop("app")), Some(scan(10, Some("it also accepts TLSv1"))));
        hops.take(shown(Vec::new()), |_| true).unwrap();
        assert!(hops.scan_of(&hop("app")).is_some());
        take(scan(20, None));
        assert_eq!(hops.scan_of(&hop("app")), Some(scan(20, None)));
        hops.forget(|name| *name == hop("app"));
        assert_eq!(hops.scan_of(&hop("app")), None);
    }

    #[test]
    fn a_scan_is_replaced_by_the_next_and_by_whatever_was_looked_at_later() {
        let hops = ScannedHops::default();
        for second in [10, 20] {
            let shown = shown(vec![seen("app", EvidenceKind::Probed, second)]);
            assert_eq!(hops.take(shown, |_| true), Ok(1));
        }
        assert_eq!(hops.beside(&[]), [seen("app", EvidenceKind::Probed, 20)]);
        assert_eq!(hops.beside(&[seen("app", EvidenceKind::Negotiated, 19)]).len(), 1);
        assert_eq!(hops.beside(&[seen("app", EvidenceKind::Negotiated, 20)]), []);
        assert_eq!(hops.beside(&[seen("other", EvidenceKind::Negotiated, 30)]).len(), 1);
    }

    #[test]
    fn nobody_claims_what_a_scan_can_not_see() {
        let hops = ScannedHops::default();
        let negotiated = seen("app", EvidenceKind::Negotiated, 10);
        assert_eq!(hops.take(shown(vec![negotiated]), |_| true), Err(NotTaken::NotProbed(hop("app"))));
        let probed = seen("app", EvidenceKind::Probed, 10);
        assert_eq!(hops.take(shown(vec![probed]), |_| false), Err(NotTaken::NoHop(hop("app"))));
        assert_eq!(hops.beside(&[]), []);
    }
}
