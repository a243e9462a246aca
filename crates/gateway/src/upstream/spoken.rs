//! Which endpoints have spoken TLS: one that has is not taken for one that can't because it closes a
//! connection, as it does at a restart, at its own limits, or where somebody cuts the way to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hermetic_config::Endpoint;
use hermetic_hop::HopName;
use tokio::time::Instant;

/// How long a handshake is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// What all workers know. It outlives reloads. Clones are the same.
///
/// The lock is taken when a connection in `prefer` is opened, and by no request on one that stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken(Arc<Mutex<HashMap<(HopName, Endpoint), Instant>>>);

impl Spoken {
    /// It shook hands.
    pub fn tls(&self, hop: &HopName, endpoint: &Endpoint, now: Instant) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that a reload has taken out of the configuration go in time.
        last.retain(|_, at| now.saturating_duration_since(*at) < REMEMBERED);
        last.insert((hop.clone(), endpoint.clone()), now);
    }

    /// It answered in cleartext, so what it spoke before counts no more.
    pub fn cleartext(&self, hop: &HopName, endpoint: &Endpoint) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.remove(&(hop.clone(), endpoint.clone()));
    }

    /// Whether it shook hands within a day, and has not answered in cleartext since.
    pub fn spoke_tls(&self, hop: &HopName, endpoint: &Endpoint, now: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = last.get(&(hop.clone(), endpoint.clone()));
        at.is_some_and(|at| now.saturating_duration_since(*at) < REMEMBERED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_is_remembered_for_a_day_or_until_an_answer_in_cleartext() {
        let (spoken, now) = (Spoken::default(), Instant::now());
        let hop = HopName::new("edge".parse().unwrap(), "app".parse().unwrap());
        let [one, other] = ["a", "b"].map(|host| Endpoint::Tcp { host: host.to_owned(), port: 1 });
        spoken.tls(&hop, &one, now);
        assert!(spoken.spoke_tls(&hop, &one, now) && !spoken.spoke_tls(&hop, &other, now));
        assert!(!spoken.spoke_tls(&hop, &one, now + REMEMBERED));
        spoken.cleartext(&hop, &one);
        assert!(!spoken.spoke_tls(&hop, &one, now));
    }
}
