//! What came of the connections to the database, for whoever judges the way to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hermetic_tls::Negotiated;
use jiff::Timestamp;

use crate::Store;

/// How many different outcomes are kept. A server's reasons may differ each time, and must not fill the memory.
const DIFFERENT: usize = 64;

/// What came of one connection to the database of a store, or of several with the same outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The latest time.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: ConnectionOutcome,
    /// How often since the store was opened.
    pub times: u64,
}

/// What came of a connection to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionOutcome {
    /// It stands, with TLS; the server was verified. Those that agreed on the same parameters count as one, and
    /// this is the latest of them.
    Tls(Box<Negotiated>),
    /// It stands without TLS, at a unix socket or the loopback.
    Local,
    /// The server was there, but not as demanded: without TLS, or another one.
    NotAsDemanded(String),
    /// The server could not be reached, or turned us away.
    NotReached(String),
}

impl Store {
    /// What came of the connections to its database since it was opened, the latest last; at most the latest 64
    /// different outcomes. Empty where the database is a file.
    pub fn connections(&self) -> Vec<Connection> {
        self.database.connections().all()
    }
}

/// What came of each so far. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections(Arc<Mutex<Vec<Connection>>>);

impl Connections {
    /// One more came to this.
    pub(crate) fn came_to(&self, outcome: ConnectionOutcome, at: Timestamp) {
        let mut all = self.lock();
        let same = all.iter().position(|one| one.outcome.is_like(&outcome));
        let times = same.map_or(0, |same| all.remove(same).times) + 1;
        if all.len() >= DIFFERENT {
            all.remove(0);
        }
        all.push(Connection { at, outcome, times });
    }

    fn all(&self) -> Vec<Connection> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionOutcome {
    fn is_like(&self, other: &Self) -> bool {
        let agreed = |it: &Negotiated| (it.version, it.suite, it.group, it.resumed);
        match (self, other) {
            (Self::Tls(one), Self::Tls(other)) => agreed(one) == agreed(other),
            (one, other) => one == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_same_outcome_is_counted_and_the_latest_stands_last() {
        let connections = Connections::default();
        let away = || ConnectionOutcome::NotReached("connection refused".to_owned());
        for (second, outcome) in [(1, away()), (2, ConnectionOutcome::Local), (3, away())] {
            connections.came_to(outcome, at(second));
        }
        let seen: Vec<_> =
            connections.all().into_iter().map(|one| (one.at, one.outcome, one.times)).collect();
        assert_eq!(seen, [(at(2), ConnectionOutcome::Local, 1), (at(3), away(), 2)]);
    }

    #[test]
    fn reasons_without_end_fill_no_memory_and_the_latest_are_kept() {
        let connections = Connections::default();
        for number in 0..1_000 {
            connections.came_to(ConnectionOutcome::NotReached(format!("reason {number}")), at(number));
        }
        let all = connections.all();
        assert_eq!((all.len(), all.last().unwrap().at), (DIFFERENT, at(999)));
    }
}
