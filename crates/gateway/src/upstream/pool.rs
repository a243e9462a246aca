//! The pool of one hop in one worker: idle HTTP/1.1 connections, the newest first, and one HTTP/2
//! connection that all requests share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::connect;
use super::error::UpstreamError;
use crate::body::RequestBody;
use crate::sightings::Sighted;
use crate::snapshot::HopSnapshot;
use crate::worker::Worker;

/// Idle connections that are kept, at most; more are closed.
const IDLE: usize = 256;

/// An idle connection older than this is not trusted to be alive: origins close theirs after 60
/// (nginx 75) seconds.
const IDLE_TIME: Duration = Duration::from_secs(55);

/// A connection is not used longer than this, so that renewed certificates and changed policies
/// reach every hop (pooled connections of meshes outlived their certificates).
const LIFE: Duration = Duration::from_secs(3600);

/// How long a connection may be used whose certificates are valid for `remaining`: well short of
/// their end, since they are renewed at two thirds of their life.
pub(super) fn life(remaining: Option<Duration>) -> Duration {
    remaining.map_or(LIFE, |remaining| LIFE.min(remaining / 4))
}

/// The connections of one hop.
#[derive(Debug)]
pub(crate) struct Pool {
    hop: Arc<HopSnapshot>,
    /// The hop's generation when the pool was made.
    generation: u64,
    idle: RefCell<Vec<Idle>>,
    shared: RefCell<Option<(http2::SendRequest<RequestBody>, Rc<UpstreamConnection>)>>,
    /// Held while connecting where HTTP/2 may come of it, so that a burst of requests opens one
    /// connection and not one each.
    opening: tokio::sync::Mutex<()>,
    speaks_http2: Cell<Option<bool>>,
    turn: Cell<usize>,
}

/// A connection to an endpoint.
#[derive(Debug)]
pub(crate) struct UpstreamConnection {
    pub sighted: Sighted,
    /// From then on no request begins on it.
    pub retires: Instant,
    pub task: AbortHandle,
}

#[derive(Debug)]
struct Idle {
    sender: http1::SendRequest<RequestBody>,
    connection: Rc<UpstreamConnection>,
    since: Instant,
}

/// What a request needs of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Whatever the upstream speaks best.
    Any,
    /// HTTP/1.1, for an upgrade.
    Http1,
}

/// The sending half of a connection.
#[derive(Debug)]
pub(crate) enum Sender {
    Http1(http1::SendRequest<RequestBody>),
    Http2(http2::SendRequest<RequestBody>),
}

/// A connection taken for one request.
#[derive(Debug)]
pub(crate) struct Checkout {
    pub sender: Sender,
    pub connection: Rc<UpstreamConnection>,
    /// Whether it served requests before: then it may have died unseen.
    pub reused: bool,
}

/// An HTTP/1.1 connection on loan. Given back at the end of its response; dropped before, the
/// connection is cut, since the rest of the response would be in the way of the next.
#[derive(Debug)]
pub(crate) struct Lease {
    pool: Rc<Pool>,
    sender: Option<http1::SendRequest<RequestBody>>,
    connection: Rc<UpstreamConnection>,
    single_use: bool,
}

impl Pool {
    pub fn new(hop: Arc<HopSnapshot>) -> Self {
        Self {
            generation: hop.generation(),
            hop,
            idle: RefCell::default(),
            shared: RefCell::default(),
            opening: tokio::sync::Mutex::default(),
            speaks_http2: Cell::new(None),
            turn: Cell::new(0),
        }
    }

    /// Whether it was made for this very hop of this very snapshot, and nobody has had the hop's
    /// connections forgotten since.
    pub fn is_of(&self, hop: &Arc<HopSnapshot>) -> bool {
        Arc::ptr_eq(&self.hop, hop) && self.generation == hop.generation()
    }

    /// A connection for one request: an idle one, the shared one, or a new one.
    pub async fn checkout(&self, worker: &Worker, wanted: Wanted) -> Result<Checkout, UpstreamError> {
        if let Some(checkout) = self.reuse(wanted) {
            return Ok(checkout);
        }
        if wanted == Wanted::Http1 || self.speaks_http2.get() == Some(false) {
            return self.open(worker, wanted).await;
        }
        let _opening = self.opening.lock().await;
        match self.reuse(wanted) {
            Some(checkout) => Ok(checkout),
            None => self.open(worker, wanted).await,
        }
    }

    /// Forgets the shared connection, which has just failed.
    pub fn forget_shared(&self) {
        self.shared.borrow_mut().take();
    }

    fn reuse(&self, wanted: Wanted) -> Option<Checkout> {
        if wanted == Wanted::Any {
            let mut shared = self.shared.borrow_mut();
            match shared.as_ref() {
                Some((sender, connection)) if !sender.is_closed() && Instant::now() < connection.retires => {
                    let sender = Sender::Http2(sender.clone());
                    return Some(Checkout { sender, connection: connection.clone(), reused: true });
                }
                _ => *shared = None,
            }
        }
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { sender, connection, since }) = idle.pop() {
            if sender.is_ready() && since.elapsed() < IDLE_TIME && Instant::now() < connection.retires {
                return Some(Checkout { sender: Sender::Http1(sender), connection, reused: true });
            }
        }
        None
    }

    /// Connects to the endpoints in turn, beginning with the next, until one answers.
    async fn open(&self, worker: &Worker, wanted: Wanted) -> Result<Checkout, UpstreamError> {
        let endpoints = &self.hop.endpoints;
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let mut outcome = Err(UpstreamError::Request);
        for endpoint in endpoints.iter().cycle().skip(turn % endpoints.len().max(1)).take(endpoints.len()) {
            outcome = connect::open(worker, &self.hop, endpoint, wanted).await;
            match &outcome {
                Ok(_) => break,
                Err(error) => tracing::debug!(hop = %self.hop.name, %error, "an endpoint can't be used"),
            }
        }
        let (sender, connection) = outcome?;
        if wanted == Wanted::Any {
            self.speaks_http2.set(Some(matches!(sender, Sender::Http2(_))));
        }
        if let Sender::Http2(sender) = &sender {
            *self.shared.borrow_mut() = Some((sender.clone(), connection.clone()));
        }
        Ok(Checkout { sender, connection, reused: false })
    }
}

impl Lease {
    pub fn new(
        pool: Rc<Pool>,
        sender: http1::SendRequest<RequestBody>,
        connection: Rc<UpstreamConnection>,
    ) -> Self {
        Self { pool, sender: Some(sender), connection, single_use: false }
    }

    /// Whether the connection must be cut after this response: the request's body was never sent.
    pub fn single_use(mut self, single_use: bool) -> Self {
        self.single_use = single_use;
        self
    }

    /// Gives the connection back to its pool.
    pub fn give_back(mut self) {
        if self.single_use {
            return;
        }
        let pool = self.pool.clone();
        let mut idle = pool.idle.borrow_mut();
        if let Some(sender) = self.sender.take().filter(|sender| !sender.is_closed() && idle.len() < IDLE) {
            idle.push(Idle { sender, connection: self.connection.clone(), since: Instant::now() });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.sender.is_some() {
            self.connection.task.abort();
        }
    }
}
