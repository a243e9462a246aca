//! Accepted departures from policy: a reason, an owner, and an end.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// An accepted departure from policy. Past its end date it no longer counts.
///
/// Shown as `cleartext passes until 2027-03-31, payments answers for it: vendor delivers TLS with 4.2`.
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

    /// The first instant at which it counts no more.
    pub fn end(&self) -> Timestamp {
        let next = self
            .until
            .tomorrow()
            .and_then(|day| TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())));
        next.unwrap_or(Timestamp::MAX)
    }

    /// Whether it still counts at this instant.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.holds_on(TimeZone::UTC.to_datetime(now).date())
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, owner, until } = self;
        write!(f, "cleartext passes until {until}, {owner} answers for it: {reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_up_to_its_end_and_not_at_it() {
        let (reason, owner) = (String::new(), String::new());
        let exception = Exception { reason, owner, until: "2027-03-31".parse().unwrap() };
        assert_eq!(exception.end(), "2027-04-01T00:00:00Z".parse().unwrap());
        let before = exception.end().checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
        assert!(exception.holds_at(before) && !exception.holds_at(exception.end()));
    }
}
