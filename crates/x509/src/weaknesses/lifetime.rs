//! How long a certificate may be valid, by the day on which it was issued.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::Offset;

use super::Weakness;
use crate::validity::Validity;

/// A day, by section 6.3.2 of the Baseline Requirements.
const DAY: i64 = 86_400;

/// From which day on how many days are allowed to public certificates, the last first (CA/Browser Forum
/// ballots 193, SC-22 and SC-081). Those of 2017 and before had months.
const LIMITS: [(Date, i64); 5] = [
    (date(2029, 3, 15), 47),
    (date(2027, 3, 15), 100),
    (date(2026, 3, 15), 200),
    (date(2020, 9, 1), 398),
    (date(2018, 3, 1), 825),
];

/// How many days are allowed to a public certificate that is issued at this instant. `None` before March 2018.
pub fn lifetime_limit(issued: Timestamp) -> Option<i64> {
    let day = Offset::UTC.to_datetime(issued).date();
    LIMITS.into_iter().find(|(from, _)| *from <= day).map(|(_, days)| days)
}

/// How many whole days are left until this end; negative where it is over.
pub fn days_left(not_after: Timestamp, now: Timestamp) -> i64 {
    not_after.duration_since(now).as_secs().div_euclid(DAY)
}

/// The excess over what is allowed.
pub(super) fn excess(validity: &Validity) -> Option<Weakness> {
    let limit = lifetime_limit(validity.begin())?;
    let days = days(validity);
    (days > limit).then_some(Weakness::LongLived { days, limit })
}

/// Both ends are included (RFC 5280 section 4.1.2.5), and each day that has begun counts.
fn days(validity: &Validity) -> i64 {
    let seconds = validity.end().duration_since(validity.begin()).as_secs() + 1;
    seconds.div_euclid(DAY) + i64::from(seconds.rem_euclid(DAY) > 0)
}
