//! How long certificates may live.

use std::fmt;

use jiff::SignedDuration;

use crate::validity::SHORTEST;

/// How long the certificates of a profile live. `least` ≤ `usual` ≤ `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeBounds {
    pub(super) least: SignedDuration,
    pub(super) usual: SignedDuration,
    pub(super) most: SignedDuration,
}

/// The bounds are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LifetimeBoundsError {
    /// A certificate would be over before it can be renewed.
    #[error("a lifetime of {least:#} is too short: at least {shortest:#}", shortest = LifetimeBounds::WIDEST.least)]
    Short {
        /// The shortest lifetime that was asked for.
        least: SignedDuration,
    },
    /// They are not in order.
    #[error("lifetimes must rise: at least {least:#}, usually {usual:#}, at most {most:#}")]
    Order {
        /// The shortest.
        least: SignedDuration,
        /// What is given where nobody asks.
        usual: SignedDuration,
        /// The longest.
        most: SignedDuration,
    },
}

impl LifetimeBounds {
    pub(super) const WIDEST: Self = Self {
        least: SHORTEST,
        usual: SignedDuration::from_hours(24),
        most: SignedDuration::from_hours(100 * 365 * 24),
    };

    /// These bounds.
    pub fn new(
        least: SignedDuration,
        usual: SignedDuration,
        most: SignedDuration,
    ) -> Result<Self, LifetimeBoundsError> {
        if least < Self::WIDEST.least {
            return Err(LifetimeBoundsError::Short { least });
        }
        if least > usual || usual > most {
            return Err(LifetimeBoundsError::Order { least, usual, most });
        }
        Ok(Self { least, usual, most })
    }

    /// The shortest lifetime.
    pub fn least(&self) -> SignedDuration {
        self.least
    }

    /// The lifetime where nobody asks for another.
    pub fn usual(&self) -> SignedDuration {
        self.usual
    }

    /// The longest lifetime.
    pub fn most(&self) -> SignedDuration {
        self.most
    }

    /// Whether a certificate may live so long.
    pub fn hold(&self, lifetime: SignedDuration) -> bool {
        (self.least..=self.most).contains(&lifetime)
    }
}

impl fmt::Display for LifetimeBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {:#} to {:#}", self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_out_of_order_are_refused_with_all_three() {
        let hours = SignedDuration::from_hours;
        let told = LifetimeBounds::new(hours(1), hours(48), hours(24)).unwrap_err().to_string();
        assert!(told.contains("1h") && told.contains("48h") && told.contains("24h"), "{told}");
        LifetimeBounds::new(SignedDuration::from_secs(59), hours(1), hours(2)).unwrap_err();
    }
}
