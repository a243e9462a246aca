//! How long the keys of a TLS 1.3 connection are used before they are changed (RFC 8446 section 4.6.3).
//!
//! rustls changes its own keys when AES-GCM's limit of records comes near (section 5.5), and asks the peer
//! for nothing before. A key that is changed sooner opens less to whoever learns it later, and the peer's
//! is asked to change along.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ProtocolVersion;

/// Bytes in either direction after which keys are changed: 1 GiB, as RFC 4253 section 9 has it for SSH. Full
/// records reach AES-GCM's limit (2^24.5 of them) after 360 times as much.
pub const KEY_UPDATE_AFTER: u64 = 1 << 30;

/// Counts the key updates of some connections. Clones are the same count.
#[derive(Clone, Debug, Default)]
pub struct KeyUpdates(Arc<AtomicU64>);

impl KeyUpdates {
    /// How many were begun so far. Each changes the keys of both directions.
    pub fn begun(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How worn the keys of one connection are.
#[derive(Debug)]
pub(crate) struct Wear {
    /// `None` where keys can't be changed.
    after: Option<u64>,
    sent: u64,
    received: u64,
    /// Updates begun since anything else was sent: the peer gets so many in a row.
    unsent: u32,
    /// Updates begun since anything else was received: the peer's answers come in a row.
    unreceived: u32,
    begun: Option<KeyUpdates>,
}

impl Wear {
    /// Of keys that are new.
    pub(crate) fn new(version: ProtocolVersion) -> Self {
        // TLS 1.2 has no such message; rustls ends such a connection at the limit of its cipher.
        let after = (version == ProtocolVersion::TLS1_3).then_some(KEY_UPDATE_AFTER);
        Self { after, sent: 0, received: 0, unsent: 0, unreceived: 0, begun: None }
    }

    /// Has them changed after so many bytes, and counted there.
    pub(crate) fn limit(&mut self, after: u64, begun: KeyUpdates) {
        self.after = self.after.map(|_| after);
        self.begun = Some(begun);
    }

    /// No update is begun any more: our direction is closed.
    pub(crate) fn close(&mut self) {
        self.after = None;
    }

    /// Notes what was sent; says whether it is time.
    ///
    /// BoringSSL and rustls end a connection that brings more than 32 updates with no data between them. A
    /// long transfer that goes one way is just that: each update is answered with one. So while nothing comes
    /// the other way, each comes twice as late as the one before.
    pub(crate) fn sent(&mut self, bytes: usize) -> bool {
        if bytes > 0 {
            self.unsent = 0;
        }
        self.sent = self.sent.saturating_add(bytes as u64);
        self.is_due(self.sent, self.unreceived)
    }

    /// Notes what was received; says whether it is time.
    pub(crate) fn received(&mut self, bytes: usize) -> bool {
        if bytes > 0 {
            self.unreceived = 0;
        }
        self.received = self.received.saturating_add(bytes as u64);
        self.is_due(self.received, self.unsent)
    }

    /// The keys of both directions are new, or soon will be: `begun` says whether the update is on its way.
    pub(crate) fn renewed(&mut self, begun: bool) {
        (self.sent, self.received) = (0, 0);
        self.unsent = self.unsent.saturating_add(1);
        self.unreceived = self.unreceived.saturating_add(1);
        if let Some(count) = self.begun.as_ref().filter(|_| begun) {
            count.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_due(&self, bytes: u64, doublings: u32) -> bool {
        let times = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        self.after.is_some_and(|after| bytes >= after.saturating_mul(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: usize = 16 * 1024;

    /// Moves so many bounds of bytes one way; gives how many updates that began.
    fn moved(wear: &mut Wear, way: fn(&mut Wear, usize) -> bool, bounds: u64) -> usize {
        let records = 0..bounds * (KEY_UPDATE_AFTER / RECORD as u64);
        records.filter(|_| way(wear, RECORD).then(|| wear.renewed(true)).is_some()).count()
    }

    #[test]
    fn a_transfer_of_a_tebibyte_one_way_brings_fewer_updates_in_a_row_than_peers_accept() {
        for way in [Wear::sent, Wear::received] {
            let mut wear = Wear::new(ProtocolVersion::TLS1_3);
            assert_eq!(moved(&mut wear, way, 1024), 10);
        }
    }

    #[test]
    fn once_something_came_the_other_way_the_next_update_comes_in_time_again() {
        let ways: [fn(&mut Wear, usize) -> bool; 2] = [Wear::sent, Wear::received];
        for (way, other) in [(ways[0], ways[1]), (ways[1], ways[0])] {
            let mut wear = Wear::new(ProtocolVersion::TLS1_3);
            moved(&mut wear, way, 3);
            other(&mut wear, 1);
            assert_eq!(moved(&mut wear, way, 1), 1);
        }
    }
}
