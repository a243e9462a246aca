//! The connections of a hop that came in cleartext: the latest, and from where they came.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Transport};

/// For how long a connection in cleartext counts against its hop: the window of logged evidence.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// Addresses that are counted apart, at most: anybody can connect from many.
const ADDRESSES: usize = 256;

/// Addresses that a sentence names.
const NAMED: usize = 3;

/// What one end of a hop saw of its cleartext connections. [`Counts::cleartext`](crate::Counts::cleartext)
/// has their number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CleartextSeen {
    /// The evidence of the latest; one that stayed on the host does not hide one that could leave it
    /// shortly before.
    pub evidence: Evidence,
    /// From where they came, as far as the server's end tells.
    pub from: Origins,
}

/// From which addresses connections came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origins {
    /// Connections by address, for the first 256 addresses.
    pub addresses: BTreeMap<IpAddr, u64>,
    /// Connections of further addresses, of unix sockets, and of nobody that is named.
    pub others: u64,
}

impl CleartextSeen {
    /// The first one.
    pub(crate) fn first(evidence: &Evidence) -> Self {
        Self { evidence: evidence.clone(), from: Origins::default() }
    }

    /// Whether one was seen lately.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.evidence.at) <= RECENT
    }

    /// Another one.
    pub(crate) fn again(&mut self, evidence: &Evidence) {
        let stays = |evidence: &Evidence| evidence.transport == Transport::Cleartext { local: true };
        let hides = stays(evidence) && !stays(&self.evidence) && self.is_recent(evidence.at);
        if !hides && evidence.at >= self.evidence.at {
            self.evidence = evidence.clone();
        }
    }

    /// Adds what another worker saw.
    pub(crate) fn add(&mut self, other: &Self) {
        let (early, late) = match other.evidence.at < self.evidence.at {
            true => (&other.evidence, &self.evidence),
            false => (&self.evidence, &other.evidence),
        };
        let mut both = Self::first(early);
        both.again(late);
        self.evidence = both.evidence;
        self.from.add(&other.from);
    }
}

impl Origins {
    /// So many came from there; `None`: from a unix socket, or from nobody that is named.
    pub fn came_from(&mut self, address: Option<IpAddr>, count: u64) {
        match address {
            Some(ip) if self.addresses.len() < ADDRESSES || self.addresses.contains_key(&ip) => {
                *self.addresses.entry(ip).or_default() += count;
            }
            Some(_) | None => self.others += count,
        }
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        for (ip, count) in &other.addresses {
            self.came_from(Some(*ip), *count);
        }
        self.others += other.others;
    }
}

/// `, from 203.0.113.7 (12) and 4 other addresses`: the most frequent first, and nothing of this host.
impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut strangers: Vec<_> = self.addresses.iter().filter(|(ip, _)| !ip.is_loopback()).collect();
        strangers.sort_by_key(|(_, count)| Reverse(**count));
        let named: Vec<_> =
            strangers.iter().take(NAMED).map(|(ip, count)| format!("{ip} ({count})")).collect();
        match (named.join(", "), strangers.len().saturating_sub(NAMED)) {
            (named, _) if named.is_empty() => Ok(()),
            (named, 0) => write!(f, ", from {named}"),
            (named, 1) => write!(f, ", from {named} and 1 other address"),
            (named, others) => write!(f, ", from {named} and {others} other addresses"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{EvidenceKind, View};
    use crate::samples::hour;

    fn cleartext(local: bool, hours: i64) -> Evidence {
        let (kind, view, at) = (EvidenceKind::Negotiated, View::Server, hour(hours));
        Evidence { kind, view, at, transport: Transport::Cleartext { local } }
    }

    #[test]
    fn what_stayed_on_the_host_does_not_hide_what_left_it_the_day_before() {
        let mut seen = CleartextSeen::first(&cleartext(false, 0));
        seen.again(&cleartext(true, 24));
        assert_eq!(seen.evidence, cleartext(false, 0));
        seen.again(&cleartext(true, 25));
        assert_eq!(seen.evidence, cleartext(true, 25));
    }

    #[test]
    fn it_does_not_matter_which_worker_saw_it() {
        let (left, stayed) =
            (CleartextSeen::first(&cleartext(false, 1)), CleartextSeen::first(&cleartext(true, 2)));
        for (mut one, other) in [(left.clone(), stayed.clone()), (stayed, left.clone())] {
            one.add(&other);
            assert_eq!(one.evidence, left.evidence);
        }
    }

    #[test]
    fn addresses_that_strangers_come_from_do_not_fill_the_memory() {
        let mut origins = Origins::default();
        for last in 0..1000_u32 {
            origins.came_from(Some(IpAddr::from(last.to_be_bytes())), 1);
        }
        assert_eq!((origins.addresses.len(), origins.others), (ADDRESSES, 1000 - ADDRESSES as u64));
    }

    #[test]
    fn the_most_frequent_are_named() {
        let mut origins = Origins::default();
        for (ip, count) in
            [("10.0.0.1", 1), ("10.0.0.2", 5), ("10.0.0.3", 2), ("10.0.0.4", 1), ("127.0.0.1", 9)]
        {
            origins.came_from(Some(ip.parse().unwrap()), count);
        }
        assert_eq!(
            origins.to_string(),
            ", from 10.0.0.2 (5), 10.0.0.3 (2), 10.0.0.1 (1) and 1 other address"
        );
    }
}
