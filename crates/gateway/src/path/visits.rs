//! A data store behind the end of a path: the hop to it is the path's last.

use std::fmt::Debug;
use std::pin::Pin;

use hermetic_hop::{HopReport, Verdict};
use jiff::Timestamp;

/// A data store that keeps each visit of a path's page.
pub trait Visits: Debug + Send + Sync {
    /// Keeps a visit. It answers within a bound, whatever the store does, since the page waits for it.
    fn keep(&self, visit: Visit) -> Keeping<'_>;
}

/// A visit on its way into the store.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = Kept> + Send + 'a>>;

/// One visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// When.
    pub at: Timestamp,
    /// What the path until here was worth.
    pub verdict: Verdict,
}

/// What became of a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The hop to the store, judged.
    pub hop: HopReport,
    /// How many visits the store has now; `None` where it did not answer.
    pub visits: Option<u64>,
}
