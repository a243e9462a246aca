//! How many connections are opened for one target, whatever they are for, and how many may be.

use std::sync::atomic::{AtomicU32, Ordering};

/// Why none is opened any more.
pub(crate) const SPENT: &str = "it had all connections that one target may have";

/// The connections of one target.
#[derive(Debug)]
pub(super) struct Account {
    most: u32,
    opened: AtomicU32,
}

impl Default for Account {
    /// As many as it takes.
    fn default() -> Self {
        Self::of(u32::MAX)
    }
}

impl Account {
    pub(super) fn of(most: u32) -> Self {
        Self { most, opened: AtomicU32::new(0) }
    }

    /// Counts one more, where there may be one more.
    pub(super) fn open(&self) -> bool {
        let one_more = |opened| (opened < self.most).then(|| opened + 1);
        self.opened.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    pub(super) fn opened(&self) -> u32 {
        self.opened.load(Ordering::Relaxed)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.opened() >= self.most
    }
}
