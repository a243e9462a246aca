//! How many connections are opened for one target, by which command, and how many may be.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::command::{Command, Opened};

/// Why none is opened any more.
pub(crate) const SPENT: &str = "it had all connections that one target may have";

/// The connections of one target.
#[derive(Debug)]
pub(super) struct Account {
    most: u32,
    opened: Mutex<Opened>,
}

impl Default for Account {
    /// As many as it takes.
    fn default() -> Self {
        Self::of(u32::MAX)
    }
}

impl Account {
    pub(super) fn of(most: u32) -> Self {
        Self { most, opened: Mutex::default() }
    }

    /// Counts one more, where there may be one more.
    pub(super) fn open(&self, command: Command) -> bool {
        let mut opened = self.lock();
        let may_be = opened.total() < u64::from(self.most);
        if may_be {
            *opened += Opened::of_one(command, 1);
        }
        may_be
    }

    pub(super) fn opened(&self) -> Opened {
        *self.lock()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.opened().total() >= u64::from(self.most)
    }

    fn lock(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
