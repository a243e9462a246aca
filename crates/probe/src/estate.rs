//! Many targets, several at once, as they come: neither the targets nor what was seen of them is ever held whole.
//!
//! Each worker is a thread with a runtime of its own. They take targets from one queue and put what they saw
//! into another; both are short, so that whoever is slow, the reader of the list, the network or the writer of
//! the reports, slows all others down instead of filling the memory.

use std::num::NonZeroUsize;
use std::sync::Arc;

use hermetic_tls::{Clock, Randomness};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use crate::observe::Manners;
use crate::way::Destination;
use crate::{Depth, Scanned, Target, reach, scan};

/// How a scan of many targets goes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How each is asked.
    pub manners: Manners,
    /// How much each is asked.
    pub depth: Depth,
    /// Whether each address behind a name is looked at, or the first that takes a connection.
    pub each_address: bool,
    /// How many targets are looked at at once.
    pub at_once: NonZeroUsize,
    /// How many threads do that.
    pub workers: NonZeroUsize,
}

/// How many reports wait to be taken before the scan waits for whoever takes them.
const WAITING: usize = 64;

/// What all workers share.
struct Estate<T> {
    plan: Plan,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    targets: Mutex<Receiver<T>>,
    places: Arc<Semaphore>,
    seen: Sender<(Arc<T>, Scanned)>,
}

/// Scans targets as they come, until there are no more or nobody takes what was seen of them. What is seen
/// comes in the order in which it is seen, and of each address apart where each is looked at.
///
/// An error where no thread can be had.
pub fn scan_all<T>(
    targets: Receiver<T>,
    plan: Plan,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> std::io::Result<Receiver<(Arc<T>, Scanned)>>
where
    T: AsRef<Target> + Send + Sync + 'static,
{
    let (seen, taken) = mpsc::channel(WAITING);
    let places = Arc::new(Semaphore::new(plan.at_once.get().min(Semaphore::MAX_PERMITS)));
    let workers = plan.workers.get();
    let estate = Arc::new(Estate { plan, clock, randomness, targets: Mutex::new(targets), places, seen });
    for worker in 0..workers {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let estate = Arc::clone(&estate);
        let work = move || runtime.block_on(estate.work());
        std::thread::Builder::new().name(format!("scan-{worker}")).spawn(work)?;
    }
    Ok(taken)
}

impl<T: AsRef<Target> + Send + Sync + 'static> Estate<T> {
    /// Takes one target after the other, as places become free.
    async fn work(self: Arc<Self>) {
        let mut under_way = JoinSet::new();
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            let next = tokio::select! {
                next = async { self.targets.lock().await.recv().await } => next,
                () = self.seen.closed() => None,
            };
            let Some(target) = next else { break };
            let estate = Arc::clone(&self);
            under_way.spawn(async move {
                estate.look(Arc::new(target)).await;
                drop(place);
            });
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Looks at one target, at one address or at each.
    async fn look(&self, target: Arc<T>) {
        let endpoint = &(*target).as_ref().endpoint;
        let resolving = reach::resolve(&self.plan.manners.way, &endpoint.host, endpoint.port);
        match resolving.await {
            Ok(addresses) if self.plan.each_address => {
                // One after the other: behind a name there is often one machine with two addresses.
                for address in &addresses {
                    self.look_at(&target, std::slice::from_ref(address)).await;
                }
            }
            Ok(addresses) => self.look_at(&target, &addresses).await,
            Err(reason) => {
                let nothing = Scanned::unreachable(self.clock.now(), reason);
                self.seen.send((target, nothing)).await.ok();
            }
        }
    }

    async fn look_at(&self, target: &Arc<T>, addresses: &[Destination]) {
        let Plan { manners, depth, each_address, .. } = &self.plan;
        let lane = addresses.first().map(|address| manners.way.lane(address));
        let _visit = match lane {
            Some(lane) => Some(lane.visit().await),
            None => None,
        };
        let looking = scan(
            (**target).as_ref(),
            addresses,
            *depth,
            manners,
            Arc::clone(&self.clock),
            self.randomness.as_ref(),
        );
        // Whoever takes no more wants nothing more asked.
        tokio::select! {
            mut scanned = looking => {
                if *each_address {
                    // Which one took no connection has to be known where there are several.
                    scanned.address = scanned.address.or_else(|| addresses.first().cloned());
                }
                self.seen.send((Arc::clone(target), scanned)).await.ok();
            }
            () = self.seen.closed() => {}
        }
    }
}
