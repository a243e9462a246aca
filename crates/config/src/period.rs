//! Durations as people write them: `30s`, `24h`, `1h30m`, `1y`.

use std::time::Duration;

/// The units, longest first, with their seconds. A year is 365 days, as HSTS counts it.
const UNITS: [(char, u64); 5] = [('y', YEAR), ('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', 1)];

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;
pub(crate) const YEAR: u64 = 365 * DAY;

/// A duration of at least `LEAST` and at most `MOST` seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period<const LEAST: u64, const MOST: u64>(pub(crate) Duration);

/// Reads numbers with units, each unit at most once and the longest first.
pub(crate) fn read(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text;
    for (unit, worth) in UNITS {
        let after_number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(tail) = after_number.strip_prefix(unit) else { continue };
        let number: u64 = rest.strip_suffix(after_number)?.parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(worth)?)?;
        rest = tail;
    }
    (rest.is_empty() && !text.is_empty()).then_some(Duration::from_secs(seconds))
}

/// The shortest text that reads as this many seconds.
pub(crate) fn write(mut seconds: u64) -> String {
    let mut text = String::new();
    for (unit, worth) in UNITS {
        if seconds >= worth {
            text.push_str(&format!("{}{unit}", seconds / worth));
            seconds %= worth;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read, write};

    #[test]
    fn units_add_up() {
        assert_eq!(read("30s").unwrap().as_secs(), 30);
        assert_eq!(read("24h").unwrap().as_secs(), 86_400);
        assert_eq!(read("1h30m").unwrap().as_secs(), 5_400);
        assert_eq!(read("1y").unwrap().as_secs(), 31_536_000);
        assert_eq!(read("0s").unwrap().as_secs(), 0);
    }

    #[test]
    fn what_has_no_clear_meaning_is_refused() {
        for text in
            ["", "30", "s", "30 s", "1m1h", "1s1s", "-1s", "1.5h", "1w", "30S", "99999999999999999999s"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("18446744073709551615y"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(seconds: u64) {
            prop_assert_eq!(read(&write(seconds)).unwrap().as_secs(), seconds);
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = read(&text);
        }
    }
}
