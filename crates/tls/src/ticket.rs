//! Session tickets: keys that rotate, and partitions that never open each other's tickets.
//!
//! A ticket from a listener without client certificates must never resume into one that demands
//! them (CVE-2025-23419 was that), so every [`crate::ServerHandshake`] derives its own keys from
//! the shared ones and a digest of its policy, certificate set and client-CA set.

mod partition;
mod proof;
mod session;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use zeroize::Zeroizing;

pub(crate) use partition::Partition;
pub(crate) use proof::{proven_by, within};

use crate::{Clock, Randomness, RandomnessFailed};

/// Seconds that a key seals tickets for.
const EPOCH: i64 = 6 * 60 * 60;

/// Seconds that a ticket is good for: two epochs.
const LIFETIME: i64 = 2 * EPOCH;

/// Epochs before the present one whose keys are kept: a ticket that was sealed in the last second
/// of an epoch lives through the next and into the one after.
const KEPT: i64 = 2;

/// The keys from which all ticket keys of a process derive; a fleet shares them by
/// [`export`](Self::export) and [`install`](Self::install). Clones are the same keys.
///
/// Each is random and erased when no ticket of its epoch can be good any more, so that a stolen
/// machine does not open the sessions of the day before.
#[derive(Clone)]
pub struct TicketKeys(Arc<Ring>);

struct Ring {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    /// Ordered by epoch and then by secret, so that a fleet that shares its keys seals with the
    /// same one.
    keys: ArcSwap<Vec<TicketKey>>,
    turning: Mutex<()>,
}

/// A secret from which the ticket keys of one epoch derive. Whoever has it can open the tickets of
/// that epoch.
#[derive(Clone)]
pub struct TicketKey {
    epoch: i64,
    secret: Arc<Zeroizing<[u8; 32]>>,
}

impl TicketKeys {
    /// Fresh keys that rotate by `clock`: a new one every 6 hours, a ticket is good for 12.
    pub fn generate(
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, RandomnessFailed> {
        Self::holding([], clock, randomness)
    }

    /// These keys, to be followed by others in time ([`TicketKeys::install`]). For a period of which there
    /// is none when it has begun, one is made that nobody shares: sessions are lost rather than connections.
    pub fn holding(
        keys: impl IntoIterator<Item = TicketKey>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, RandomnessFailed> {
        let ring = Ring { clock, randomness, keys: ArcSwap::default(), turning: Mutex::new(()) };
        ring.replace(keys.into_iter().collect());
        let keys = Self(Arc::new(ring));
        keys.current()?;
        Ok(keys)
    }

    /// The keys in use, to be carried to the rest of a fleet over a channel that keeps secrets.
    pub fn export(&self) -> Vec<TicketKey> {
        self.0.keys.load().to_vec()
    }

    /// Adds keys from the rest of a fleet. Keys of coming epochs may be among them, so that every
    /// process has them in time; those whose tickets have all run out are left out.
    pub fn install(&self, keys: impl IntoIterator<Item = TicketKey>) {
        let _turning = self.0.turning.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = self.0.keys.load().to_vec();
        ring.extend(keys);
        self.0.replace(ring);
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The keys, with one for this epoch among them and none that has had its day.
    fn current(&self) -> Result<Arc<Vec<TicketKey>>, RandomnessFailed> {
        let epoch = epoch_of(self.now());
        let in_order = |ring: &[TicketKey]| {
            ring.iter().any(|key| key.epoch == epoch) && ring.iter().all(|key| key.epoch >= epoch - KEPT)
        };
        let ring = self.0.keys.load_full();
        if in_order(&ring) {
            return Ok(ring);
        }
        let _turning = self.0.turning.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = self.0.keys.load().to_vec();
        if !ring.iter().any(|key| key.epoch == epoch) {
            let mut secret = Zeroizing::new([0; 32]);
            self.0.randomness.fill(&mut *secret)?;
            ring.push(TicketKey { epoch, secret: Arc::new(secret) });
        }
        Ok(self.0.replace(ring))
    }
}

impl Ring {
    fn replace(&self, mut keys: Vec<TicketKey>) -> Arc<Vec<TicketKey>> {
        let oldest = epoch_of(self.clock.now()) - KEPT;
        keys.retain(|key| key.epoch >= oldest);
        keys.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        keys.dedup_by(|a, b| a.order() == b.order());
        let keys = Arc::new(keys);
        self.keys.store(Arc::clone(&keys));
        keys
    }
}

impl TicketKey {
    /// The key of the epoch that `at` lies in; epochs are six hours long, from 1970 on.
    pub fn new(at: Timestamp, secret: [u8; 32]) -> Self {
        Self { epoch: epoch_of(at), secret: Arc::new(Zeroizing::new(secret)) }
    }

    /// When the periods begin whose keys should be at hand at this instant: the present one, and the next,
    /// so that a fleet has it in time.
    pub fn wanted_at(at: Timestamp) -> [Timestamp; 2] {
        let epoch = epoch_of(at);
        [epoch, epoch.saturating_add(1)].map(start_of)
    }

    /// When the first period began a ticket of which may be good at this instant. Keys of earlier ones are to
    /// be erased.
    pub fn oldest_at(at: Timestamp) -> Timestamp {
        start_of(epoch_of(at).saturating_sub(KEPT))
    }

    /// The first instant at which it seals tickets.
    pub fn starts(&self) -> Timestamp {
        start_of(self.epoch)
    }

    fn order(&self) -> (i64, &[u8; 32]) {
        (self.epoch, &self.secret)
    }

    /// The secret. Whoever calls this can open tickets.
    pub fn expose_secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

fn start_of(epoch: i64) -> Timestamp {
    Timestamp::from_second(epoch.saturating_mul(EPOCH)).unwrap_or(Timestamp::MIN)
}

fn epoch_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(EPOCH)
}

impl std::fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys.load().iter()).finish()
    }
}

impl std::fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TicketKey({})", self.starts())
    }
}

#[cfg(test)]
mod tests;
