//! Where metrics are served: an address on this host, which a reload may change.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use super::server::AdminError;

/// The listening socket of metrics; empty where they are served nowhere. Clones are the same socket, which
/// is closed with the last.
#[derive(Clone, Debug, Default)]
pub struct MetricsSocket(Option<Arc<TcpListener>>);

impl MetricsSocket {
    /// Listens on this address.
    pub fn bind(address: Option<SocketAddr>) -> Result<Self, AdminError> {
        let Some(address) = address else { return Ok(Self::default()) };
        let failure = |source| AdminError::Metrics { address, source };
        let socket = TcpListener::bind(address).map_err(failure)?;
        Self::of(socket).map_err(failure)
    }

    /// Takes a socket that listens already.
    pub fn of(socket: TcpListener) -> std::io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self(Some(Arc::new(socket))))
    }

    /// Whether metrics are served at this address.
    pub fn is_at(&self, address: Option<SocketAddr>) -> bool {
        self.0.as_ref().and_then(|socket| socket.local_addr().ok()) == address
    }

    /// The socket, if metrics are served.
    pub fn socket(&self) -> Option<&TcpListener> {
        self.0.as_deref()
    }
}
