//! What one line of a log tells.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::net::{IpAddr, SocketAddr};

use hermetic_hop::{Checked, TlsFacts, Transport};
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};
use jiff::Timestamp;

/// What one line of a log tells of the hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    /// A connection that came to stand.
    Connection(Connection),
    /// A handshake that failed at this time.
    Failed(Timestamp),
    /// Nothing: the request never went over the hop.
    Elsewhere,
}

/// A connection, as one line tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// When: of the request, or of the connection where the log knows only that.
    pub at: Timestamp,
    /// The far end: who connected or, in the client's view, whom it connected to.
    pub address: Option<Address>,
    /// How its bytes travelled.
    pub transport: LoggedTransport,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// Which of the connection's lines this is.
    pub occasion: Occasion,
}

/// Which of a connection's lines one is: logs of HTTP have one for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The first, or the only one.
    First,
    /// One after the first.
    Later,
    /// The log does not count requests; lines with the same number are of one connection.
    Of(u64),
}

/// How the bytes of a logged connection travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LoggedTransport {
    /// Nothing protected them.
    Cleartext {
        /// Whether they could not leave the host: loopback or a unix socket.
        local: bool,
    },
    /// TLS. What the log does not tell, or tells by a name that no registry has, is `None`.
    Tls {
        /// The protocol version.
        version: Option<ProtocolVersion>,
        /// The cipher suite.
        suite: Option<CipherSuite>,
        /// The key-exchange group.
        group: Option<NamedGroup>,
        /// Whether the server checked a client certificate; `None` where the log does not tell.
        client_verified: Option<ClientVerified>,
    },
}

/// What a server logs of a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClientVerified {
    /// It was checked and holds.
    Yes,
    /// It was checked and does not hold.
    No,
    /// There was none.
    None,
}

/// Where the far end of a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// At an IP address.
    Ip(IpAddr),
    /// At the other end of a unix socket.
    Unix,
}

/// Why a line can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableLine {
    /// It is not of the form that the format writes.
    #[error("it is neither a JSON object nor `key=value` pairs")]
    Form,
    /// It does not tell when.
    #[error("it has no time that can be read")]
    Time,
    /// It says neither that there was TLS nor that there was none.
    #[error("it does not say whether there was TLS; see the log format in the reference")]
    Silent,
}

impl Address {
    /// Reads `203.0.113.7`, `203.0.113.7:443`, `[2001:db8::1]:443`, `unix:` and the like.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.starts_with("unix") || text.starts_with('/') {
            return Some(Self::Unix);
        }
        let address = text.parse::<SocketAddr>().map(|address| address.ip());
        address.or_else(|_| text.parse()).ok().map(|ip: IpAddr| Self::Ip(ip.to_canonical()))
    }

    /// Whether bytes to and from it stay on the host.
    pub fn is_local(self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_loopback(),
            Self::Unix => true,
        }
    }
}

impl LoggedTransport {
    /// Cleartext with this far end; one that nobody names may be anywhere.
    pub(crate) fn cleartext(address: Option<Address>) -> Self {
        Self::Cleartext { local: address.is_some_and(Address::is_local) }
    }

    /// As the judgement wants it.
    pub fn transport(self) -> Transport {
        match self {
            Self::Cleartext { local } => Transport::Cleartext { local },
            Self::Tls { version, suite, group, client_verified } => Transport::Tls(Box::new(TlsFacts {
                version,
                suite,
                group,
                client_checked: client_verified.map_or(Checked::NotObservable, ClientVerified::checked),
                ..TlsFacts::default()
            })),
        }
    }
}

impl ClientVerified {
    fn checked(self) -> Checked {
        match self {
            Self::Yes => Checked::Verified,
            Self::No => Checked::NotVerified,
            Self::None => Checked::NotAsked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_and_without_its_port() {
        let ip = |text: &str| Some(Address::Ip(text.parse().unwrap()));
        assert_eq!(Address::read("203.0.113.7"), ip("203.0.113.7"));
        assert_eq!(Address::read("203.0.113.7:443"), ip("203.0.113.7"));
        assert_eq!(Address::read("[2001:db8::1]:443"), ip("2001:db8::1"));
        assert_eq!(Address::read("2001:db8::1"), ip("2001:db8::1"));
        assert_eq!(Address::read("unix:"), Some(Address::Unix));
        assert_eq!(Address::read("shop.example.com"), None);
    }

    #[test]
    fn loopback_in_an_ipv6_coat_is_still_loopback() {
        assert!(Address::read("::ffff:127.0.0.1").unwrap().is_local());
        assert!(!Address::read("::ffff:10.0.0.1").unwrap().is_local());
    }

    #[test]
    fn cleartext_from_an_address_that_nobody_names_may_have_left_the_host() {
        assert_eq!(LoggedTransport::cleartext(None), LoggedTransport::Cleartext { local: false });
    }
}
