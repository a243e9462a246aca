//! The connections to one endpoint: idle HTTP/1.1 connections, the newest first, and one HTTP/2
//! connection that all requests share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hermetic_config::Endpoint;
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

/// How long an endpoint that could not be reached is left in peace while others can.
const REST: Duration = Duration::from_secs(5);

/// The connections to one endpoint.
#[derive(Debug)]
pub(crate) struct Place {
    endpoint: Endpoint,
    idle: RefCell<Vec<Idle>>,
    shared: RefCell<Option<(http2::SendRequest<RequestBody>, Rc<UpstreamConnection>)>>,
    /// Held while connecting where HTTP/2 may come of it, so that a burst of requests opens one
    /// connection and not one each.
    opening: tokio::sync::Mutex<()>,
    speaks_http2: Cell<Option<bool>>,
    rests_until: Cell<Option<Instant>>,
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
    pub place: Rc<Place>,
    pub sender: Sender,
    pub connection: Rc<UpstreamConnection>,
    /// Whether it served requests before: then it may have died unseen.
    pub reused: bool,
}

impl Place {
    /// An endpoint to which there is no connection yet.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            idle: RefCell::default(),
            shared: RefCell::default(),
            opening: tokio::sync::Mutex::default(),
            speaks_http2: Cell::new(None),
            rests_until: Cell::new(None),
        }
    }

    /// Whether it could not be reached a moment ago.
    pub fn rests(&self) -> bool {
        self.rests_until.get().is_some_and(|until| Instant::now() < until)
    }

    /// A connection for one request: an idle one, the shared one, or a new one.
    pub async fn checkout(
        self: &Rc<Self>,
        worker: &Worker,
        hop: &HopSnapshot,
        wanted: Wanted,
    ) -> Result<Checkout, UpstreamError> {
        if let Some(checkout) = self.reuse(wanted) {
            return Ok(checkout);
        }
        let alone = || wanted == Wanted::Http1 || self.speaks_http2.get() == Some(false);
        if alone() {
            return self.open(worker, hop, wanted).await;
        }
        let opening = self.opening.lock().await;
        if let Some(checkout) = self.reuse(wanted) {
            return Ok(checkout);
        }
        // Whoever was first found that connections can't be shared; nobody waits for another then.
        let _opening = (!alone()).then_some(opening);
        self.open(worker, hop, wanted).await
    }

    /// Forgets the shared connection, which has just failed.
    pub fn forget_shared(&self) {
        self.shared.borrow_mut().take();
    }

    /// Takes back a connection whose response is through.
    pub fn give_back(&self, sender: http1::SendRequest<RequestBody>, connection: Rc<UpstreamConnection>) {
        let mut idle = self.idle.borrow_mut();
        if !sender.is_closed() && idle.len() < IDLE {
            idle.push(Idle { sender, connection, since: Instant::now() });
        }
    }

    fn reuse(self: &Rc<Self>, wanted: Wanted) -> Option<Checkout> {
        let checkout =
            |sender, connection| Checkout { place: self.clone(), sender, connection, reused: true };
        if wanted == Wanted::Any {
            let mut shared = self.shared.borrow_mut();
            match shared.as_ref() {
                Some((sender, connection)) if !sender.is_closed() && Instant::now() < connection.retires => {
                    return Some(checkout(Sender::Http2(sender.clone()), connection.clone()));
                }
                _ => *shared = None,
            }
        }
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { sender, connection, since }) = idle.pop() {
            if sender.is_ready() && since.elapsed() < IDLE_TIME && Instant::now() < connection.retires {
                return Some(checkout(Sender::Http1(sender), connection));
            }
        }
        None
    }

    async fn open(
        self: &Rc<Self>,
        worker: &Worker,
        hop: &HopSnapshot,
        wanted: Wanted,
    ) -> Result<Checkout, UpstreamError> {
        let opened = connect::open(worker, hop, &self.endpoint, wanted).await;
        self.rests_until.set(opened.is_err().then(|| Instant::now() + REST));
        let (sender, connection) = opened?;
        if wanted == Wanted::Any {
            self.speaks_http2.set(Some(matches!(sender, Sender::Http2(_))));
        }
        if let Sender::Http2(sender) = &sender {
            *self.shared.borrow_mut() = Some((sender.clone(), connection.clone()));
        }
        Ok(Checkout { place: self.clone(), sender, connection, reused: false })
    }
}

/// How long a connection may be used whose certificates are valid for `remaining`: well short of
/// their end, since they are renewed at two thirds of their life.
pub(super) fn life(remaining: Option<Duration>) -> Duration {
    remaining.map_or(LIFE, |remaining| LIFE.min(remaining / 4))
}
