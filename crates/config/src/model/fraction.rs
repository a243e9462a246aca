//! A part of a whole, as people write it: `2/3`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A part of a whole, more than nothing and less than all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    part: u16,
    whole: u16,
}

impl Fraction {
    /// Two thirds.
    pub const TWO_THIRDS: Self = Self { part: 2, whole: 3 };

    /// This part of so long.
    pub fn of(self, whole: Duration) -> Duration {
        // At most the whole, so it overflows nothing.
        whole.mul_f64(f64::from(self.part) / f64::from(self.whole))
    }

    /// The part, and the whole that it is of.
    pub fn parts(self) -> (u16, u16) {
        (self.part, self.whole)
    }

    /// Whether it is at least `least` and at most `most`, each a part and a whole.
    pub(crate) fn is_within(self, least: (u32, u32), most: (u32, u32)) -> bool {
        let (part, whole) = (u32::from(self.part), u32::from(self.whole));
        part * least.1 >= least.0 * whole && part * most.1 <= most.0 * whole
    }
}

impl FromStr for Fraction {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u16>().map_err(drop),
            false => Err(()),
        };
        let (part, whole) = text.split_once('/').ok_or(())?;
        let fraction = Self { part: number(part)?, whole: number(whole)? };
        if fraction.part > 0 && fraction.part < fraction.whole { Ok(fraction) } else { Err(()) }
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.whole)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_thirds_of_a_day_are_sixteen_hours() {
        let day = Duration::from_secs(86_400);
        assert_eq!("2/3".parse::<Fraction>().unwrap().of(day).as_secs(), 57_600);
    }

    #[test]
    fn only_a_true_part_is_one() {
        for text in ["", "1", "0/3", "3/3", "4/3", "1/0", "-1/3", "+1/3", "1/3/5", "0.5", "1/70000"] {
            assert_eq!(text.parse::<Fraction>(), Err(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_less_than_its_whole(part in 1_u16..u16::MAX, more in 1_u16.., seconds in 0..u64::MAX / 2) {
            let whole = part.saturating_add(more);
            let fraction: Fraction = format!("{part}/{whole}").parse().unwrap();
            prop_assert_eq!(fraction.to_string(), format!("{part}/{whole}"));
            prop_assert!(fraction.of(Duration::from_secs(seconds)) <= Duration::from_secs(seconds));
        }
    }
}
