//! The connections to one endpoint: idle HTTP/1.1 connections, the newest first, and one HTTP/2
//! connection that all requests share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hermetic_config::Endpoint;
use hermetic_hop::Transport;
use hyper::client::conn::{http1, http2};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::connect;
use super::error::UpstreamError;
use super::reach::Reached;
use super::speech::Speech;
use super::streams::{Stream, Streams};
use super::trial;
use crate::body::RequestBody;
use crate::sightings::Sighted;
use crate::snapshot::HopSnapshot;
use crate::wire::Wire;
use crate::worker::Worker;

/// Idle connections that are kept, at most; more are closed.
const IDLE: usize = 256;

/// An idle connection older than this is not trusted to be alive: origins close theirs after 60
/// (nginx 75) seconds.
const IDLE_TIME: Duration = Duration::from_secs(55);

/// A connection is not used longer than this, so that renewed certificates and changed policies
/// reach every hop (pooled connections of meshes outlived their certificates).
pub(super) const LIFE: Duration = Duration::from_secs(3600);

/// How long an endpoint that could not be reached is left in peace while others can.
const REST: Duration = Duration::from_secs(5);

/// The connections to one endpoint.
#[derive(Debug)]
pub(crate) struct Place {
    target: Target,
    idle: RefCell<Vec<Idle>>,
    /// More than one only where the upstream limits the streams of each.
    shared: RefCell<Vec<(http2::SendRequest<RequestBody>, Rc<UpstreamConnection>)>>,
    /// Held while connecting where HTTP/2 may come of it, so that a burst of requests opens one
    /// connection and not one each.
    opening: tokio::sync::Mutex<()>,
    speaks_http2: Cell<Option<bool>>,
    failures: Cell<u64>,
    /// Shared with the places of one client each.
    rests_until: Rc<Cell<Option<Instant>>>,
    /// Whether it speaks TLS, where that is not demanded; shared likewise.
    speech: Rc<Speech>,
}

/// Where connections go, and what is said first on each.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub endpoint: Endpoint,
    /// The PROXY header.
    pub header: Bytes,
}

/// A connection to an endpoint.
#[derive(Debug)]
pub(crate) struct UpstreamConnection {
    pub sighted: Sighted,
    /// From then on no request begins on it.
    pub retires: Instant,
    pub task: AbortHandle,
    /// Its streams, where it speaks HTTP/2.
    pub streams: Streams,
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
    /// No HTTP at all.
    Bytes,
}

/// Whether a connection may have served before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It may.
    Any,
    /// It may not: one that did has just turned out to be dead.
    New,
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
    /// The stream that the request takes, where it speaks HTTP/2.
    pub stream: Option<Stream>,
    /// Whether it served requests before: then it may have died unseen.
    pub reused: bool,
}

impl UpstreamConnection {
    /// Whether it is in cleartext.
    pub fn is_plain(&self) -> bool {
        matches!(self.sighted.sighting.evidence.transport, Transport::Cleartext { .. })
    }
}

impl Sender {
    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Http1(sender) => sender.is_closed(),
            Self::Http2(sender) => sender.is_closed(),
        }
    }
}

impl Place {
    /// An endpoint to which there is no connection yet.
    pub fn new(endpoint: Endpoint) -> Self {
        Self::of(Target { endpoint, header: Bytes::new() }, Rc::default(), Rc::default())
    }

    /// The same endpoint for the connections of one client, which this header tells of.
    pub fn introducing(&self, header: Bytes) -> Self {
        let target = Target { header, ..self.target.clone() };
        Self::of(target, self.rests_until.clone(), self.speech.clone())
    }

    fn of(target: Target, rests_until: Rc<Cell<Option<Instant>>>, speech: Rc<Speech>) -> Self {
        Self {
            target,
            idle: RefCell::default(),
            shared: RefCell::default(),
            opening: tokio::sync::Mutex::default(),
            speaks_http2: Cell::new(None),
            failures: Cell::new(0),
            rests_until,
            speech,
        }
    }

    /// Whether it could not be reached a moment ago.
    pub fn rests(&self) -> bool {
        self.rests_until.get().is_some_and(|until| Instant::now() < until)
    }

