//! How renewals went, for metrics.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// How renewals went since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenewalTally {
    /// How many were issued here.
    pub renewed: u64,
    /// How many were taken from the store, where another process had issued them.
    pub taken: u64,
    /// How many attempts failed.
    pub failed: u64,
    /// When the last of these failed.
    pub last_failure: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<RenewalTally>);

impl Tally {
    pub(crate) fn now(&self) -> RenewalTally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn renewed(&self) {
        self.change(|tally| tally.renewed += 1);
    }

    pub(super) fn taken(&self) {
        self.change(|tally| tally.taken += 1);
    }

    pub(super) fn failed(&self, now: Timestamp) {
        self.change(|tally| {
            tally.failed += 1;
            tally.last_failure = Some(now);
        });
    }

    fn change(&self, change: impl FnOnce(&mut RenewalTally)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
