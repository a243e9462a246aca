//! Prelude: what a protocol says before its ClientHello, such as PROXY protocol's line or Postgres's
//! `SSLRequest`. It may tell a truer client address, and may have read bytes that belong to the
//! hello already.

use std::net::SocketAddr;

use tokio::net::TcpStream;

/// A connection that is ready for its ClientHello.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub stream: TcpStream,
    /// The client, as far as is known.
    pub address: SocketAddr,
    /// What was read behind the prelude.
    pub received: Vec<u8>,
}

/// The prelude of protocols that begin with the hello: there is none.
pub(crate) fn none(stream: TcpStream, address: SocketAddr) -> Arrival {
    Arrival { stream, address, received: Vec::new() }
}
