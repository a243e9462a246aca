//! Listening sockets, held outside the snapshot: a reload that does not touch a listener does not
//! touch its socket.

mod holder;

use std::io;
use std::net::{SocketAddr, TcpListener};

use hermetic_config::Listener;
use hermetic_hop::PartyName;
use socket2::{Domain, Protocol, Socket, Type};

pub use holder::Holder;

use crate::error::GatewayError;

/// Connections that wait to be accepted, at most; the kernel caps it by `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// The listening sockets of a gateway: for each worker, one of each listener.
#[derive(Debug)]
pub struct Sockets {
    workers: Vec<Vec<(PartyName, TcpListener)>>,
}

impl Sockets {
    /// Listens on the address of each listener, once for each of `workers`.
    pub fn bind(listeners: &[Listener], workers: usize) -> Result<Self, GatewayError> {
        // All before any: a port in use is found while nothing is served yet.
        for listener in listeners {
            exclusively(listener.bind).map_err(|source| failure(listener, source))?;
        }
        let workers = (0..workers)
            .map(|_| {
                let shared = |listener: &Listener| match shared(listener.bind) {
                    Ok(socket) => Ok((listener.name.clone(), socket)),
                    Err(source) => Err(failure(listener, source)),
                };
                listeners.iter().map(shared).collect()
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { workers })
    }

    /// The sockets of each worker.
    pub(crate) fn into_workers(self) -> Vec<Vec<(PartyName, TcpListener)>> {
        self.workers
    }
}

/// Binds without `SO_REUSEPORT` and lets go: with that option a second instance by mistake would
/// silently share the port.
fn exclusively(address: SocketAddr) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(1)
}

fn shared(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn failure(listener: &Listener, source: io::Error) -> GatewayError {
    let (listener, address) = (listener.name.clone(), listener.bind);
    if source.kind() == io::ErrorKind::AddrInUse {
        return GatewayError::AddressInUse { listener, address, holder: Holder::of(address) };
    }
    GatewayError::Bind { listener, address, source }
}
