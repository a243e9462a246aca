//! Numbers of bytes as people write them: `512B`, `64KiB`, `10MB`, `1GiB`.

/// The units, the largest first, with their bytes.
const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
    ("B", 1),
];

/// A number of bytes, at least `LEAST` and at most `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size<const LEAST: u64, const MOST: u64>(pub(crate) u64);

/// Reads a whole number with its unit.
pub(crate) fn read(text: &str) -> Option<u64> {
    let (digits, worth) =
        UNITS.iter().find_map(|(unit, worth)| Some((text.strip_suffix(unit)?.trim_end(), worth)))?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse::<u64>().ok()?.checked_mul(*worth)).flatten()
}

/// The text with the largest binary unit of which it is a whole number.
pub(crate) fn write(bytes: u64) -> String {
    let binary = |(unit, _): &&(&str, u64)| unit.contains('i') || *unit == "B";
    let fits = UNITS.iter().filter(binary).find(|(_, worth)| bytes >= *worth && bytes.is_multiple_of(*worth));
    fits.map_or_else(|| format!("{bytes}B"), |(unit, worth)| format!("{}{unit}", bytes / worth))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read, write};

    #[test]
    fn units_are_binary_and_decimal() {
        assert_eq!(read("64KiB"), Some(65_536));
        assert_eq!(read("10 MB"), Some(10_000_000));
        assert_eq!(read("0B"), Some(0));
    }

    #[test]
    fn what_has_no_clear_meaning_is_refused() {
        for text in ["", "64", "64K", "64kb", "KiB", "-1B", "1.5MiB", "+1B", "99999999999999999999GiB"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(bytes: u64) {
            prop_assert_eq!(read(&write(bytes)), Some(bytes));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = read(&text);
        }
    }
}
