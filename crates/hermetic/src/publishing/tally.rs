//! What became of requests, for metrics.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hermetic_x509::publication::{Outcome, Subject};

/// How often which request ended how, since the start.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<(Subject, Outcome), u64>>);

impl Tally {
    /// Counts one.
    pub(super) fn count(&self, subject: Subject, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((subject, outcome)).or_default() += 1;
    }

    /// All of them.
    pub fn now(&self) -> BTreeMap<(Subject, Outcome), u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
