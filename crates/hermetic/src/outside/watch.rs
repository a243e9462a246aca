//! Looks at external hops for as long as the instance runs.

use std::sync::{Arc, Mutex, PoisonError};

use hermetic_hop::{Observation, View};
use hermetic_tls::Clock;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::Sight;

/// A running watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    seen: Vec<Arc<Mutex<Observation>>>,
    tasks: Vec<AbortHandle>,
}

impl Watch {
    /// Looks at each of these at once, and then on its interval. One that hangs holds up no other.
    pub fn start(sights: Vec<Sight>, clock: &Arc<dyn Clock>) -> Self {
        let (mut all, mut tasks) = (Vec::new(), Vec::new());
        for sight in sights {
            let seen = Arc::new(Mutex::new(Observation::new(sight.hop.clone(), View::Client)));
            all.push(seen.clone());
            tasks.push(tokio::spawn(keep_looking(sight, seen, clock.clone())).abort_handle());
        }
        Self { seen: all, tasks }
    }

    /// What was seen so far.
    pub fn observations(&self) -> Vec<Observation> {
        self.seen.iter().map(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn keep_looking(sight: Sight, shared: Arc<Mutex<Observation>>, clock: Arc<dyn Clock>) {
    let mut tick = interval(sight.interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = Observation::new(sight.hop.clone(), View::Client);
    loop {
        tick.tick().await;
        sight.look(&mut seen, clock.clone()).await;
        shared.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&seen);
    }
}
