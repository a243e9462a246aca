//! Scans what the hops lead to again and again, for as long as the instance runs.

use std::sync::Arc;
use std::time::Duration;

use hermetic_tls::{Randomness, SystemRandomness};
use tokio::time::{Instant, sleep_until};

use super::instance::Instance;
use crate::commands::scan;

/// How long an instance runs before it scans: one that is started again and again would do little else.
const FIRST: Duration = Duration::from_secs(10 * 60);

impl Instance {
    /// Scans on the interval of the configuration, for ever, or until another process has taken over.
    pub async fn keep_scanning(&self) {
        let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness::default());
        let mut served_anew = self.served_anew.subscribe();
        let mut due = self.first_scan(&*randomness);
        loop {
            let waiting = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = waiting => {
                    self.scan_hops(&randomness).await;
                    let interval = self.configuration().scanning.interval;
                    due = interval.map(|interval| Instant::now() + jittered(interval, &*randomness));
                }
                // What is configured now may lead elsewhere.
                _ = served_anew.changed() => {
                    let first = self.first_scan(&*randomness);
                    due = first.map(|first| due.map_or(first, |due| due.min(first)));
                }
                () = self.succeeded() => return,
            }
        }
    }

    fn first_scan(&self, randomness: &dyn Randomness) -> Option<Instant> {
        let interval = self.configuration().scanning.interval?;
        Some(Instant::now() + jittered(interval.min(FIRST), randomness))
    }

    /// Scans everything once. What can't be scanned is told in the log, and tried again the next time.
    async fn scan_hops(&self, randomness: &Arc<dyn Randomness>) {
        let (configuration, revoked) = (self.configuration(), self.credentials().revoked.clone());
        match scan::hops::scanned(&configuration, &revoked, self.shared_clock(), Arc::clone(randomness)).await
        {
            Ok(shown) => match self.take_own_scan(&configuration, shown) {
                Ok(hops) => tracing::debug!(hops, "what the hops lead to was scanned"),
                Err(error) => tracing::error!(%error, "what a scan saw of the hops can't be taken"),
            },
            Err(error) => tracing::error!(%error, "what the hops lead to can't be scanned"),
        }
    }
}

/// This long, a quarter more or less: instances that were started together are not to scan together.
fn jittered(interval: Duration, randomness: &dyn Randomness) -> Duration {
    let mut chance = [0; 2];
    // Without chance there is no jitter, and no harm.
    let chance = randomness.fill(&mut chance).map_or(u16::MAX / 2, |()| u16::from_le_bytes(chance));
    interval.mul_f64(0.75 + f64::from(chance) / f64::from(u16::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use hermetic_tls::RandomnessFailed;

    use super::*;

    #[derive(Debug)]
    struct Always(u8);

    impl Randomness for Always {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFailed> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn scans_are_a_quarter_sooner_or_later_by_chance() {
        let hour = Duration::from_secs(3600);
        assert_eq!(jittered(hour, &Always(0)), Duration::from_secs(2700));
        assert_eq!(jittered(hour, &Always(0xFF)), Duration::from_secs(4500));
    }
}
