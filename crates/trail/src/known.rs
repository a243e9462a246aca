//! The connections of a log that does not count their requests.

use std::collections::{HashSet, VecDeque};

/// How many are remembered: more than a proxy keeps open, in a megabyte or two.
const CAPACITY: usize = 65_536;

/// The latest connections, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct KnownConnections {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl KnownConnections {
    /// Whether it is met for the first time, as far back as is remembered.
    pub(crate) fn is_new(&mut self, connection: u64) -> bool {
        if !self.known.insert(connection) {
            return false;
        }
        self.order.push_back(connection);
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_new_once_and_memory_has_an_end() {
        let mut known = KnownConnections::default();
        assert!(known.is_new(7));
        assert!(!known.is_new(7));
        for other in 100..100 + CAPACITY as u64 {
            assert!(known.is_new(other));
        }
        assert_eq!(known.known.len(), CAPACITY);
        assert_eq!(known.order.len(), CAPACITY);
        assert!(known.is_new(7));
    }
}
