//! The upgrade that is under way: the end of this process ends it, so that no process goes on which was
//! started to take the place of one that was asked to stop.

use std::sync::{Arc, Mutex, PoisonError};

use super::heritage::Channel;

/// Whether an upgrade is under way, and may be.
#[derive(Debug, Default)]
pub struct UnderWay(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    /// None.
    #[default]
    Quiet,
    /// The channel to the process that is to take over.
    Begun(Arc<Channel>),
    /// This process stops; none may begin.
    GivenUp,
}

impl UnderWay {
    /// An upgrade begins on this channel; gives whether it may.
    pub fn begin(&self, channel: &Arc<Channel>) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::GivenUp) {
            return false;
        }
        *state = State::Begun(channel.clone());
        true
    }

    /// Whether this process stops.
    pub fn is_given_up(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::GivenUp)
    }

    /// Ends the upgrade that is under way, unless the other process has said already that it serves, and
    /// lets none begin.
    pub fn give_up(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Begun(channel) = std::mem::replace(&mut *state, State::GivenUp) {
            channel.close();
        }
    }
}
