//! PROXY protocol, versions 1 and 2: how a proxy tells whose connection it passes on, before the first
//! byte of that connection. Bytes in, types out, and back; nothing here touches a socket.
//!
//! The specification is HAProxy's `doc/proxy-protocol.txt`; sections are of its revision of 2025, whose
//! three newest subtypes of `PP2_TYPE_SSL` are read too.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod crc32c;
mod error;
mod tlv;
mod v1;
mod v2;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};

pub use error::{HeaderError, Unwritable};

/// The most bytes of a header that are read before it is refused. The specification promises that one
/// fits a TCP segment; a client's certificate in it may need more.
pub const HEADER_LIMIT: usize = 16 * 1024;

/// What a proxy tells of the connection that it passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose connection it is.
    pub origin: Origin,
    /// What version 2 may tell besides. Without addresses there is none: nobody could say where they
    /// end and it begins.
    pub details: Details,
}

/// Whose connection a proxy passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The proxy's own, such as a health check (`LOCAL`).
    Sender,
    /// Somebody's of whom no address is told (`UNKNOWN`, `UNSPEC`), or not one of a stream.
    Unknown,
    /// A client's over TCP.
    Tcp(Addresses),
    /// A client's over a unix socket: the paths of both ends, 108 bytes at most.
    Unix {
        /// The client's end.
        source: Vec<u8>,
        /// The proxy's end.
        destination: Vec<u8>,
    },
}

/// Both ends of a client's connection over TCP; they are of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// IPv4.
    V4 {
        /// The client's end.
        source: SocketAddrV4,
        /// The proxy's end.
        destination: SocketAddrV4,
    },
    /// IPv6.
    V6 {
        /// The client's end.
        source: SocketAddrV6,
        /// The proxy's end.
        destination: SocketAddrV6,
    },
}

/// What version 2 may tell besides the addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The application protocol (`PP2_TYPE_ALPN`).
    pub alpn: Option<Vec<u8>>,
    /// The server name that the client asked for (`PP2_TYPE_AUTHORITY`).
    pub authority: Option<String>,
    /// What proxies before call this connection, 128 bytes at most (`PP2_TYPE_UNIQUE_ID`).
    pub unique_id: Option<Vec<u8>>,
    /// How the client's TLS ended at the proxy (`PP2_TYPE_SSL`).
    pub tls: Option<TlsDetails>,
    /// The proxy's network namespace (`PP2_TYPE_NETNS`).
    pub namespace: Option<String>,
}

/// `PP2_TYPE_SSL`: how a client's TLS ended at the proxy, in the proxy's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsDetails {
    /// Whether the client came by TLS (`PP2_CLIENT_SSL`).
    pub encrypted: bool,
    /// Whether the client showed a certificate on this connection (`PP2_CLIENT_CERT_CONN`).
    pub certificate_on_connection: bool,
    /// Whether it did in this connection's session (`PP2_CLIENT_CERT_SESS`).
    pub certificate_in_session: bool,
    /// Zero where that certificate was verified.
    pub verify: u32,
    /// The protocol version, such as `TLSv1.3` (`PP2_SUBTYPE_SSL_VERSION`).
    pub version: Option<String>,
    /// The common name in the client's certificate (`PP2_SUBTYPE_SSL_CN`).
    pub common_name: Option<String>,
    /// The cipher suite (`PP2_SUBTYPE_SSL_CIPHER`).
    pub cipher: Option<String>,
    /// How the proxy's certificate is signed (`PP2_SUBTYPE_SSL_SIG_ALG`).
    pub signature_algorithm: Option<String>,
    /// The key of the proxy's certificate (`PP2_SUBTYPE_SSL_KEY_ALG`).
    pub key_algorithm: Option<String>,
    /// The key-exchange group (`PP2_SUBTYPE_SSL_GROUP`).
    pub group: Option<String>,
    /// How the proxy signed the handshake (`PP2_SUBTYPE_SSL_SIG_SCHEME`).
    pub signature_scheme: Option<String>,
    /// The client's certificate in DER (`PP2_SUBTYPE_SSL_CLIENT_CERT`).
    pub client_certificate: Option<Vec<u8>>,
}

/// Where the reading of a header stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Partial,
    /// The header is whole.
    Complete {
        /// The header.
        header: Box<Header>,
        /// How many bytes it took; those behind are the connection's own.
        length: usize,
    },
}

/// Reads the header at the start of what was received so far. However the bytes are split, the answer
/// for all of them is the same.
pub fn read(received: &[u8]) -> Result<Progress, HeaderError> {
    match received {
        [] => Ok(Progress::Partial),
        [b'P', ..] => v1::read(received),
        [b'\r', ..] => v2::read(received),
        // The record type of every TLS connection's first byte: the likeliest mistake.
        [22, ..] => Err(HeaderError::TlsInstead),
        _ => Err(HeaderError::Missing),
    }
}

impl Header {
    /// A header of these addresses and details.
    pub fn new(addresses: Addresses, details: Details) -> Self {
        Self { origin: Origin::Tcp(addresses), details }
    }

    /// The line of version 1. Of what it can't say, nothing is said.
    pub fn version1(&self) -> Vec<u8> {
        v1::write(&self.origin)
    }

    /// The bytes of version 2, with their checksum.
    pub fn version2(&self) -> Result<Vec<u8>, Unwritable> {
        v2::write(self)
    }
}

impl Addresses {
    /// The ends of a connection. Where one of them is IPv4 and the other is not, which a socket of both
    /// families makes possible, both are written as IPv6 (RFC 4291 section 2.5.5.2).
    pub fn new(source: SocketAddr, destination: SocketAddr) -> Self {
        match (canonical(source), canonical(destination)) {
            (SocketAddr::V4(source), SocketAddr::V4(destination)) => Self::V4 { source, destination },
            (source, destination) => Self::V6 { source: mapped(source), destination: mapped(destination) },
        }
    }

    /// The client's end.
    pub fn source(self) -> SocketAddr {
        match self {
            Self::V4 { source, .. } => source.into(),
            Self::V6 { source, .. } => source.into(),
        }
    }

    /// The proxy's end, which the client connected to.
    pub fn destination(self) -> SocketAddr {
        match self {
            Self::V4 { destination, .. } => destination.into(),
            Self::V6 { destination, .. } => destination.into(),
        }
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn mapped(address: SocketAddr) -> SocketAddrV6 {
    match address {
        SocketAddr::V4(v4) => SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0),
        SocketAddr::V6(v6) => SocketAddrV6::new(*v6.ip(), v6.port(), 0, 0),
    }
}
