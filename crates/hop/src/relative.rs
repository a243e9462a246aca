//! Instants as people speak of them: `in 23 h`, `2 days ago`.

use std::fmt;

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// An instant seen from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    seconds: i64,
}

/// `at`, seen from `now`. Shown in the largest unit of which there are at least two.
pub fn relative(at: Timestamp, now: Timestamp) -> Relative {
    Relative { seconds: at.as_second().saturating_sub(now.as_second()) }
}

impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds.saturating_abs();
        let units = [(YEAR, "years"), (DAY, "days"), (HOUR, "h"), (MINUTE, "min"), (1, "s")];
        let fits = |(worth, _): &(i64, &str)| seconds / worth >= 2;
        let (worth, unit) = units.into_iter().find(fits).unwrap_or((1, "s"));
        let amount = seconds / worth;
        f.pad(&match self.seconds {
            0 => "now".to_owned(),
            1.. => format!("in {amount} {unit}"),
            _ => format!("{amount} {unit} ago"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(seconds: i64) -> String {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        relative(Timestamp::from_second(1_800_000_000 + seconds).unwrap(), now).to_string()
    }

    #[test]
    fn an_instant_is_told_in_the_largest_unit_that_is_not_crude() {
        assert_eq!(after(0), "now");
        assert_eq!(after(1), "in 1 s");
        assert_eq!(after(119), "in 119 s");
        assert_eq!(after(120), "in 2 min");
        assert_eq!(after(24 * HOUR - 1), "in 23 h");
        assert_eq!(after(47 * HOUR), "in 47 h");
        assert_eq!(after(2 * DAY), "in 2 days");
        assert_eq!(after(10 * YEAR), "in 10 years");
        assert_eq!(after(-2 * DAY), "2 days ago");
        assert_eq!(after(-90), "90 s ago");
    }

    proptest! {
        #[test]
        fn nothing_that_lies_ahead_is_called_past(seconds in 1..100 * YEAR) {
            prop_assert!(after(seconds).starts_with("in "));
            prop_assert!(after(-seconds).ends_with(" ago"));
        }
    }
}
