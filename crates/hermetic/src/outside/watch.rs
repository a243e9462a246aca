//! Looks at external hops for as long as the instance runs.

use std::sync::{Arc, Mutex, PoisonError};

use hermetic_hop::Observation;
use hermetic_tls::Clock;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::Source;

/// A running watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    seen: Vec<Arc<Mutex<Observation>>>,
    tasks: Vec<AbortHandle>,
}

impl Watch {
    /// Looks at each of these at once, and then on its interval. One that hangs holds up no other.
    pub fn start(sources: Vec<Source>, clock: &Arc<dyn Clock>) -> Self {
        let (mut all, mut tasks) = (Vec::new(), Vec::new());
        for source in sources {
            let seen = Arc::new(Mutex::new(source.unseen()));
            all.push(seen.clone());
            tasks.push(tokio::spawn(keep_looking(source, seen, clock.clone())).abort_handle());
        }
        Self { seen: all, tasks }
    }

    /// What was seen so far, of each source apart.
    pub fn observations(&self) -> Vec<Observation> {
        self.seen.iter().map(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn keep_looking(mut source: Source, shared: Arc<Mutex<Observation>>, clock: Arc<dyn Clock>) {
    let mut tick = interval(source.interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = source.unseen();
    loop {
        tick.tick().await;
        source.look(&mut seen, &clock).await;
        shared.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&seen);
    }
}
