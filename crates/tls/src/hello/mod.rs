//! Reading a ClientHello from whatever a stranger sends: any fragmentation, a bound, no panic.
//!
//! The bytes that were read are kept: the same ones feed this reader, the TLS library or the
//! replay to a passthrough upstream. One parser, one decision, no second peek.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod error;
mod ja4;
mod message;
mod opening;
mod reader;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod writer;

use bytes::Bytes;

use crate::{CipherSuite, NamedGroup, ProtocolVersion};

pub use error::HelloError;
pub use ja4::{Ja4, Ja4Error};
pub use reader::{HelloReader, Progress};

/// The most bytes of a hello, records included, that are read before it is refused.
pub const HELLO_LIMIT: usize = 64 * 1024;

/// A ClientHello as it came, in types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// Everything received up to and including the hello's last record.
    pub raw: Bytes,
    /// The handshake message alone (type, length, body), records removed; what fingerprints read.
    pub message: Bytes,
    /// `legacy_version` of the message.
    pub legacy_version: ProtocolVersion,
    /// The 32 random bytes.
    pub random: [u8; 32],
    /// The session id, at most 32 bytes.
    pub session_id: Bytes,
    /// The offered suites in order, signalling values and GREASE included.
    pub suites: Vec<CipherSuite>,
    /// The offered compression methods.
    pub compression: Vec<u8>,
    /// The extensions in order: type and body.
    pub extensions: Vec<(u16, Bytes)>,
    /// The server name (RFC 6066), in lower case.
    pub server_name: Option<String>,
    /// The application protocols in order (RFC 7301).
    pub alpn: Vec<Bytes>,
    /// `supported_versions`, best first, GREASE left out. Where the extension is absent, the one
    /// best version that `legacy_version` stands for, TLS 1.2 at most (RFC 8446 section 4.2.1):
    /// such a client takes older versions too, but does not say which.
    pub versions: Vec<ProtocolVersion>,
    /// The offered groups in order, GREASE included.
    pub groups: Vec<NamedGroup>,
    /// The groups that came with a key share, GREASE included.
    pub key_shares: Vec<NamedGroup>,
    /// The offered signature schemes in order, as numbers.
    pub signature_schemes: Vec<u16>,
}

impl ClientHello {
    /// Whether the client marks this as a fallback to an older version (TLS_FALLBACK_SCSV, RFC 7507).
    pub fn is_fallback(&self) -> bool {
        self.suites.contains(&CipherSuite(0x5600))
    }

    /// The best version that the client offers.
    pub fn best_version(&self) -> Option<ProtocolVersion> {
        self.versions.iter().max().copied()
    }
}
