//! Accepted departures from policy: a reason, an owner, and an end.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An accepted departure from policy. Past its end date it no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts (UTC).
    pub until: Date,
}

impl Exception {
    /// Whether it still counts on `today`.
    pub fn holds_on(&self, today: Date) -> bool {
        today <= self.until
    }
}
