//! The pool of one hop in one worker: the endpoints of its upstream, taken in turn.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use hermetic_hop::View;

use super::error::UpstreamError;
use super::place::{Checkout, Freshness, Place, Wanted};
use super::reach::Reached;
use crate::snapshot::HopSnapshot;
use crate::wire::Wire;
use crate::worker::Worker;

/// The connections of one hop, in the hands of whoever sends something over it.
#[derive(Debug)]
pub(crate) struct Pool {
    hop: Arc<HopSnapshot>,
    kept: Rc<Kept>,
}

/// The connections of one hop, kept for whoever comes next. It does not hold the hop: snapshots do, and the
/// connections that began with them, and where none of them is left, nobody comes.
#[derive(Debug)]
pub(crate) struct Kept {
    hop: Weak<HopSnapshot>,
    /// The hop's generation when the pool was made.
    generation: u64,
    places: Vec<Rc<Place>>,
    turn: Cell<usize>,
}

impl Kept {
    /// No connections yet.
    pub fn new(hop: &Arc<HopSnapshot>) -> Self {
        let places = hop.endpoints.iter().cloned().map(|endpoint| Rc::new(Place::new(endpoint))).collect();
        Self { generation: hop.generation(), hop: Arc::downgrade(hop), places, turn: Cell::new(0) }
    }

    /// The same hop without connections, and whose upstream is told of a client by this header, first on each
    /// of them. It goes on with the endpoint whose turn it is here.
    fn introducing(&self, header: Bytes) -> Self {
        let place = |place: &Rc<Place>| Rc::new(place.introducing(header.clone()));
        let places = self.places.iter().map(place).collect();
        let turn = Cell::new(self.next_turn());
        Self { hop: self.hop.clone(), generation: self.generation, places, turn }
    }

    /// Hands them out where they are of this very hop of this very snapshot, and nobody has had the hop's
    /// connections forgotten since.
    pub fn lend(self: &Rc<Self>, hop: &Arc<HopSnapshot>) -> Option<Pool> {
        let is_of = std::ptr::eq(self.hop.as_ptr(), Arc::as_ptr(hop)) && self.generation == hop.generation();
        is_of.then(|| Pool::of(hop, self.clone()))
    }

    /// Whether nobody can send anything over this hop any more, or its connections were to be forgotten.
    pub fn is_abandoned(&self) -> bool {
        self.hop.upgrade().is_none_or(|hop| self.generation != hop.generation())
    }

    fn next_turn(&self) -> usize {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        turn
    }
}

impl Pool {
    /// The connections of this hop, which were kept for it.
    pub fn of(hop: &Arc<HopSnapshot>, kept: Rc<Kept>) -> Self {
        Self { hop: hop.clone(), kept }
    }

    /// The hop that they are of.
    pub fn hop(&self) -> &HopSnapshot {
        &self.hop
    }

    /// Connections of one client's own, which this header tells of.
    pub fn introducing(&self, header: Bytes) -> Self {
        Self { hop: self.hop.clone(), kept: Rc::new(self.kept.introducing(header)) }
    }

    /// The same, to be kept for the next request.
    pub fn kept(&self) -> Rc<Kept> {
        self.kept.clone()
    }

    /// A connection for one request.
    pub async fn checkout(
        &self,
        worker: &Worker,
        wanted: Wanted,
        freshness: Freshness,
    ) -> Result<Checkout, UpstreamError> {
        self.in_turn(worker, async |place| place.checkout(worker, &self.hop, wanted, freshness).await).await
    }

    /// A connection of its own for bytes of any protocol.
    pub async fn open_bytes(&self, worker: &Worker) -> Result<Reached, UpstreamError> {
        self.in_turn(worker, async |place| place.open_bytes(worker, &self.hop).await).await
    }

    /// A connection of its own over which the client's own TLS passes.
    pub async fn open_wire(&self, worker: &Worker) -> Result<Wire, UpstreamError> {
        self.in_turn(worker, async |place| place.open_wire(worker, &self.hop).await).await
    }

    /// For every endpoint, how a connection of its own comes to stand.
    pub fn each<'p>(
        &'p self,
        worker: &'p Worker,
    ) -> impl Iterator<Item = impl Future<Output = Result<Reached, UpstreamError>> + 'p> + 'p {
        self.kept.places.iter().map(move |place| place.open_bytes(worker, &self.hop))
    }

    /// A connection of the endpoint whose turn it is. One that can't be reached gives its turn to
    /// the next, and rests for a while; when all rest, all are tried.
    async fn in_turn<T>(
        &self,
        worker: &Worker,
        attempt: impl AsyncFn(&Rc<Place>) -> Result<T, UpstreamError>,
    ) -> Result<T, UpstreamError> {
        let places = &self.kept.places;
        let first = self.kept.next_turn() % places.len().max(1);
        let in_turn = || places.iter().cycle().skip(first).take(places.len());
        let awake = in_turn().filter(|place| !place.rests());
        let resting = in_turn().filter(|place| place.rests());
        let mut outcome = Err(UpstreamError::Request);
        for place in awake.chain(resting).collect::<Vec<_>>() {
            outcome = attempt(place).await;
            match &outcome {
                Ok(_) => break,
                Err(error) => tracing::debug!(hop = %self.hop.name, %error, "an endpoint can't be used"),
            }
        }
        if let Err(error) = &outcome {
            let at = worker.clock.now();
            let reason = error.reason(&self.hop.name.to, at);
            worker.ledger().refused(&self.hop.name, View::Client, at, error.step(), &reason);
        }
        outcome
    }
}
