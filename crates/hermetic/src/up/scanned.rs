//! What `hermetic scan` saw of this instance's hops.

use std::sync::{Mutex, PoisonError};

use hermetic_hop::{EvidenceKind, HopName, Observation, View};
use jiff::Timestamp;

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
pub struct ScannedHops(Mutex<Vec<Observation>>);

impl ScannedHops {
    /// Takes what a scan saw, all of it or nothing, in place of what one saw before.
    pub fn take(&self, seen: Vec<Observation>, is_hop: impl Fn(&HopName) -> bool) -> Result<usize, NotTaken> {
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
        let mut scanned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scanned.retain(|before| !seen.iter().any(|now| now.hop == before.hop));
        scanned.extend(seen);
        Ok(count)
    }

    /// What scans saw later than these, the latest that is known otherwise.
    pub fn beside(&self, known: &[Observation]) -> Vec<Observation> {
        let scanned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = |scan: &&Observation| {
            let of_hop = known.iter().filter(|it| it.hop == scan.hop && it.view == View::Client);
            of_hop.filter_map(looked).max() < looked(scan)
        };
        scanned.iter().filter(is_news).cloned().collect()
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

    #[test]
    fn a_scan_is_replaced_by_the_next_and_by_whatever_was_looked_at_later() {
        let hops = ScannedHops::default();
        for second in [10, 20] {
            assert_eq!(hops.take(vec![seen("app", EvidenceKind::Probed, second)], |_| true), Ok(1));
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
        assert_eq!(hops.take(vec![negotiated], |_| true), Err(NotTaken::NotProbed(hop("app"))));
        let probed = seen("app", EvidenceKind::Probed, 10);
        assert_eq!(hops.take(vec![probed], |_| false), Err(NotTaken::NoHop(hop("app"))));
        assert_eq!(hops.beside(&[]), []);
    }
}
