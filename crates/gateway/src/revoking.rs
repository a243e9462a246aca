//! Revoking: what the workers' live connections rest on, held against what their listeners know.

use std::sync::Arc;

use arc_swap::ArcSwap;
use hermetic_tls::{Chain, Clock};
use jiff::Timestamp;

use crate::live::{Held, Live};
use crate::snapshot::Snapshot;

/// The snapshot in place and the live connections of every worker.
#[derive(Debug)]
pub(crate) struct Revoking {
    snapshot: Arc<ArcSwap<Snapshot>>,
    live: Vec<Live>,
    clock: Arc<dyn Clock>,
}

impl Revoking {
    pub fn new(snapshot: Arc<ArcSwap<Snapshot>>, live: Vec<Live>, clock: Arc<dyn Clock>) -> Self {
        Self { snapshot, live, clock }
    }

    /// The snapshot in place.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Ends the live connections whose client's certificate is revoked by now; gives how many there were.
    pub fn end_revoked(&self) -> usize {
        let snapshot = self.snapshot();
        let revoked = |held: &Held, chain: &Chain| held.is_revoked(chain, &snapshot);
        let ended = self.live.iter().map(|live| live.end(revoked)).sum();
        if ended > 0 {
            tracing::warn!(
                connections = ended,
                "connections were ended: their clients' certificates are revoked"
            );
        }
        ended
    }
}
