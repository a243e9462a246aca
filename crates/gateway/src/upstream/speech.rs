//! Whether an endpoint speaks TLS, where that is not demanded: what its last handshakes showed.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

/// When an endpoint that did not speak TLS is asked again, and for how long a connection in cleartext
/// is used meanwhile: one that has learned TLS is met by it within a minute.
pub(super) const AGAIN: Duration = Duration::from_secs(30);

/// How often TLS is tried beside the cleartext of `observe`.
const TRIAL: Duration = Duration::from_secs(60);

/// What is remembered of an endpoint, so that not every connection pays for a handshake in vain.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    silent_until: Cell<Option<Instant>>,
    tried: Cell<Option<Instant>>,
}

impl Speech {
    /// Whether TLS is worth a handshake.
    pub fn may_be_tls(&self) -> bool {
        self.silent_until.get().is_none_or(|until| Instant::now() >= until)
    }

    /// It showed that it does not speak TLS.
    pub fn is_no_tls(&self) {
        self.silent_until.set(Some(Instant::now() + AGAIN));
    }

    /// Whether a trial is due; it counts as made then.
    pub fn is_trial_due(&self) -> bool {
        let due = self.tried.get().is_none_or(|last| last.elapsed() >= TRIAL);
        if due {
            self.tried.set(Some(Instant::now()));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_learned_tls_is_asked_within_a_minute() {
        let speech = Speech::default();
        assert!(speech.may_be_tls());
        speech.is_no_tls();
        assert!(!speech.may_be_tls());
        tokio::time::advance(AGAIN).await;
        assert!(speech.may_be_tls());
        // What was opened in cleartext just before serves as long again.
        assert!(AGAIN * 2 <= Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn tls_is_tried_now_and_then_and_not_for_every_connection() {
        let speech = Speech::default();
        assert!(speech.is_trial_due());
        assert!(!speech.is_trial_due());
        tokio::time::advance(TRIAL).await;
        assert!(speech.is_trial_due());
    }
}
