//! Whether a connection does anything: the requests in flight on it, and when the last one ended.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

/// The activity of one connection.
#[derive(Debug)]
pub(crate) struct Activity {
    requests: Cell<usize>,
    used: Cell<bool>,
    quiet_since: Cell<Instant>,
}

impl Activity {
    /// A connection that has just come to stand.
    pub fn new() -> Self {
        Self { requests: Cell::new(0), used: Cell::new(false), quiet_since: Cell::new(Instant::now()) }
    }

    /// A request begins.
    pub fn begin(&self) {
        self.requests.set(self.requests.get() + 1);
        self.used.set(true);
    }

    /// Whether a request ever began.
    pub fn is_used(&self) -> bool {
        self.used.get()
    }

    /// A request is over.
    pub fn end(&self) {
        self.requests.set(self.requests.get() - 1);
        self.quiet_since.set(Instant::now());
    }

    /// Waits until nothing was in flight for `limit`.
    pub async fn idle(&self, limit: Duration) {
        loop {
            let since = self.quiet_since.get();
            tokio::time::sleep_until(since + limit).await;
            if self.requests.get() == 0 && self.quiet_since.get() == since {
                return;
            }
            if self.requests.get() > 0 {
                // The end of the last one starts the time anew; until then there is nothing to wait for.
                tokio::time::sleep(limit).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_requests_is_idle_after_the_limit() {
        let (activity, start) = (Activity::new(), Instant::now());
        activity.idle(LIMIT).await;
        assert_eq!(start.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_keeps_it_and_its_end_starts_the_time_anew() {
        let activity = Activity::new();
        activity.begin();
        assert!(tokio::time::timeout(LIMIT * 10, activity.idle(LIMIT)).await.is_err());
        activity.end();
        let end = Instant::now();
        activity.idle(LIMIT).await;
        assert!(end.elapsed() >= LIMIT && end.elapsed() <= LIMIT * 2, "{:?}", end.elapsed());
    }
}
