//! EventBridge: who puts events on buses.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("eventbridge-bus-policy-secure-transport", secure_transport::judge)];
