//! Clients: who counts as one, and what each has taken on.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use super::rate::Paid;

/// Parts of the table, each behind a lock of its own.
const SHARDS: usize = 16;

/// Clients that are remembered in each part although they have no connection, at most: 65,536 in all, 8
/// MB. Those that have one are bounded by the connections.
const REMEMBERED: usize = 4096;

/// Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is the least that a
/// site is given (RFC 6177): whoever has one has 2^64 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClientKey(IpAddr);

/// What one client has taken on.
#[derive(Debug, Default)]
pub(super) struct ClientCounts {
    pub connections: AtomicUsize,
    pub handshakes: AtomicUsize,
    pub requests: AtomicUsize,
    pub connection_rate: Paid,
    pub request_rate: Paid,
}

/// The clients of one listener.
#[derive(Debug, Default)]
pub(super) struct Clients {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    clients: HashMap<ClientKey, Arc<ClientCounts>>,
    /// How many were left by the latest sweep.
    swept: usize,
}

impl ClientKey {
    /// The client at this address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let site = u128::from(address) & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from(site)))
            }
            address => Self(address),
        }
    }
}

impl ClientCounts {
    fn owes(&self, now: u64) -> bool {
        !self.connection_rate.is_settled(now) || !self.request_rate.is_settled(now)
    }
}

impl Clients {
    /// What this client has taken on.
    pub fn find(&self, key: ClientKey, now: u64) -> Arc<ClientCounts> {
        let shard = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default();
        let Some(shard) = self.shards.get(shard) else { return Arc::default() };
        shard.lock().unwrap_or_else(PoisonError::into_inner).find(key, now)
    }

    #[cfg(test)]
    fn remembered(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().clients.len()).sum()
    }
}

impl Shard {
    fn find(&mut self, key: ClientKey, now: u64) -> Arc<ClientCounts> {
        if let Some(known) = self.clients.get(&key) {
            return known.clone();
        }
        if self.clients.len() >= self.swept + REMEMBERED / 2 {
            self.sweep(now);
        }
        self.clients.entry(key).or_default().clone()
    }

    /// Forgets who has no connection and owes its rates nothing; and where that leaves too many, all who
    /// have no connection. A flood from more addresses than are remembered is stopped by the totals, not
    /// by what one address did.
    fn sweep(&mut self, now: u64) {
        // Whoever is here holds a part of it.
        let here = |client: &Arc<ClientCounts>| Arc::strong_count(client) > 1;
        let mut absent = 0;
        self.clients.retain(|_, client| {
            let kept = here(client) || client.owes(now);
            absent += usize::from(kept && !here(client));
            kept
        });
        if absent > REMEMBERED / 2 {
            self.clients.retain(|_, client| here(client));
        }
        self.swept = self.clients.len();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hermetic_config::Rate;

    use super::*;

    fn key(address: &str) -> ClientKey {
        ClientKey::of(address.parse().unwrap())
    }

    fn nth(number: u32) -> ClientKey {
        ClientKey::of(IpAddr::V4(number.into()))
    }

    #[test]
    fn a_site_of_ipv6_is_one_client_and_each_address_of_ipv4_is() {
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("10.0.0.1"), key("10.0.0.2"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }

    #[test]
    fn a_flood_of_addresses_fills_the_table_and_no_more() {
        let clients = Clients::default();
        let kept = clients.find(nth(0), 0);
        for number in 1..200_000 {
            clients.find(nth(number), 0);
        }
        assert!(clients.remembered() <= SHARDS * REMEMBERED, "{}", clients.remembered());
        assert!(Arc::ptr_eq(&kept, &clients.find(nth(0), 0)), "one with a connection is not forgotten");
    }

    #[test]
    fn who_owes_is_forgotten_last() {
        let clients = Clients::default();
        let rate = Rate { interval: Duration::from_secs(60), burst: std::num::NonZeroU32::MIN };
        clients.find(nth(0), 0).request_rate.pass(rate, 0).unwrap();
        for number in 1..100_000 {
            clients.find(nth(number), 1);
        }
        assert!(clients.remembered() < 70_000);
        assert!(clients.find(nth(0), 1).request_rate.pass(rate, 1).is_err());
    }
}