    /// A connection for one request: an idle one, a shared one, or a new one.
    pub async fn checkout(
        self: &Rc<Self>,
        worker: &Worker,
        hop: &Arc<HopSnapshot>,
        wanted: Wanted,
        freshness: Freshness,
    ) -> Result<Checkout, UpstreamError> {
        trial::now_and_then(worker, hop, &self.target, &self.speech, wanted);
        if freshness == Freshness::New {
            return self.open(worker, hop, wanted).await;
        }
        if let Some(checkout) = self.reuse(wanted) {
            return Ok(checkout);
        }
        let alone = || wanted == Wanted::Http1 || self.speaks_http2.get() == Some(false);
        if alone() {
            return self.open(worker, hop, wanted).await;
        }
        let failures = self.failures.get();
        let opening = self.opening.lock().await;
        if let Some(checkout) = self.reuse(wanted) {
            return Ok(checkout);
        }
        // Whoever was first has failed meanwhile: those who waited don't each wait for it again.
        if self.failures.get() != failures {
            return Err(UpstreamError::Resting { endpoint: self.target.endpoint.to_string() });
        }
        // Or found that connections can't be shared; nobody waits for another then.
        let _opening = (!alone()).then_some(opening);
        self.open(worker, hop, wanted).await
    }

    /// A connection of its own for bytes of any protocol.
    pub async fn open_bytes(
        &self,
        worker: &Worker,
        hop: &Arc<HopSnapshot>,
    ) -> Result<Reached, UpstreamError> {
        trial::now_and_then(worker, hop, &self.target, &self.speech, Wanted::Bytes);
        let opened = connect::open_bytes(worker, hop, &self.target, &self.speech).await;
        self.tried(opened.is_ok());
        opened
    }

    /// A connection of its own over which the client's own TLS passes.
    pub async fn open_wire(&self, worker: &Worker, hop: &HopSnapshot) -> Result<Wire, UpstreamError> {
        let opened = connect::open_wire(worker, hop, &self.target).await;
        self.tried(opened.is_ok());
        opened
    }

    /// Forgets a shared connection that can't be used any more.
    pub fn forget(&self, connection: &Rc<UpstreamConnection>) {
        self.shared.borrow_mut().retain(|(_, shared)| !Rc::ptr_eq(shared, connection));
    }

    /// Takes back a connection whose response is through.
    pub fn give_back(&self, sender: http1::SendRequest<RequestBody>, connection: Rc<UpstreamConnection>) {
        let mut idle = self.idle.borrow_mut();
        // The oldest stand first; those that nobody would take are closed.
        let expired = idle.iter().take_while(|idle| idle.since.elapsed() >= IDLE_TIME).count();
        idle.drain(..expired);
        if !sender.is_closed() && idle.len() < IDLE {
            idle.push(Idle { sender, connection, since: Instant::now() });
        }
    }

    fn reuse(self: &Rc<Self>, wanted: Wanted) -> Option<Checkout> {
        let checkout = |sender, connection, stream| {
            let place = self.clone();
            Checkout { place, sender, connection, stream, reused: true }
        };
        if wanted == Wanted::Any {
            let mut shared = self.shared.borrow_mut();
            shared.retain(|(sender, connection)| !sender.is_closed() && Instant::now() < connection.retires);
            for (sender, connection) in shared.iter() {
                if let Some(stream) = connection.streams.begin() {
                    return Some(checkout(Sender::Http2(sender.clone()), connection.clone(), Some(stream)));
                }
            }
        }
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { sender, connection, since }) = idle.pop() {
            if sender.is_ready() && since.elapsed() < IDLE_TIME && Instant::now() < connection.retires {
                return Some(checkout(Sender::Http1(sender), connection, None));
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
        let opened = connect::open(worker, hop, &self.target, &self.speech, wanted).await;
        self.tried(opened.is_ok());
        let (sender, connection) = opened?;
        if wanted == Wanted::Any {
            self.speaks_http2.set(Some(matches!(sender, Sender::Http2(_))));
        }
        let mut stream = None;
        if let Sender::Http2(sender) = &sender {
            stream = connection.streams.begin();
            self.shared.borrow_mut().push((sender.clone(), connection.clone()));
        }
        Ok(Checkout { place: self.clone(), sender, connection, stream, reused: false })
    }
}

impl Place {
    /// An endpoint that could not be reached rests for a while.
    fn tried(&self, reached: bool) {
        self.rests_until.set((!reached).then(|| Instant::now() + REST));
        self.failures.set(self.failures.get() + u64::from(!reached));
    }
}

/// How long a connection may be used whose certificates are valid for `remaining`: well short of
/// their end, since they are renewed at two thirds of their life.
pub(super) fn life(remaining: Duration) -> Duration {
    LIFE.min(remaining / 4)
}
