//! How many connections there are to each host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::rate::Rate;
use super::{Host, Limits};

/// The connections of one scan.
#[derive(Debug)]
pub(super) struct Traffic {
    limits: Limits,
    rate: Option<Arc<Rate>>,
    lanes: Mutex<Lanes>,
}

/// Hosts that somebody asks something now, and some of those before.
#[derive(Debug, Default)]
struct Lanes {
    by_host: HashMap<Host, Weak<Lane>>,
    /// At how many those that nobody holds any more are cleared out: at twice as many as there were in use.
    clear_at: usize,
}

/// What all connections to one host share.
#[derive(Debug)]
pub(crate) struct Lane {
    visits: Arc<Semaphore>,
    places: Arc<Semaphore>,
    rate: Option<Rate>,
    in_all: Option<Arc<Rate>>,
}

/// A place among the connections to a host, or among the targets there.
#[derive(Debug)]
pub(crate) struct Place {
    _lane: Arc<Lane>,
    /// Lacking only if the places were closed, which nobody does.
    _permit: Option<OwnedSemaphorePermit>,
}

/// How many hosts are remembered before it is looked who of them is still asked.
const AT_LEAST: usize = 1024;

/// How many connections at once one target makes use of, more or less.
const OF_ONE_VISIT: usize = 3;

impl Default for Traffic {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Traffic {
    pub(super) fn new(limits: Limits) -> Self {
        let rate = limits.rate.map(|rate| Arc::new(Rate::new(rate)));
        Self { limits, rate, lanes: Mutex::default() }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The lane to a host; a new one where nobody holds the one that there was.
    pub(super) fn lane(&self, host: &Host) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.by_host.get(host).and_then(Weak::upgrade) {
            return lane;
        }
        if lanes.by_host.len() >= lanes.clear_at.max(AT_LEAST) {
            lanes.by_host.retain(|_, lane| lane.strong_count() > 0);
            lanes.clear_at = 2 * lanes.by_host.len();
        }
        let visits = self.limits.per_host.max(1).div_ceil(OF_ONE_VISIT);
        let lane = Arc::new(Lane {
            visits: Arc::new(Semaphore::new(visits)),
            places: Arc::new(Semaphore::new(self.limits.per_host.max(1))),
            rate: self.limits.host_rate.map(Rate::new),
            in_all: self.rate.clone(),
        });
        lanes.by_host.insert(host.clone(), Arc::downgrade(&lane));
        lane
    }
}

impl Lane {
    /// Waits until this target may be looked at beside others on its host: one that waits for connections all
    /// the time would be taken for slow.
    pub(crate) async fn visit(self: Arc<Self>) -> Place {
        let permit = Arc::clone(&self.visits).acquire_owned().await.ok();
        Place { _lane: self, _permit: permit }
    }

    /// Waits for a place, and for its turn.
    pub(super) async fn place(self: Arc<Self>) -> Place {
        let permit = Arc::clone(&self.places).acquire_owned().await.ok();
        if let Some(rate) = &self.rate {
            rate.turn().await;
        }
        if let Some(rate) = &self.in_all {
            rate.turn().await;
        }
        Place { _lane: self, _permit: permit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(number: u32) -> Host {
        Host::Ip(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn hosts_that_nobody_asks_any_more_are_forgotten() {
        let traffic = Traffic::default();
        let held = traffic.lane(&host(7));
        for number in 100..100_000 {
            traffic.lane(&host(number));
        }
        assert!(traffic.lanes.lock().unwrap().by_host.len() <= AT_LEAST);
        assert!(Arc::ptr_eq(&held, &traffic.lane(&host(7))));
    }

    #[tokio::test]
    async fn targets_on_one_host_wait_for_each_other() {
        let soon = std::time::Duration::from_millis(20);
        for (per_host, at_once) in [(1, 1), (3, 1), (6, 2)] {
            let traffic = Traffic::new(Limits { per_host, ..Limits::default() });
            let mut held = Vec::new();
            for _ in 0..at_once {
                held.push(traffic.lane(&host(1)).visit().await);
            }
            assert!(tokio::time::timeout(soon, traffic.lane(&host(1)).visit()).await.is_err(), "{per_host}");
            traffic.lane(&host(2)).visit().await;
            held.pop();
            traffic.lane(&host(1)).visit().await;
        }
    }

    #[tokio::test]
    async fn a_host_takes_no_more_than_its_places_and_each_has_its_own() {
        let traffic = Traffic::new(Limits { per_host: 2, ..Limits::default() });
        let place = |number| traffic.lane(&host(number)).place();
        let (first, _second) = (place(1).await, place(1).await);
        let soon = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, place(1)).await.is_err());
        place(2).await;
        drop(first);
        place(1).await;
    }
}
