//! Where a listener's sockets are, and so how they are found again when it is configured anew.

use std::net::SocketAddr;

use hermetic_config::Listener;
use hermetic_hop::PartyName;
use serde::{Deserialize, Serialize};

/// The place of a listener's sockets: its address as configured. Where the system chooses the port, two
/// listeners may have the same, so the name belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bind {
    /// The address.
    pub address: SocketAddr,
    /// The listener, where the port is 0.
    pub name: Option<PartyName>,
}

impl Bind {
    /// The place of this listener's sockets. A listener that is only called otherwise has the same.
    pub fn of(listener: &Listener) -> Self {
        let name = (listener.bind.port() == 0).then(|| listener.name.clone());
        Self { address: listener.bind, name }
    }

    /// Whether a socket there may keep another from listening here, both being ours.
    pub(super) fn may_overlap(&self, other: &Self) -> bool {
        self.address.port() != 0 && self.address.port() == other.address.port()
    }
}
