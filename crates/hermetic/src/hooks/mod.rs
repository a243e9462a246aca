//! Hooks: programs that are run, and URLs that are called, when something happens to a certificate.
//!
//! Each hook follows the journal from where it was when the hook was first seen, and keeps in the store how far
//! it has come: at least once each event is told, across crashes and restarts. Of several processes on one store
//! one tells it, by a lease. Nothing waits for a hook; a hook that hangs holds up only itself.

mod event;
mod follower;
mod program;
mod record;
#[cfg(test)]
mod tests;
mod webhook;

pub use event::Event;
pub use record::{HookTally, Record};

use std::sync::Arc;
use std::time::Duration;

use hermetic_config::{Hook, UpstreamTls};
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::up::Instance;
use follower::Follower;

/// How often is looked whether a reload has changed them.
const LOOK: Duration = Duration::from_secs(1);

/// A hook that is followed, until this is dropped.
struct Running {
    hook: Hook,
    task: AbortHandle,
}

/// Runs the hooks of an instance's configuration as it is and will be, until another process has taken over.
pub async fn keep(instance: Arc<Instance>) {
    let mut running: Vec<Running> = Vec::new();
    while instance.successor().is_none() {
        let configuration = instance.configuration();
        running.retain(|running| configuration.hooks.contains(&running.hook) && !running.task.is_finished());
        for hook in &configuration.hooks {
            if !running.iter().any(|running| running.hook == *hook) {
                let follower = follower(&instance, hook.clone());
                let task = tokio::spawn(async move { follower.follow().await }).abort_handle();
                running.push(Running { hook: hook.clone(), task });
            }
        }
        sleep(LOOK).await;
    }
    drop(running);
    for hook in &instance.configuration().hooks {
        follower(&instance, hook.clone()).leave().await;
    }
}

fn follower(instance: &Arc<Instance>, hook: Hook) -> Follower {
    let of_instance = instance.clone();
    Follower {
        hook,
        store: instance.store().clone(),
        clock: instance.shared_clock().clone(),
        settings: Arc::new(move |tls: &UpstreamTls| webhook::settings(tls, &of_instance.credentials())),
        record: instance.hooks().clone(),
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
