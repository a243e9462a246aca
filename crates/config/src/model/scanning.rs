//! How often what hops lead to is scanned.

use std::num::NonZeroUsize;
use std::time::Duration;

/// The scans of a running instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanning {
    /// From one scan of everything to the next; `None`: there are none.
    pub interval: Option<Duration>,
    /// How many endpoints are scanned at once.
    pub at_once: NonZeroUsize,
}

impl Default for Scanning {
    /// Four times a day: suites and certificates change with a deployment, and each scan fails some fifty
    /// handshakes on purpose.
    fn default() -> Self {
        const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
        Self { interval: Some(Duration::from_secs(6 * 60 * 60)), at_once: TWO }
    }
}
