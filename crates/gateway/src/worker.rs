//! The gateway as a whole: worker threads, and what the rest of the house may ask of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use hermetic_hop::{HopName, Observation, PartyName};
use hermetic_tls::{Clock, Serial};
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::accept;
use crate::drain::{Connections, Drain};
use crate::error::GatewayError;
use crate::live::Live;
use crate::path::Visits;
use crate::record::{AccessLog, AccessRecord, Ledger};
use crate::snapshot::{ListenerSnapshot, Snapshot};
use crate::sockets::Sockets;
use crate::upstream::Pool;

/// A running gateway. Dropping it ends its connections at once; [`Gateway::drain`] lets them finish.
#[derive(Debug)]
pub struct Gateway {
    snapshot: Arc<ArcSwap<Snapshot>>,
    workers: Vec<Running>,
    drain: watch::Sender<Option<Duration>>,
    log: AccessLog,
    visits: Arc<OnceLock<Box<dyn Visits>>>,
}

#[derive(Debug)]
struct Running {
    thread: JoinHandle<()>,
    ledger: Arc<Mutex<Ledger>>,
    live: Live,
}

/// What the stages of one worker share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub clock: Arc<dyn Clock>,
    pub log: AccessLog,
    pub live: Live,
    pub drain: Drain,
    pub connections: Connections,
    snapshot: Arc<ArcSwap<Snapshot>>,
    ledger: Arc<Mutex<Ledger>>,
    visits: Arc<OnceLock<Box<dyn Visits>>>,
    pools: RefCell<Vec<Rc<Pool>>>,
}

impl Gateway {
    /// Starts a worker thread for each set of sockets.
    pub fn start(
        snapshot: Snapshot,
        sockets: Sockets,
        log: AccessLog,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GatewayError> {
        let snapshot = Arc::new(ArcSwap::from_pointee(snapshot));
        let (sender, drain) = Drain::channel();
        let visits = Arc::new(OnceLock::new());
        let mut workers = Vec::new();
        for (number, sockets) in sockets.into_workers().into_iter().enumerate() {
            let (ledger, live) = (Arc::new(Mutex::new(Ledger::default())), Live::default());
            let seed = Seed {
                clock: clock.clone(),
                log: log.clone(),
                live: live.clone(),
                drain: drain.clone(),
                snapshot: snapshot.clone(),
                ledger: ledger.clone(),
                visits: visits.clone(),
            };
            let runtime =
                runtime::Builder::new_current_thread().enable_all().build().map_err(GatewayError::Worker)?;
            let thread = std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || seed.run(&runtime, sockets))
                .map_err(GatewayError::Worker)?;
            workers.push(Running { thread, ledger, live });
        }
        Ok(Self { snapshot, workers, drain: sender, log, visits })
    }

    /// Puts another snapshot in place; connections from now on begin with it.
    pub fn swap(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    /// Forgets the connections and sessions of a hop: the next request over it begins with a full
    /// handshake, which looks at the far end as it is now. What is under way ends as it may.
    pub fn forget_connections(&self, hop: &HopName) -> Result<(), GatewayError> {
        for hop in self.snapshot.load().hops(hop) {
            let failure = |source| GatewayError::Settings { party: hop.name.to.clone(), source };
            hop.forget_connections().map_err(failure)?;
        }
        Ok(())
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
            ledger.observations().cloned().collect::<Vec<_>>()
        };
        Observation::merged(self.workers.iter().flat_map(of_worker))
    }

    /// Access records that could not be written since the start.
    pub fn access_records_lost(&self) -> u64 {
        self.log.lost()
    }

    /// Ends the live connections of a client certificate; gives how many there were.
    pub fn end_connections(&self, issuer: &str, serial: &Serial) -> usize {
        self.workers.iter().map(|worker| worker.live.end(issuer, serial)).sum()
    }

    /// Accepts nothing more, lets live connections finish within `deadline`, ends the rest, and
    /// returns when all is over. Blocks: call it from a thread that may wait.
    pub fn drain(self, deadline: Duration) {
        self.drain.send_replace(Some(deadline));
        for worker in self.workers {
            if worker.thread.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
        self.log.flush();
    }
}

/// What a worker thread is given; the rest is made in it, since it can't leave it.
struct Seed {
    clock: Arc<dyn Clock>,
    log: AccessLog,
    live: Live,
    drain: Drain,
    snapshot: Arc<ArcSwap<Snapshot>>,
    ledger: Arc<Mutex<Ledger>>,
    visits: Arc<OnceLock<Box<dyn Visits>>>,
}

impl Seed {
    fn run(self, runtime: &runtime::Runtime, sockets: Vec<(PartyName, std::net::TcpListener)>) {
        let worker = Rc::new(Worker {
            clock: self.clock,
            log: self.log,
            live: self.live,
            drain: self.drain,
            connections: Connections::default(),
            snapshot: self.snapshot,
            ledger: self.ledger,
            visits: self.visits,
            pools: RefCell::default(),
        });
        LocalSet::new().block_on(runtime, worker.serve(sockets));
    }
}

impl Worker {
    /// Accepts on all sockets until the drain starts, then waits for the connections to finish.
    async fn serve(self: Rc<Self>, sockets: Vec<(PartyName, std::net::TcpListener)>) {
        for (listener, socket) in sockets {
            tokio::task::spawn_local(accept::listen(self.clone(), listener, socket));
        }
        let deadline = self.drain.clone().started().await;
        if tokio::time::timeout(deadline, self.connections.none()).await.is_err() {
            tracing::warn!("the drain's deadline passed with connections still open; they are cut");
        }
    }

    /// The listener of that name as it is configured now.
    pub fn listener(&self, name: &PartyName) -> Option<Arc<ListenerSnapshot>> {
        self.snapshot.load().listeners.get(name).cloned()
    }

    /// The store behind the end of a path.
    pub fn visits(&self) -> Option<&dyn Visits> {
        self.visits.get().map(|store| &**store)
    }

    /// Writes to the ledger.
    pub fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes to the access log, making the record only where somebody reads it.
    pub fn log<'a>(&self, record: impl FnOnce() -> AccessRecord<'a>) {
        if self.log.is_open() {
            self.log.write(&record());
        }
    }

    /// The pool of a hop. A connection that began with an older snapshot keeps that one's pool.
    pub fn pool(&self, hop: &Arc<crate::snapshot::HopSnapshot>) -> Rc<Pool> {
        let mut pools = self.pools.borrow_mut();
        if let Some(pool) = pools.iter().find(|pool| pool.is_of(hop)) {
            return pool.clone();
        }
        // A hop that nothing but its pool knows any more belongs to a snapshot that is gone.
        pools.retain(|pool| !pool.is_abandoned());
        let pool = Rc::new(Pool::new(hop.clone()));
        pools.push(pool.clone());
        pool
    }
}
