//! The pool of one hop in one worker: the endpoints of its upstream, taken in turn.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use hermetic_hop::View;

use super::error::UpstreamError;
use super::place::{Checkout, Freshness, Place, Wanted};
use crate::snapshot::HopSnapshot;
use crate::worker::Worker;

/// The connections of one hop.
#[derive(Debug)]
pub(crate) struct Pool {
    hop: Arc<HopSnapshot>,
    /// The hop's generation when the pool was made.
    generation: u64,
    places: Vec<Rc<Place>>,
    turn: Cell<usize>,
}

impl Pool {
    /// A pool without connections.
    pub fn new(hop: Arc<HopSnapshot>) -> Self {
        let places = hop.endpoints.iter().cloned().map(|endpoint| Rc::new(Place::new(endpoint))).collect();
        Self { generation: hop.generation(), hop, places, turn: Cell::new(0) }
    }

    /// Whether it was made for this very hop of this very snapshot, and nobody has had the hop's
    /// connections forgotten since.
    pub fn is_of(&self, hop: &Arc<HopSnapshot>) -> bool {
        Arc::ptr_eq(&self.hop, hop) && self.generation == hop.generation()
    }

    /// Whether no snapshot has this hop any more, or its connections were to be forgotten.
    pub fn is_abandoned(&self) -> bool {
        Arc::strong_count(&self.hop) == 1 || self.generation != self.hop.generation()
    }

    /// A connection for one request, of the endpoint whose turn it is. One that can't be reached
    /// gives its turn to the next, and rests for a while; when all rest, all are tried.
    pub async fn checkout(
        &self,
        worker: &Worker,
        wanted: Wanted,
        freshness: Freshness,
    ) -> Result<Checkout, UpstreamError> {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let first = turn % self.places.len().max(1);
        let in_turn = || self.places.iter().cycle().skip(first).take(self.places.len());
        let awake = in_turn().filter(|place| !place.rests());
        let resting = in_turn().filter(|place| place.rests());
        let mut outcome = Err(UpstreamError::Request);
        for place in awake.chain(resting).collect::<Vec<_>>() {
            outcome = place.checkout(worker, &self.hop, wanted, freshness).await;
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
