//! What has an instance reload or upgrade besides the commands of these names: SIGHUP and SIGUSR2, and a
//! change of the files that its configuration rests on.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use super::instance::Instance;

/// How often the files are looked at. A change is taken up once it has held still for as long, so that a
/// file which is just being written is not read.
const LOOK: Duration = Duration::from_millis(500);

/// The signals, asked for before anything else, so that none of them ends the start.
#[derive(Debug)]
pub struct Triggers {
    hangup: Option<Signal>,
    user2: Signal,
}

impl Triggers {
    /// Those of an instance with a configuration file, or without one: there is nothing to reload then, and
    /// the end of the terminal, which SIGHUP tells of, is that of the instance.
    pub fn new(has_file: bool) -> std::io::Result<Self> {
        let hangup = has_file.then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self { hangup, user2: signal(SignalKind::user_defined2())? })
    }

    /// Follows them for ever. How a reload or an upgrade went is logged there.
    pub async fn follow(&mut self, instance: &Arc<Instance>) {
        loop {
            tokio::select! {
                () = reload(instance, self.hangup.as_mut()) => { let _ = instance.reload().await; }
                Some(()) = self.user2.recv() => {
                    tracing::info!("upgrading: SIGUSR2");
                    let _ = instance.upgrade().await;
                }
            }
        }
    }
}

/// Waits until there is a reason to reload.
async fn reload(instance: &Instance, hangup: Option<&mut Signal>) {
    let Some(hangup) = hangup else { return std::future::pending().await };
    tokio::select! {
        _ = hangup.recv() => tracing::info!("reloading: SIGHUP"),
        () = changed(instance) => tracing::info!("reloading: a file changed"),
    }
}

/// Waits until one of the files is otherwise than when it was read, and has been so for a while.
async fn changed(instance: &Instance) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        tick.tick().await;
        let reloads = instance.reloads().clone();
        // A thread that panicked saw nothing.
        let now = tokio::task::spawn_blocking(move || reloads.changed()).await.unwrap_or_default();
        if now.is_some() && now == last {
            return;
        }
        last = now;
    }
}
