//! Prelude: what a protocol says before its ClientHello, such as PROXY protocol's header or Postgres's
//! `SSLRequest`. It may tell a truer client address, and may have read bytes that belong to the
//! hello already.

use std::net::SocketAddr;
use std::rc::Rc;

use tokio::net::TcpStream;

use crate::deadline::Deadline;
use crate::proxied::Told;

/// A connection that is ready for its ClientHello.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub stream: TcpStream,
    /// Between whom it is.
    pub ends: Ends,
    /// What was read behind the prelude.
    pub received: Vec<u8>,
    /// By when its handshake must be over.
    pub deadline: Deadline,
    /// The application protocol that the hello must offer, where the protocol demands one.
    pub alpn: Option<&'static str>,
}

/// Both ends of a client's connection, as far as is known: where a proxy before us passes it on and is
/// believed, the ends that it told.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    pub client: SocketAddr,
    /// What the client connected to.
    pub server: SocketAddr,
    /// What the proxy before us told, where there is one.
    pub told: Option<Rc<Told>>,
}

impl Ends {
    /// The ends of the socket itself.
    pub fn of(stream: &TcpStream, peer: SocketAddr) -> Self {
        // Only a socket that is gone has no address; what is done with it fails by itself.
        let server = stream.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
        let server = SocketAddr::new(server.ip().to_canonical(), server.port());
        Self { client: peer, server, told: None }
    }

    /// Whether what the client sends can't leave this host. Where a proxy passes it on, neither its own bytes
    /// may come over a network nor those of the client that it tells of: its word makes nothing safer.
    pub fn are_of_this_host(&self) -> bool {
        let sent_by = self.told.as_ref().map_or(self.client, |told| told.by);
        [sent_by, self.client].iter().all(|end| end.ip().is_loopback())
    }
}

/// The prelude of protocols that begin with the hello: there is none.
pub(crate) fn none(stream: TcpStream, peer: SocketAddr, deadline: Deadline) -> Arrival {
    Arrival { ends: Ends::of(&stream, peer), stream, received: Vec::new(), alpn: None, deadline }
}
