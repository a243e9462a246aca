//! The gateway as a whole: worker threads, and what the rest of the house may ask of them.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use hermetic_config::Listener;
use hermetic_hop::{HopName, Observation, PartyName};
use hermetic_tls::{Clock, RevocationList};
use tokio::runtime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::accept::Waiting;
use crate::crl::{self, Watched};
use crate::drain::Drain;
use crate::error::GatewayError;
use crate::limits::{Limiter, Occupancy, Refusals};
use crate::live::Live;
use crate::orders::Order;
use crate::path::Visits;
use crate::record::{AccessLog, GuardCount, Ledger, PolicyCount};
use crate::revoking::Revoking;
use crate::snapshot::{Changes, ListenerSnapshot, Snapshot};
use crate::sockets::{Bind, Sockets};
use crate::upstream::Spoken;
use crate::worker::Seed;

/// A running gateway. Dropping it ends its connections at once; [`Gateway::drain`] lets them finish.
#[derive(Debug)]
pub struct Gateway {
    snapshot: Arc<ArcSwap<Snapshot>>,
    /// The sockets of every listener, to be handed to a successor. The workers accept on the same.
    sockets: Mutex<Sockets>,
    workers: Vec<Running>,
    revoking: Arc<Revoking>,
    /// The files of CRLs, watched for as long as it is there.
    crls: Watched,
    drain: watch::Sender<Option<Duration>>,
    /// Closed when no worker runs any more.
    running: watch::Sender<()>,
    log: AccessLog,
    limiter: Limiter,
    visits: Arc<OnceLock<Box<dyn Visits>>>,
}

#[derive(Debug)]
struct Running {
    /// Taken out by whoever waits for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    orders: mpsc::UnboundedSender<Order>,
    ledger: Arc<Mutex<Ledger>>,
}

