//! Stopping without cutting anything: no new connections, the live ones finish within a deadline.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

/// Tells every connection that the gateway wants to stop.
#[derive(Clone, Debug)]
pub(crate) struct Drain(watch::Receiver<Option<Duration>>);

/// Counts the connections of one worker, and waits until there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections(Rc<State>);

#[derive(Debug, Default)]
struct State {
    open: Cell<usize>,
    none: Notify,
}

/// One counted connection.
#[derive(Debug)]
pub(crate) struct Counted(Connections);

impl Drain {
    /// A drain, and the sender that starts it by giving its deadline.
    pub fn channel() -> (watch::Sender<Option<Duration>>, Self) {
        let (sender, receiver) = watch::channel(None);
        (sender, Self(receiver))
    }

    /// Waits until the gateway wants to stop; gives how long connections may take to finish. A
    /// gateway that is gone gives them no time.
    pub async fn started(&mut self) -> Duration {
        match self.0.wait_for(Option::is_some).await {
            Ok(deadline) => deadline.unwrap_or_default(),
            Err(_) => Duration::ZERO,
        }
    }
}

impl Connections {
    /// Counts one more.
    pub fn open(&self) -> Counted {
        self.0.open.set(self.0.open.get() + 1);
        Counted(self.clone())
    }

    /// Waits until none is open.
    pub async fn none(&self) {
        while self.0.open.get() > 0 {
            self.0.none.notified().await;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let state = &self.0.0;
        state.open.set(state.open.get() - 1);
        if state.open.get() == 0 {
            state.none.notify_one();
        }
    }
}
