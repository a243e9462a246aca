//! Proxied: the PROXY header of connections that a proxy before us passes on. Whether there must be one
//! is decided by who connects, never by what comes: whoever could choose would choose who they are.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hermetic_config::{Others, ProxyProtocol};
use hermetic_hop::View;
use hermetic_tls::Alert;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;

use crate::deadline::Deadline;
use crate::hello;
use crate::prelude::{self, Arrival, Ends};
use crate::proxy_protocol::{self, Details, Header, HeaderError, Origin, Progress};
use crate::record::AccessRecord;
use crate::snapshot::{ListenerSnapshot, ProtocolSnapshot, StreamClientsSnapshot};
use crate::worker::Worker;

/// What is read at first: a header that tells of TLS, and most of a hello behind it.
const READ: usize = 2048;

/// What a proxy told of the connection that it passes on. It is that proxy's word and nobody else's:
/// it goes on record, and is evidence of nothing.
#[derive(Debug)]
pub(crate) struct Told {
    pub by: SocketAddr,
    pub details: Details,
}

/// Why a connection got no further than its prelude.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// A health check: it came and went without a word.
    #[error("closed before a byte was sent")]
    Silent,
    #[error("it comes from {0}, whose word is not taken here (`proxy_protocol`)")]
    Stranger(SocketAddr),
    #[error("closed in the middle of the PROXY header")]
    Truncated,
    #[error("no whole PROXY header within {} s", .0.as_secs())]
    Slow(Duration),
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
}

/// The connection behind its PROXY header, where its listener demands one of `peer`. `None` where it
/// was refused; it is on record then.
pub(crate) async fn arrive(
    worker: &Worker,
    listener: &ListenerSnapshot,
    mut stream: TcpStream,
    peer: SocketAddr,
) -> Option<Arrival> {
    let deadline = Deadline::within(listener.handshake_timeout);
    let Some(proxy_protocol) = &listener.proxy_protocol else {
        return Some(prelude::none(stream, peer, deadline));
    };
    let refused = match demanded(proxy_protocol, peer) {
        Ok(false) => return Some(prelude::none(stream, peer, deadline)),
        Ok(true) => match header(&mut stream, deadline).await {
            Ok((header, received)) => {
                let ends = ends(header, Ends::of(&stream, peer));
                return Some(Arrival { stream, ends, received, alpn: None, deadline });
            }
            Err(refused) => refused,
        },
        Err(refused) => refused,
    };
    if matches!(refused, Refused::Silent) {
        return None;
    }
    record(worker, listener, peer, &refused.to_string());
    if let Some(alert) = refused.alert().filter(|_| listener.begins_with_tls()) {
        hello::refuse(&mut stream, alert).await;
    }
    None
}

/// Whether this peer must send a header.
fn demanded(proxy_protocol: &ProxyProtocol, peer: SocketAddr) -> Result<bool, Refused> {
    match (proxy_protocol.believes(peer.ip()), proxy_protocol.others) {
        (true, _) => Ok(true),
        (false, Others::Direct) => Ok(false),
        (false, Others::Refuse) => Err(Refused::Stranger(peer)),
    }
}

/// Reads the header, and gives what came behind it.
async fn header<IO>(io: &mut IO, deadline: Deadline) -> Result<(Header, Vec<u8>), Refused>
where
    IO: AsyncRead + Unpin,
{
    let reading = async {
        let mut received = Vec::with_capacity(READ);
        loop {
            if let Progress::Complete { header, length } = proxy_protocol::read(&received)? {
                let behind = received.split_off(length);
                return Ok((*header, behind));
            }
            if io.read_buf(&mut received).await? == 0 {
                return Err(if received.is_empty() { Refused::Silent } else { Refused::Truncated });
            }
        }
    };
    deadline.hold(reading).await.unwrap_or_else(|within| Err(Refused::Slow(within)))
}

/// The ends that the header tells; those of the socket where it tells none.
fn ends(header: Header, socket: Ends) -> Ends {
    match header.origin {
        // The proxy's own connection is nobody's word about somebody else.
        Origin::Sender => socket,
        Origin::Unknown | Origin::Unix { .. } => {
            Ends { told: Some(Rc::new(Told { by: socket.client, details: header.details })), ..socket }
        }
        Origin::Tcp(addresses) => Ends {
            // As the ends of a socket are told, so that nobody is two.
            client: canonical(addresses.source()),
            server: canonical(addresses.destination()),
            told: Some(Rc::new(Told { by: socket.client, details: header.details })),
        },
    }
}

fn canonical(end: SocketAddr) -> SocketAddr {
    SocketAddr::new(end.ip().to_canonical(), end.port())
}

fn record(worker: &Worker, listener: &ListenerSnapshot, peer: SocketAddr, error: &str) {
    let (at, hop) = (worker.clock.now(), &listener.stranger);
    tracing::debug!(%hop, %peer, error, "a connection was refused before its first byte");
    worker.ledger().failed(hop, View::Server, error);
    worker.log(|| AccessRecord::PreludeFailed { at, listener: &listener.name, client: peer, error });
}

impl Refused {
    /// What a TLS client is told, which is all that it can understand before its handshake.
    fn alert(&self) -> Option<Alert> {
        match self {
            Self::Stranger(_) => Some(Alert::AccessDenied),
            Self::Header(HeaderError::TlsInstead) => Some(Alert::UnexpectedMessage),
            _ => None,
        }
    }
}

impl ListenerSnapshot {
    /// Whether its clients begin with a ClientHello.
    fn begins_with_tls(&self) -> bool {
        match &self.protocol {
            ProtocolSnapshot::Https(_) => true,
            ProtocolSnapshot::Stream(stream) => {
                matches!(stream.clients, StreamClientsSnapshot::Tls(_) | StreamClientsSnapshot::PassedThrough)
            }
            // Those of PostgreSQL begin with a word of its own.
            ProtocolSnapshot::Http(_) | ProtocolSnapshot::Redirect { .. } | ProtocolSnapshot::Postgres(_) => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy_protocol::Addresses;

    /// The ends of a connection from `by`, which passes on one that it says is from `client`.
    fn told(by: &str, client: &str) -> Ends {
        let (source, server) = (client.parse().unwrap(), "[::ffff:10.0.0.2]:443".parse().unwrap());
        let header = Header::new(Addresses::V6 { source, destination: server }, Details::default());
        let by: SocketAddr = by.parse().unwrap();
        ends(header, Ends { client: by, server: by, told: None })
    }

    #[test]
    fn no_word_of_a_proxys_makes_a_client_one_of_this_host() {
        assert!(!told("192.0.2.1:50000", "[::1]:50001").are_of_this_host());
        assert!(!told("127.0.0.1:50000", "[2001:db8::1]:50001").are_of_this_host());
        assert!(told("127.0.0.1:50000", "[::1]:50001").are_of_this_host());
    }

    #[test]
    fn an_ipv4_address_that_is_told_as_ipv6_is_the_same_as_ever() {
        let ends = told("192.0.2.1:50000", "[::ffff:10.0.0.1]:50001");
        assert_eq!(
            (ends.client, ends.server),
            ("10.0.0.1:50001".parse().unwrap(), "10.0.0.2:443".parse().unwrap())
        );
    }
}