impl Gateway {
    /// Starts so many worker threads, at least one, among which the sockets are dealt.
    pub fn start(
        snapshot: Snapshot,
        sockets: Sockets,
        workers: usize,
        log: AccessLog,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GatewayError> {
        let snapshot = Arc::new(ArcSwap::from_pointee(snapshot));
        let (sender, drain) = Drain::channel();
        let visits = Arc::new(OnceLock::new());
        let running = watch::Sender::new(());
        let number = NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN);
        let limiter = Limiter::new(number, Instant::now());
        let spoken = Spoken::default();
        let dealt = sockets.dealt(number.get()).map_err(GatewayError::Worker)?;
        let (mut workers, mut lives) = (Vec::new(), Vec::new());
        for (number, dealt) in dealt.into_iter().enumerate() {
            let (orders, told) = mpsc::unbounded_channel();
            let ledger = Arc::new(Mutex::new(Ledger::default()));
            let live = Live::counted_in(ledger.clone());
            let seed = Seed {
                clock: clock.clone(),
                log: log.clone(),
                live: live.clone(),
                drain: drain.clone(),
                limiter: limiter.clone(),
                spoken: spoken.clone(),
                snapshot: snapshot.clone(),
                ledger: ledger.clone(),
                visits: visits.clone(),
                orders: told,
                running: running.subscribe(),
            };
            let runtime =
                runtime::Builder::new_current_thread().enable_all().build().map_err(GatewayError::Worker)?;
            let thread = std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || seed.run(&runtime, dealt))
                .map_err(GatewayError::Worker)?;
            workers.push(Running { thread: Mutex::new(Some(thread)), orders, ledger });
            lives.push(live);
        }
        let revoking = Arc::new(Revoking::new(snapshot.clone(), lives, clock));
        let crls = crl::watch(revoking.clone()).map_err(GatewayError::Worker)?;
        let sockets = Mutex::new(sockets);
        Ok(Self { snapshot, sockets, workers, revoking, crls, drain: sender, running, log, limiter, visits })
    }

    /// The snapshot in place.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// New sockets for those of these listeners that have none yet. Nobody accepts on them until they come
    /// with a snapshot to [`Gateway::replace`].
    pub fn sockets_missing(&self, listeners: &[Listener]) -> Result<Sockets, GatewayError> {
        self.sockets().missing(listeners, self.workers.len())
    }

    /// Puts another snapshot in place with the sockets that it needs beyond those that are there.
    ///
    /// Connections from now on begin with it; those that are there keep what they began with. Those of a
    /// listener that is gone are cut after `farewell`. Sockets of listeners that stay are not touched.
    pub async fn replace(
        &self,
        snapshot: Snapshot,
        missing: Sockets,
        farewell: Duration,
    ) -> Result<Changes, GatewayError> {
        let dealt = missing.dealt(self.workers.len()).map_err(GatewayError::Worker)?;
        let before = self.snapshot.load_full();
        let gone = snapshot.binds_gone_since(&before);
        self.sockets().close(&gone);
        // While the listeners that go are still in place, or who waits at them would find none.
        self.stop_accepting(&gone, Waiting::Taken).await;
        self.sockets().extend(missing);
        let changes = snapshot.succeed(&before, farewell);
        self.crls.keep(before.listeners.values());
        self.snapshot.store(Arc::new(snapshot));
        for (worker, dealt) in self.workers.iter().zip(dealt) {
            // A worker that is gone has said so.
            let _ = worker.orders.send(Order::Accept(dealt));
        }
        // The hops that are gone with it.
        drop(before);
        self.sweep();
        // It may know of more.
        self.end_revoked();
        Ok(changes)
    }

    /// The same listening sockets once more, for a process that takes over.
    pub fn sockets_to_hand_over(&self) -> std::io::Result<Sockets> {
        self.sockets().try_clone()
    }

    /// Leaves the sockets to a process that has them, too: accepts nothing more, leaves alone who waits in
    /// a backlog, and lets live connections finish within `farewell`. [`Gateway::finished`] says when they have.
    pub async fn retire(&self, farewell: Duration) {
        let binds: Vec<Bind> = self.sockets().places().map(|(bind, _)| bind.clone()).collect();
        self.stop_accepting(&binds, Waiting::Left).await;
        self.sockets().close(&binds);
        self.snapshot.load().end_within(farewell);
        for worker in &self.workers {
            let _ = worker.orders.send(Order::Finish(farewell));
        }
    }

    /// Waits until no worker runs any more, which is when the last connection is over after
    /// [`Gateway::retire`] or [`Gateway::drain`]; what they recorded is written then.
    pub async fn finished(&self) {
        self.running.closed().await;
        let threads = self
            .workers
            .iter()
            .filter_map(|worker| worker.thread.lock().unwrap_or_else(PoisonError::into_inner).take());
        // They have nothing left to do, so nobody waits here.
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
        self.log.flush();
    }

    /// Ends accepting at these places in every worker.
    async fn stop_accepting(&self, binds: &[Bind], waiting: Waiting) {
        if binds.is_empty() {
            return;
        }
        let told: Vec<_> = self.workers.iter().map(|worker| worker.stop(binds, waiting)).collect();
        for done in told {
            // An error means that the worker is gone, and its sockets with it.
            let _ = done.await;
        }
    }

    fn sockets(&self) -> std::sync::MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the connections and sessions of a hop: the next request over it begins with a full
    /// handshake, which looks at the far end as it is now. What is under way ends as it may.
    pub fn forget_connections(&self, hop: &HopName) -> Result<(), GatewayError> {
        for hop in self.snapshot.load().hops(hop) {
            let failure = |source| GatewayError::Settings { party: hop.name.to.clone(), source };
            hop.forget_connections().map_err(failure)?;
        }
        self.sweep();
        Ok(())
    }

    /// Has the workers close the idle connections that no snapshot leads to.
    fn sweep(&self) {
        for worker in &self.workers {
            let _ = worker.orders.send(Order::Sweep);
        }
    }

    /// From now on each visit of a path's page is kept in this store. The first one that is named stays.
    pub fn keep_visits(&self, store: Box<dyn Visits>) {
        if self.visits.set(store).is_err() {
            tracing::warn!("visits are kept in another store already");
        }
    }

    /// What was seen of each hop since the start.
    pub fn observations(&self) -> Vec<Observation> {
        let of_worker = |worker: &Running| {
            let ledger = worker.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.observations().collect::<Vec<_>>()
        };
        Observation::merged(self.workers.iter().flat_map(of_worker))
    }

    /// What the guard did since the start.
    pub fn guard_counts(&self) -> Vec<GuardCount> {
        let of_worker = |worker: &Running| {
            let ledger = worker.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.guard_counts().collect::<Vec<_>>()
        };
        GuardCount::merged(self.workers.iter().flat_map(of_worker))
    }

    /// What policy documents decided since the start.
    pub fn policy_counts(&self) -> Vec<PolicyCount> {
        let of_worker = |worker: &Running| {
            let ledger = worker.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.policy_counts().collect::<Vec<_>>()
        };
        PolicyCount::merged(self.workers.iter().flat_map(of_worker))
    }

    /// Where access records go.
    pub fn access_log(&self) -> &AccessLog {
        &self.log
    }

    /// Has all listeners together take on no more connections than this, whatever each of them allows;
    /// `None`: as many as they allow.
    pub fn limit_connections(&self, most: Option<NonZeroUsize>) {
        self.limiter.limit_connections(most);
    }

    /// What each listener has taken on at the moment.
    pub fn occupancy(&self) -> Vec<Occupancy> {
        self.limiter.occupancy()
    }

    /// How often which limit was reached since the start.
    pub fn refusals(&self) -> Vec<Refusals> {
        self.limiter.refusals()
    }

    /// Access records that could not be written since the start.
    pub fn access_records_lost(&self) -> u64 {
        self.log.lost()
    }

    /// Ends the live connections whose client's certificate is revoked by now, and no other; gives how many
    /// there were. Forgets the connections of hops whose far end has shown one that is. Handshakes refuse both
    /// already. To be called after each revocation.
    pub fn end_revoked(&self) -> usize {
        let ended = self.revoking.end_revoked();
        let snapshot = self.snapshot.load();
        for hop in snapshot.all_hops().filter(|hop| hop.rests_on_revoked()) {
            tracing::warn!(hop = %hop.name, "the far end has shown a certificate that is revoked now; it must show another");
            if let Err(error) = hop.forget_connections() {
                tracing::error!(hop = %hop.name, %error, "its connections can't be forgotten");
            }
        }
        self.sweep();
        ended
    }

    /// The CRLs that each listener goes by now.
    pub fn client_crls(&self) -> Vec<(PartyName, RevocationList)> {
        let snapshot = self.snapshot.load();
        let of = |listener: &Arc<ListenerSnapshot>| {
            let lists = listener.termination().map(|termination| termination.revocations.lists());
            let name = listener.name.clone();
            lists.unwrap_or_default().into_iter().map(move |list| (name.clone(), list))
        };
        snapshot.listeners.values().flat_map(of).collect()
    }

    /// Accepts nothing more, lets live connections finish within `deadline`, ends the rest, and
    /// returns when all is over.
    pub async fn drain(&self, deadline: Duration) {
        // The workers close theirs; a copy that stays open would let clients in whom nobody serves.
        *self.sockets() = Sockets::default();
        self.drain.send_replace(Some(deadline));
        self.finished().await;
    }
}

impl Running {
    fn stop(&self, binds: &[Bind], waiting: Waiting) -> oneshot::Receiver<()> {
        let (done, stopped) = oneshot::channel();
        // An order that nobody takes drops `done`.
        let _ = self.orders.send(Order::Stop { binds: binds.to_vec(), waiting, done });
        stopped
    }
}

#[cfg(test)]
mod tests;
