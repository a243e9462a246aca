//! Heritage: what an instance begins with and need not make: sockets that systemd listens with already, or
//! all that the process hands over whose place it takes.

mod activation;
mod channel;
mod heir;
mod message;

use std::os::fd::OwnedFd;

use hermetic_gateway::Sockets;

use crate::admin::server::AdminSocket;
use crate::listening_socket::ListeningSocket;
use crate::part::protocol::Seen;

pub use activation::{Activated, ActivationError};
pub use channel::{Channel, MOST_DESCRIPTORS};
pub use heir::{Heir, SUCCEEDS};
pub use message::{FromHeir, ToHeir};

/// What an instance begins with. Without any it makes all itself.
#[derive(Debug, Default)]
pub struct Heritage {
    /// Sockets of listeners.
    pub sockets: Sockets,
    /// The socket of metrics.
    pub metrics: Option<ListeningSocket>,
    /// The socket of what the authority publishes.
    pub publishing: Option<ListeningSocket>,
    /// The admin socket.
    pub admin: Option<AdminSocket>,
    /// The hold on the data folder.
    pub lock: Option<OwnedFd>,
    /// What was seen of each hop.
    pub seen: Seen,
}
