//! A worker: one thread with its own sockets, pools and ledger, on which connections live and die.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use hermetic_hop::HopName;
use hermetic_tls::{Chain, Clock, PeerCertificateProblem};
use jiff::Timestamp;
use tokio::runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;

use crate::drain::{Connections, Drain};
use crate::limits::{Limiter, Places, Turnstile};
use crate::live::{Held, Live};
use crate::orders::{Accepting, Order};
use crate::path::Visits;
use crate::record::{AccessLog, AccessRecord, Ledger};
use crate::snapshot::{HopSnapshot, ListenerSnapshot, Snapshot};
use crate::sockets::{Bind, OfWorker};
use crate::upstream::{Kept, Pool, Spoken};

/// How often is looked for what belongs to no snapshot any more: that of a connection goes with it, however
/// long after a reload that is.
const SWEEP: Duration = Duration::from_secs(5);

/// What the stages of one worker share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub clock: Arc<dyn Clock>,
    pub log: AccessLog,
    pub live: Live,
    pub drain: Drain,
    pub connections: Connections,
    pub limiter: Limiter,
    /// The endpoints that have spoken TLS.
    pub spoken: Spoken,
    pub turnstile: Turnstile,
    /// The connections that have not shown a ClientHello.
    pub silent: Places,
    snapshot: Arc<ArcSwap<Snapshot>>,
    ledger: Arc<Mutex<Ledger>>,
    visits: Arc<OnceLock<Box<dyn Visits>>>,
    pools: RefCell<Vec<Rc<Kept>>>,
}

/// What a task in the background may write to.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    ledger: Arc<Mutex<Ledger>>,
    clock: Arc<dyn Clock>,
}

impl Book {
    /// Writes down what a trial of TLS brought.
    pub fn tried(&self, hop: &HopName, problem: impl FnOnce(Timestamp) -> Option<String>) {
        let at = self.clock.now();
        let problem = problem(at);
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).tried(hop, at, problem);
    }
}

/// What a worker thread is given; the rest is made in it, since it can't leave it.
pub(crate) struct Seed {
    pub clock: Arc<dyn Clock>,
    pub log: AccessLog,
    pub live: Live,
    pub drain: Drain,
    pub limiter: Limiter,
    pub spoken: Spoken,
    pub snapshot: Arc<ArcSwap<Snapshot>>,
    pub ledger: Arc<Mutex<Ledger>>,
    pub visits: Arc<OnceLock<Box<dyn Visits>>>,
    pub orders: mpsc::UnboundedReceiver<Order>,
    /// Says that the worker runs, as long as it lives.
    pub running: watch::Receiver<()>,
}

impl Seed {
    /// Runs the worker to its end.
    pub fn run(self, runtime: &runtime::Runtime, sockets: OfWorker) {
        let (orders, _running) = (self.orders, self.running);
        let worker = Rc::new(Worker {
            clock: self.clock,
            log: self.log,
            live: self.live,
            drain: self.drain,
            connections: Connections::default(),
            limiter: self.limiter,
            spoken: self.spoken,
            turnstile: Turnstile::new(),
            silent: Places::default(),
            snapshot: self.snapshot,
            ledger: self.ledger,
            visits: self.visits,
            pools: RefCell::default(),
        });
        LocalSet::new().block_on(runtime, worker.serve(sockets, orders));
    }
}

