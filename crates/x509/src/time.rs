//! Instants as X.509 writes them (RFC 5280 section 4.1.2.5): whole seconds, UTCTime through 2049 and
//! GeneralizedTime after.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::time::Duration;

use der::DateTime;
use jiff::Timestamp;
use x509_cert::time::Time;

use crate::error::EncodingError;

/// An instant as it is written; its fraction of a second is dropped.
pub(crate) fn time(at: Timestamp) -> Result<Time, EncodingError> {
    let seconds = u64::try_from(at.as_second()).ok().map(Duration::from_secs);
    let time = seconds.and_then(|seconds| DateTime::from_unix_duration(seconds).ok()).map(Time::from);
    time.ok_or_else(|| EncodingError(format!("{at} lies outside of what certificates can say")))
}

/// The instant that was written. The end of the year 9999, which means "never" (section 4.1.2.5), lies
/// just beyond what a [`Timestamp`] holds and becomes its last.
pub(crate) fn instant(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_2050_is_written_with_four_digits() {
        let of = |text: &str| time(text.parse().unwrap()).unwrap();
        assert!(matches!(of("2049-12-31T23:59:59.9Z"), Time::UtcTime(_)));
        assert!(matches!(of("2050-01-01T00:00:00Z"), Time::GeneralTime(_)));
    }

    #[test]
    fn an_instant_reads_back_in_whole_seconds() {
        let at: Timestamp = "2031-02-03T04:05:06.789Z".parse().unwrap();
        assert_eq!(instant(time(at).unwrap()).to_string(), "2031-02-03T04:05:06Z");
    }

    #[test]
    fn before_1970_there_is_nothing_to_write() {
        time("1969-12-31T23:59:59Z".parse().unwrap()).unwrap_err();
    }
}
