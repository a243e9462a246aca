//! Evenly spaced turns.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// So many turns a second, one after the other.
#[derive(Debug)]
pub(super) struct Rate {
    every: Duration,
    next: Mutex<Option<Instant>>,
}

impl Rate {
    /// This many a second.
    pub(super) fn new(per_second: f64) -> Self {
        let every = Duration::try_from_secs_f64(per_second.recip()).unwrap_or(Duration::MAX);
        Self { every, next: Mutex::new(None) }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self) {
        sleep_until(self.take(Instant::now())).await;
    }

    /// Nobody saves turns up: who comes late does not go faster afterwards.
    fn take(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.every.min(Duration::from_secs(86_400)));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_are_spaced_evenly_and_not_saved_up() {
        let rate = Rate::new(4.0);
        let start = Instant::now();
        let quarter = Duration::from_millis(250);
        assert_eq!(rate.take(start), start);
        assert_eq!(rate.take(start), start + quarter);
        assert_eq!(rate.take(start + quarter), start + 2 * quarter);
        let late = start + 40 * quarter;
        assert_eq!([rate.take(late), rate.take(late)], [late, late + quarter]);
    }
}