impl Worker {
    /// Accepts as it is told until the end, then waits for the connections to finish.
    async fn serve(self: Rc<Self>, sockets: OfWorker, mut orders: mpsc::UnboundedReceiver<Order>) {
        tokio::task::spawn_local(self.turnstile.clone().turn());
        let mut accepting = Accepting::default();
        accepting.begin(&self, sockets);
        let mut drain = self.drain.clone();
        let mut sweeping = tokio::time::interval(SWEEP);
        sweeping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let deadline = loop {
            // Nobody gives orders any more once the gateway is gone, which also starts the drain.
            let order = tokio::select! {
                deadline = drain.started() => break deadline,
                Some(order) = orders.recv() => order,
                _ = sweeping.tick() => Order::Sweep,
            };
            match order {
                Order::Sweep => self.sweep(),
                Order::Accept(sockets) => accepting.begin(&self, sockets),
                Order::Stop { binds, waiting, done } => {
                    let stopped = accepting.stop(&binds, waiting);
                    tokio::task::spawn_local(async move {
                        stopped.await;
                        let _ = done.send(());
                    });
                }
                Order::Finish(deadline) => {
                    // A drain may be asked for while connections finish at their leisure.
                    tokio::select! {
                        deadline = drain.started() => break deadline,
                        () = self.finish(deadline) => return,
                    }
                }
            }
        };
        self.finish(deadline).await;
    }

    async fn finish(&self, deadline: Duration) {
        if tokio::time::timeout(deadline, self.connections.none()).await.is_err() {
            tracing::warn!("the drain's deadline passed with connections still open; they are cut");
        }
    }

    /// The listener at that place as it is configured now.
    pub fn listener(&self, bind: &Bind) -> Option<Arc<ListenerSnapshot>> {
        self.snapshot.load().listeners.get(bind).cloned()
    }

    /// What is wrong with the client of a connection that is entered among the live ones, if anything is by
    /// what its listener knows now. The listener may have another snapshot than the connection began with,
    /// and may have heard of a revocation since the handshake verified the certificate.
    pub fn problem(&self, held: &Held, chain: &Chain) -> Option<PeerCertificateProblem> {
        held.problem(chain, &self.snapshot.load(), self.clock.now())
    }

    /// The store behind the end of a path.
    pub fn visits(&self) -> Option<&dyn Visits> {
        self.visits.get().map(|store| &**store)
    }

    /// Writes to the ledger.
    pub fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger and the clock, for what goes on in the background.
    pub fn book(&self) -> Book {
        Book { ledger: self.ledger.clone(), clock: self.clock.clone() }
    }

    /// Writes to the access log, making the record only where somebody reads it.
    pub fn log<'a>(&self, record: impl FnOnce() -> AccessRecord<'a>) {
        if self.log.is_open() {
            self.log.write(&record());
        }
    }

    /// The pool of a hop; where there is a PROXY header, one of the client's own that it tells of.
    pub fn pool_introducing(&self, hop: &Arc<HopSnapshot>, header: Option<Bytes>) -> Pool {
        let shared = self.pool(hop);
        match header {
            Some(header) => shared.introducing(header),
            None => shared,
        }
    }

    /// Records that an upstream could not answer; gives the reference under which the reason is on record.
    pub fn upstream_failed(&self, hop: &HopSnapshot, reason: &str) -> String {
        let at = self.clock.now();
        let reference = format!("{:x}", at.as_nanosecond() & 0xffff_ffff_ffff);
        tracing::warn!(hop = %hop.name, %reference, %reason, "an upstream could not answer");
        self.log(|| AccessRecord::UpstreamFailed {
            at,
            from: &hop.name.from,
            to: &hop.name.to,
            reference: &reference,
            error: reason,
        });
        reference
    }

    /// The pool of a hop. A connection that began with an older snapshot keeps that one's pool.
    pub fn pool(&self, hop: &Arc<HopSnapshot>) -> Pool {
        let mut pools = self.pools.borrow_mut();
        if let Some(pool) = pools.iter().find_map(|kept| kept.lend(hop)) {
            return pool;
        }
        let kept = Rc::new(Kept::new(hop));
        pools.push(kept.clone());
        Pool::of(hop, kept)
    }

    /// Closes the idle connections of hops that belong to no snapshot any more, or were to be forgotten.
    fn sweep(&self) {
        self.pools.borrow_mut().retain(|kept| !kept.is_abandoned());
    }
}
