//! Live connections, by the certification path of their client, with a way to end them: a revocation
//! ends just the connections of that certificate.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hermetic_hop::HopName;
use hermetic_tls::{CertificationPath, Chain, Clock, PeerCertificateProblem, Revocations};
use jiff::Timestamp;
use tokio::sync::watch;

use crate::record::{Lapse, Ledger};
use crate::snapshot::Snapshot;
use crate::sockets::Bind;

/// How long at most until the clock is asked again whether a certificate has run out: it may be set
/// meanwhile, and a machine may sleep.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// The live connections of one worker whose clients showed a certificate. Clones are the same index.
#[derive(Clone, Debug)]
pub(crate) struct Live(Arc<Index>);

#[derive(Debug)]
struct Index {
    entries: Mutex<HashMap<Held, Entry>>,
    /// Where those that end are counted.
    ledger: Arc<Mutex<Ledger>>,
}

/// What a connection rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Held {
    /// The place that it came in at. Whatever its listener is called by now, it is found by it.
    pub bind: Bind,
    /// What its listener knew of revoked certificates, and goes on to know for as long as it lives: no other
    /// may be left at that place.
    pub revocations: Revocations,
    /// The hop that it came over.
    pub hop: HopName,
    /// How its client proved who it is.
    pub path: CertificationPath,
}

#[derive(Debug)]
struct Entry {
    connections: usize,
    /// What the client presented.
    chain: Chain,
    ending: watch::Sender<bool>,
}

/// A connection in the index, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Registration {
    index: Live,
    held: Held,
    revoked: watch::Receiver<bool>,
    clock: Arc<dyn Clock>,
    expiry_told: Cell<bool>,
}

impl Live {
    /// An empty index, which counts those that end in this ledger.
    pub fn counted_in(ledger: Arc<Mutex<Ledger>>) -> Self {
        Self(Arc::new(Index { entries: Mutex::default(), ledger }))
    }

    /// Enters a connection.
    pub fn register(&self, held: Held, chain: &Chain, clock: Arc<dyn Clock>) -> Registration {
        let mut entries = self.0.entries();
        let entry = entries.entry(held.clone()).or_insert_with(|| Entry {
            connections: 0,
            chain: chain.clone(),
            ending: watch::Sender::new(false),
        });
        entry.connections += 1;
        let revoked = entry.ending.subscribe();
        Registration { index: self.clone(), held, revoked, clock, expiry_told: Cell::new(false) }
    }

    /// Ends the connections whose certificates are `revoked`; gives how many there were.
    ///
    /// A connection that is just being made may be missed. It looks for itself once it is entered, so
    /// whoever calls this has everybody who looks from now on find the revocation first (ztunnel ended
    /// connections by a list of those that were there, and lost this race).
    pub fn end(&self, revoked: impl Fn(&Held, &Chain) -> bool) -> usize {
        // Judged outside of the lock, which handshakes wait for.
        let all: Vec<(Held, Chain)> =
            self.0.entries().iter().map(|(held, entry)| (held.clone(), entry.chain.clone())).collect();
        let mut ended = 0;
        for (held, _) in all.iter().filter(|(held, chain)| revoked(held, chain)) {
            let Some(entry) = self.0.entries().remove(held) else { continue };
            entry.ending.send_replace(true);
            self.0.ledger().ended(&held.hop, Lapse::Revoked, entry.connections);
            ended += entry.connections;
        }
        ended
    }
}

impl Held {
    /// Whether a certificate of the client's is revoked, by what its own listener knows or the one that is in
    /// that place now.
    pub fn is_revoked(&self, chain: &Chain, now: &Snapshot) -> bool {
        self.known(now).any(|known| known.revokes(&self.path, chain))
    }

    /// What is wrong with the client, if anything is by what those know.
    pub fn problem(&self, chain: &Chain, now: &Snapshot, at: Timestamp) -> Option<PeerCertificateProblem> {
        self.known(now).find_map(|known| known.problem(&self.path, chain, at))
    }

    fn known<'a>(&'a self, now: &'a Snapshot) -> impl Iterator<Item = &'a Revocations> {
        let other = now.revocations(&self.bind).filter(|other| **other != self.revocations);
        std::iter::once(&self.revocations).chain(other)
    }
}

impl Index {
    fn entries(&self) -> MutexGuard<'_, HashMap<Held, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registration {
    /// Waits until the connection must end at once: a certificate of its client is revoked or has run out.
    pub async fn ended(&self) -> Lapse {
        tokio::select! {
            biased;
            () = self.revoked() => Lapse::Revoked,
            () = self.expired() => Lapse::Expired,
        }
    }

    /// Waits until a certificate of its client's path is revoked.
    pub async fn revoked(&self) {
        // The sender is gone only after it said so.
        let _ = self.revoked.clone().wait_for(|revoked| *revoked).await;
    }

    /// Waits until a certificate of its client's path has run out.
    pub async fn expired(&self) {
        until_after(&*self.clock, self.held.path.not_after()).await;
        if !self.expiry_told.replace(true) {
            self.index.0.ledger().ended(&self.held.hop, Lapse::Expired, 1);
            tracing::info!(hop = %self.held.hop, "a connection ends: its client's certificate has expired");
        }
    }
}

/// Waits until the clock is past this instant.
async fn until_after(clock: &dyn Clock, instant: Timestamp) {
    loop {
        let now = clock.now();
        if now > instant {
            return;
        }
        let left = Duration::try_from(instant.duration_since(now)).unwrap_or_default();
        // The instant itself still counts, so a moment later.
        tokio::time::sleep(left.saturating_add(Duration::from_millis(1)).min(LOOK)).await;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if *self.revoked.borrow() {
            return;
        }
        let mut entries = self.index.0.entries();
        if let Some(entry) = entries.get_mut(&self.held) {
            entry.connections -= 1;
            if entry.connections == 0 {
                entries.remove(&self.held);
            }
        }
    }
}

#[cfg(test)]
mod tests;
