//! Deadline: by when a client must have done its part. It is counted once, from the connection on: a client
//! that drips has no whole time for each step.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The end of the time that a client has for all that comes before its first word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    end: Instant,
    within: Duration,
}

impl Deadline {
    /// So long from now on.
    pub fn within(within: Duration) -> Self {
        Self { end: Instant::now() + within, within }
    }

    /// The same after a wait that was none of the client's.
    pub fn later(self, waited: Duration) -> Self {
        Self { end: self.end + waited, ..self }
    }

    /// Does a step; where it does not end in time, gives how long all of them had.
    pub async fn hold<T>(self, step: impl Future<Output = T>) -> Result<T, Duration> {
        timeout_at(self.end, step).await.map_err(|_| self.within)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};
    use tokio::time::sleep;

    use super::*;
    use crate::hello;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn what_an_earlier_step_took_is_not_given_again() {
        let (deadline, start) = (Deadline::within(SECOND * 10), Instant::now());
        deadline.hold(sleep(SECOND * 9)).await.unwrap();
        let (mut near, mut far) = duplex(64);
        // A record of a hello begins, and nothing follows.
        far.write_all(&[22, 3, 1]).await.unwrap();
        let told = hello::read(&mut near, &[], deadline).await.unwrap_err().to_string();
        assert_eq!(told, "no whole ClientHello within 10 s");
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_of_our_own_is_given_back() {
        let deadline = Deadline::within(SECOND * 10);
        sleep(SECOND * 8).await;
        assert!(deadline.later(SECOND * 8).hold(sleep(SECOND * 9)).await.is_ok());
    }
}
