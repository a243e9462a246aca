//! Requests that an HTTP/2 client gives up before they are answered. Each costs us a request to the
//! upstream and the client nothing; rapid reset (CVE-2023-44487) is made of them. The library counts
//! those alone that are reset before they are looked at.

use std::cell::Cell;

use tokio::sync::Notify;

/// How many more may be given up than are answered. Envoy ends a connection where of 500 more than half
/// are (`premature_reset_total_stream_count`); a browser that leaves a page gives up a hundred.
const MOST: u32 = 500;

/// The balance of one connection.
#[derive(Debug, Default)]
pub(crate) struct Resets {
    given_up: Cell<u32>,
    too_many: Notify,
}

impl Resets {
    /// A request was given up.
    pub fn given_up(&self) {
        self.given_up.set(self.given_up.get() + 1);
        if self.given_up.get() > MOST {
            self.too_many.notify_one();
        }
    }

    /// A request was answered to its end.
    pub fn answered(&self) {
        self.given_up.set(self.given_up.get().saturating_sub(1));
    }

    /// Waits until too many were given up.
    pub async fn too_many(&self) {
        self.too_many.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_gives_up_as_many_as_are_answered_is_left_alone() {
        let resets = Resets::default();
        for _ in 0..10_000 {
            resets.given_up();
            resets.answered();
        }
        for _ in 0..MOST {
            resets.given_up();
        }
        let wait = Duration::from_secs(1);
        assert!(timeout(wait, resets.too_many()).await.is_err());
        resets.given_up();
        assert!(timeout(wait, resets.too_many()).await.is_ok());
    }
}
