//! Limits: how much a listener takes on, in all and from one client, and what the rest gets.
//!
//! What is counted is counted over the whole gateway, whichever worker it came to: totals are atomic
//! numbers, and a client's are found once a connection, behind a short lock. A request on a connection
//! that stands touches numbers only, and only those that have a limit. The counts belong to the
//! listener's name and outlive snapshots: a reload forgets nobody.

mod admission;
mod client;
mod patience;
mod places;
mod queue;
mod rate;
mod refusal;
mod resets;
mod silence;
mod streams;
mod turnstile;
mod writing;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hermetic_hop::PartyName;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub(crate) use admission::{Admission, InFlight, Opened, close};
pub(crate) use client::ClientKey;
pub(crate) use patience::{Paced, Patience, Stall};
pub(crate) use places::Places;
pub use refusal::Refusals;
pub(crate) use refusal::{Limit, Refusal};
pub(crate) use resets::Resets;
pub(crate) use silence::{Noted, Traffic};
pub(crate) use streams::{PatientStreams, body_gave};
pub(crate) use turnstile::Turnstile;
pub(crate) use writing::PatientWrites;

use client::Clients;
use rate::Epoch;
use refusal::Refused;

/// The counts of all listeners of a gateway. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Limiter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    workers: NonZeroUsize,
    all: Arc<All>,
    epoch: Epoch,
    listeners: Mutex<HashMap<PartyName, Arc<Counts>>>,
}

/// The connections of all listeners.
#[derive(Debug)]
struct All {
    connections: AtomicUsize,
    most: AtomicUsize,
}

/// What a listener has taken on at the moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Occupancy {
    /// The listener.
    pub listener: PartyName,
    /// Connections that are open.
    pub connections: u64,
    /// Handshakes that are under way.
    pub handshakes: u64,
}

/// What one listener has taken on.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Another for each listener.
    number: usize,
    listener: PartyName,
    workers: NonZeroUsize,
    epoch: Epoch,
    all: Arc<All>,
    connections: AtomicUsize,
    handshakes: AtomicUsize,
    requests: AtomicUsize,
    clients: Clients,
    refused: Refused,
}

impl Limiter {
    /// Nothing taken on yet, by so many workers.
    pub fn new(workers: NonZeroUsize, now: Instant) -> Self {
        let all = Arc::new(All { connections: AtomicUsize::new(0), most: AtomicUsize::new(usize::MAX) });
        Self(Arc::new(Shared { workers, all, epoch: Epoch::new(now), listeners: Mutex::default() }))
    }

    /// The most connections of all listeners together.
    pub fn limit_connections(&self, most: Option<NonZeroUsize>) {
        self.0.all.most.store(most.map_or(usize::MAX, NonZeroUsize::get), Ordering::Relaxed);
    }

    /// The counts of the listener of this name. Takes a lock: once a connection.
    pub fn listener(&self, name: &PartyName) -> Arc<Counts> {
        let mut listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = listeners.get(name) {
            return counts.clone();
        }
        let counts = Arc::new(Counts {
            number: listeners.len(),
            listener: name.clone(),
            workers: self.0.workers,
            epoch: self.0.epoch,
            all: self.0.all.clone(),
            connections: AtomicUsize::new(0),
            handshakes: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            clients: Clients::default(),
            refused: Refused::default(),
        });
        listeners.insert(name.clone(), counts.clone());
        counts
    }

    /// What is taken on now.
    pub fn occupancy(&self) -> Vec<Occupancy> {
        let listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let now = |count: &AtomicUsize| count.load(Ordering::Relaxed) as u64;
        let of = |counts: &Arc<Counts>| Occupancy {
            listener: counts.listener.clone(),
            connections: now(&counts.connections),
            handshakes: now(&counts.handshakes),
        };
        let mut all: Vec<_> = listeners.values().map(of).collect();
        all.sort();
        all
    }

    /// What was refused so far, by listener and limit.
    pub fn refusals(&self) -> Vec<Refusals> {
        let listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            listeners.values().flat_map(|counts| counts.refused.told(&counts.listener)).collect();
        all.sort();
        all
    }
}

/// Counts one more where that stays within `limit`.
fn take(count: &AtomicUsize, limit: usize) -> bool {
    let one_more = |count| (count < limit).then_some(count + 1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
}

/// Counts one less.
fn give_back(count: &AtomicUsize) {
    count.fetch_sub(1, Ordering::Relaxed);
}
