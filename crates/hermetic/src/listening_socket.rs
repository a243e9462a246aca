//! Where something is served beside the gateway: an address on this host, which a reload may change.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// A socket that listens; empty where nothing is served. Clones are the same socket, which is closed with the
/// last.
#[derive(Clone, Debug, Default)]
pub struct ListeningSocket(Option<Arc<TcpListener>>);

impl ListeningSocket {
    /// Listens on this address.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::of(TcpListener::bind(address)?)
    }

    /// Takes a socket that listens already.
    pub fn of(socket: TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self(Some(Arc::new(socket))))
    }

    /// Whether it listens on this address.
    pub fn is_at(&self, address: Option<SocketAddr>) -> bool {
        self.0.as_ref().and_then(|socket| socket.local_addr().ok()) == address
    }

    /// The socket, if there is one.
    pub fn socket(&self) -> Option<&TcpListener> {
        self.0.as_deref()
    }
}
