//! How reloads went: what metrics tell of them, and which files to watch for the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hermetic_config::{FileRead, Stamp};
use jiff::Timestamp;

/// The reloads of an instance. The first reading, at its start, counts as none.
#[derive(Debug)]
pub struct Reloads(Mutex<State>);

/// What is told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many put a configuration in place.
    pub succeeded: u64,
    /// How many changed nothing, because something was wrong.
    pub failed: u64,
    /// When the configuration that is served was put in place.
    pub last_success: Timestamp,
    /// Whether what the files say now is not what is served.
    pub stale: bool,
}

#[derive(Debug)]
struct State {
    tally: Tally,
    read: Vec<FileRead>,
}

impl Reloads {
    /// None yet; the configuration in place was read from these files.
    pub fn none(read: Vec<FileRead>, now: Timestamp) -> Self {
        let tally = Tally { succeeded: 0, failed: 0, last_success: now, stale: false };
        Self(Mutex::new(State { tally, read }))
    }

    /// Another reading begins, of these files. Whatever comes of it, only a change of one of them is a
    /// reason to try again.
    pub fn read(&self, files: Vec<FileRead>) {
        self.state().read = files;
    }

    /// It came to an end.
    pub fn ended(&self, succeeded: bool, now: Timestamp) {
        let mut state = self.state();
        match succeeded {
            true => {
                state.tally.succeeded += 1;
                state.tally.last_success = now;
            }
            false => state.tally.failed += 1,
        }
        state.tally.stale = !succeeded;
    }

    /// How they went.
    pub fn tally(&self) -> Tally {
        self.state().tally
    }

    /// The files of the last reading as they are now, where one of them is otherwise. Blocks.
    pub fn changed(&self) -> Option<Vec<Stamp>> {
        // The lock is not held meanwhile: a network file system may take its time.
        let read = self.state().read.clone();
        let now: Vec<Stamp> = read.iter().map(|file| Stamp::of(&file.path)).collect();
        let same = read.iter().zip(&now).all(|(file, now)| file.stamp == *now);
        (!same).then_some(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_failure_is_told_until_a_reload_succeeds() {
        let reloads = Reloads::none(Vec::new(), at(1));
        reloads.ended(false, at(2));
        assert_eq!(reloads.tally(), Tally { succeeded: 0, failed: 1, last_success: at(1), stale: true });
        reloads.ended(true, at(3));
        assert_eq!(reloads.tally(), Tally { succeeded: 1, failed: 1, last_success: at(3), stale: false });
    }

    #[test]
    fn only_what_changed_since_the_last_reading_is_a_reason_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hermetic.toml");
        let read = || vec![FileRead { path: path.clone(), stamp: Stamp::of(&path) }];
        let reloads = Reloads::none(read(), at(1));
        assert_eq!(reloads.changed(), None);
        std::fs::write(&path, "").unwrap();
        assert!(reloads.changed().is_some());
        reloads.read(read());
        assert_eq!(reloads.changed(), None);
    }
}
