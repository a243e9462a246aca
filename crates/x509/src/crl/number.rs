//! The numbers that order an authority's lists.

use jiff::Timestamp;

/// The number of a list (RFC 5280 section 5.2.3): of two lists of one shard, the higher is the later.
///
/// It is the time in milliseconds, as AWS Private CA has it, and not a count: an authority that was
/// restored from an old backup goes on above whatever it gave out before, without knowing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListNumber(u64);

impl ListNumber {
    /// The number of a list that is made now and follows on `last`. Where the clock went backwards, or two
    /// lists are made within a millisecond, it counts on from there.
    pub fn after(last: Option<Self>, now: Timestamp) -> Self {
        let of_clock = u64::try_from(now.as_millisecond()).unwrap_or_default();
        Self(last.map_or(of_clock, |Self(last)| of_clock.max(last.saturating_add(1))))
    }

    /// The number as it was given out, from the store or a list.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// As a plain number.
    pub fn value(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for ListNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_follows_the_clock_and_never_goes_back() {
        let now = Timestamp::from_millisecond(1_800_000_000_123).unwrap();
        let first = ListNumber::after(None, now);
        assert_eq!(first, ListNumber::new(1_800_000_000_123));
        assert_eq!(ListNumber::after(Some(first), now), ListNumber::new(1_800_000_000_124));
        let yesterday = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        assert_eq!(ListNumber::after(Some(first), yesterday), ListNumber::new(1_800_000_000_124));
        let later = Timestamp::from_millisecond(1_900_000_000_000).unwrap();
        assert_eq!(ListNumber::after(Some(first), later), ListNumber::new(1_900_000_000_000));
    }
}
