//! Targets that are scanned once, however often they were given.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use hermetic_hop::ExternalEndpoint;

use super::{Next, Targets};

/// The most endpoints that are remembered. Of those behind them one that comes again is scanned again.
const MOST: usize = 65_536;

/// The endpoints that came so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<Mutex<HashSet<ExternalEndpoint>>>);

impl Known {
    /// These targets without those that came before; lines that are no target all pass.
    pub(super) fn without(&self, targets: Targets) -> Targets {
        let known = self.clone();
        Box::new(targets.filter(move |next| known.is_new(next)))
    }

    fn is_new(&self, next: &Next) -> bool {
        let Ok(named) = next else { return true };
        let endpoint = &named.target.endpoint;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST { known.insert(endpoint.clone()) } else { !known.contains(endpoint) }
    }
}
