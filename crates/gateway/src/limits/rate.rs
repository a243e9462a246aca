//! Rates, by the generic cell rate algorithm: one number says when the next may come. It is a token
//! bucket without a clock that ticks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hermetic_config::Rate;
use tokio::time::Instant;

/// The instant from which instants are told as numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch(Instant);

impl Epoch {
    /// From now on.
    pub fn new(now: Instant) -> Self {
        Self(now)
    }

    /// Nanoseconds since; they last for five hundred years.
    pub fn nanos(self, now: Instant) -> u64 {
        nanos(now.saturating_duration_since(self.0))
    }
}

/// When what was let through so far is paid for, in nanoseconds since the epoch: the algorithm's
/// "theoretical arrival time".
#[derive(Debug, Default)]
pub(super) struct Paid(AtomicU64);

impl Paid {
    /// Lets one through where the rate allows it; otherwise tells how long it must wait.
    pub fn pass(&self, rate: Rate, now: u64) -> Result<(), Duration> {
        let interval = nanos(rate.interval);
        let tolerance = interval.saturating_mul(u64::from(rate.burst.get()) - 1);
        let passed = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |paid| {
            (paid.saturating_sub(now) <= tolerance).then(|| paid.max(now).saturating_add(interval))
        });
        let missing = |paid: u64| paid.saturating_sub(now).saturating_sub(tolerance);
        passed.map(|_| ()).map_err(|paid| Duration::from_nanos(missing(paid)))
    }

    /// Whether nothing is owed any more.
    pub fn is_settled(&self, now: u64) -> bool {
        self.0.load(Ordering::Relaxed) <= now
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn rate(milliseconds: u64, burst: u32) -> Rate {
        Rate { interval: Duration::from_millis(milliseconds), burst: NonZeroU32::new(burst).unwrap() }
    }

    const MILLISECOND: u64 = 1_000_000;

    #[test]
    fn a_burst_passes_and_then_one_for_each_interval() {
        let (paid, rate) = (Paid::default(), rate(10, 3));
        for _ in 0..3 {
            assert_eq!(paid.pass(rate, 0), Ok(()));
        }
        assert_eq!(paid.pass(rate, 0), Err(Duration::from_millis(10)));
        assert_eq!(paid.pass(rate, 10 * MILLISECOND), Ok(()));
        assert_eq!(paid.pass(rate, 15 * MILLISECOND), Err(Duration::from_millis(5)));
        assert!(!paid.is_settled(35 * MILLISECOND) && paid.is_settled(40 * MILLISECOND));
    }

    proptest! {
        /// In no window does more pass than the burst and what the rate gives in it, and whoever waits
        /// as long as told is let through.
        #[test]
        fn no_window_lets_more_through_than_burst_and_rate(
            interval in 1_u64..50, burst in 1_u32..20, gaps in proptest::collection::vec(0_u64..40, 1..200),
        ) {
            let (paid, rate) = (Paid::default(), rate(interval, burst));
            let (mut now, mut passed) = (0, Vec::new());
            for gap in gaps {
                now += gap * MILLISECOND;
                match paid.pass(rate, now) {
                    Ok(()) => passed.push(now),
                    Err(wait) => prop_assert!(wait <= rate.interval && !wait.is_zero()),
                }
            }
            for (first, start) in passed.iter().enumerate() {
                for (last, end) in passed.iter().enumerate().skip(first) {
                    let allowed = u64::from(burst) + (end - start) / (interval * MILLISECOND);
                    prop_assert!((last - first + 1) as u64 <= allowed);
                }
            }
            let wait = paid.pass(rate, now).err().unwrap_or_default();
            prop_assert_eq!(paid.pass(rate, now + u64::try_from(wait.as_nanos()).unwrap() + interval * MILLISECOND), Ok(()));
        }
    }
}
