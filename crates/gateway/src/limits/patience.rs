//! Patience with the far end of a body: how long it may stand still, and how slowly it may go on.
//!
//! Only time that is spent waiting for that end counts. A timer exists only while somebody waits, and is
//! set anew only when it has run out too early, so a body that flows costs nothing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hermetic_config::Limits;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limit;

/// For so long the rate does not count: a handover between radio cells takes a while.
const FREE: Duration = Duration::from_secs(30);

/// How long an end may stand still, and how slowly it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paced {
    /// How long no byte may come.
    pub still: Duration,
    /// The least bytes a second; 0: none.
    pub rate: u64,
}

/// Patience with one end of one body.
#[derive(Debug)]
pub(crate) struct Patience {
    paced: Paced,
    /// The time that was spent waiting, and the bytes that it brought.
    waited: Duration,
    bytes: u64,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

/// Why patience is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stall {
    /// Nothing came for too long.
    #[error("nothing of a body passed for {} s", .0.as_secs())]
    Still(Duration),
    /// Less than the rate came.
    #[error("a body passed at less than {0} bytes a second")]
    Slow(u64),
}

impl Stall {
    /// The limit that was reached.
    pub fn limit(self) -> Limit {
        match self {
            Self::Still(_) => Limit::BodyTimeout,
            Self::Slow(_) => Limit::BodyRate,
        }
    }
}

impl Paced {
    /// Of bodies that may be expected to flow.
    pub fn body(limits: &Limits) -> Self {
        Self { still: limits.body_timeout, rate: limits.body_rate }
    }

    /// Of bodies whose sender may have nothing to say for a while.
    pub fn unhurried(limits: &Limits) -> Self {
        Self { still: limits.body_timeout, rate: 0 }
    }

    /// Of streams that are silent by their nature.
    pub fn stream(limits: &Limits) -> Self {
        Self { still: limits.stream_timeout, rate: 0 }
    }
}

impl Patience {
    /// Patience that has not been tried yet.
    pub fn new(paced: Paced) -> Self {
        Self { paced, waited: Duration::ZERO, bytes: 0, since: None, timer: None }
    }

    /// The end has moved on by so many bytes.
    pub fn moved(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// Waits for the end; ready when it has taken too long.
    pub fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<Stall> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let (deadline, stall) = self.deadline(since);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        loop {
            // Sooner than the timer where what was waited so far was long.
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if Instant::now() >= deadline {
                return Poll::Ready(stall);
            }
            timer.as_mut().reset(deadline);
        }
    }

    /// Until when it may take, having begun to wait at `since`, and what it is then.
    fn deadline(&self, since: Instant) -> (Instant, Stall) {
        let still = (since + self.paced.still, Stall::Still(self.paced.still));
        let Some(paid) = self.bytes.checked_mul(1000).and_then(|bytes| bytes.checked_div(self.paced.rate))
        else {
            return still;
        };
        let left = (FREE + Duration::from_millis(paid)).saturating_sub(self.waited);
        // A sum past the end of time is as good as the other deadline.
        match since.checked_add(left) {
            Some(slow) if slow < still.0 => (slow, Stall::Slow(self.paced.rate)),
            _ => still,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{advance, timeout};

    use super::*;

    fn patience(still: u64, rate: u64) -> Patience {
        Patience::new(Paced { still: Duration::from_secs(still), rate })
    }

    /// Waits until patience is at its end, or for so many seconds.
    async fn wait(patience: &mut Patience, seconds: u64) -> Option<Stall> {
        timeout(Duration::from_secs(seconds), poll_fn(|cx| patience.poll_stall(cx))).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_that_stands_still_is_given_up_and_each_byte_begins_the_time_anew() {
        let mut patience = patience(10, 0);
        for _ in 0..20 {
            assert_eq!(wait(&mut patience, 9).await, None);
            patience.moved(1);
        }
        let start = Instant::now();
        assert_eq!(wait(&mut patience, 60).await, Some(Stall::Still(Duration::from_secs(10))));
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_that_trickles_is_given_up_when_its_free_time_is_over() {
        let (mut patience, start) = (patience(60, 100), Instant::now());
        let stall = loop {
            match wait(&mut patience, 1).await {
                None => patience.moved(1),
                Some(stall) => break stall,
            }
        };
        assert_eq!(stall, Stall::Slow(100));
        assert!((30..32).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_that_keeps_the_rate_is_waited_for_without_end() {
        let mut patience = patience(60, 100);
        for _ in 0..1000 {
            assert_eq!(wait(&mut patience, 2).await, None);
            patience.moved(200);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_is_not_spent_waiting_for_it_does_not_count() {
        let mut patience = patience(10, 100);
        for _ in 0..100 {
            assert_eq!(wait(&mut patience, 0).await, None);
            patience.moved(1);
            advance(Duration::from_secs(60)).await;
        }
    }
}
