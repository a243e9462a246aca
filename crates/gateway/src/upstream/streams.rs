//! The streams of an HTTP/2 connection, counted against what the upstream allows at once. hyper
//! queues those above it without a word, and the request behind them would look unanswered.

use std::cell::Cell;
use std::rc::Rc;

/// The streams of one HTTP/2 connection.
#[derive(Clone, Debug)]
pub(crate) struct Streams(Rc<(Cell<usize>, Cell<usize>)>);

/// A stream in use; over when dropped.
#[derive(Debug)]
pub(crate) struct Stream(Streams);

impl Streams {
    /// None in use, and no limit known yet.
    pub fn new() -> Self {
        Self(Rc::new((Cell::new(0), Cell::new(usize::MAX))))
    }

    /// So many are allowed at once.
    pub fn limit(&self, most: usize) {
        self.0.1.set(most);
    }

    /// One more; `None` where the limit is reached.
    pub fn begin(&self) -> Option<Stream> {
        let (used, most) = &*self.0;
        (used.get() < most.get()).then(|| {
            used.set(used.get() + 1);
            Stream(self.clone())
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let used = &self.0.0.0;
        used.set(used.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_over_makes_room_for_the_next() {
        let streams = Streams::new();
        streams.limit(1);
        let first = streams.begin().unwrap();
        assert!(streams.begin().is_none());
        drop(first);
        assert!(streams.begin().is_some());
    }
}
