//! Reading a ClientHello from whatever a stranger sends: any fragmentation, a bound, no panic.
//!
//! The bytes that were read are kept: the same ones feed this reader, the TLS library or the
//! replay to a passthrough upstream. One parser, one decision, no second peek.

use bytes::Bytes;

use crate::{Alert, CipherSuite, NamedGroup, ProtocolVersion};

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
    /// The offered suites in order, signalling values included.
    pub suites: Vec<CipherSuite>,
    /// The offered compression methods.
    pub compression: Vec<u8>,
    /// The extensions in order: type and body.
    pub extensions: Vec<(u16, Bytes)>,
    /// The server name (RFC 6066), in lower case.
    pub server_name: Option<String>,
    /// The application protocols in order (RFC 7301).
    pub alpn: Vec<Bytes>,
    /// `supported_versions`, or where it is absent what `legacy_version` implies; best first, GREASE left out.
    pub versions: Vec<ProtocolVersion>,
    /// The offered groups in order.
    pub groups: Vec<NamedGroup>,
    /// The groups that came with a key share.
    pub key_shares: Vec<NamedGroup>,
    /// The offered signature schemes in order, as numbers.
    pub signature_schemes: Vec<u16>,
}

/// Collects bytes until a ClientHello is whole.
#[derive(Debug, Default)]
pub struct HelloReader {
    #[allow(dead_code)]
    received: Vec<u8>,
}

/// Where a reader stands after some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Partial,
    /// The hello is whole.
    Complete(Box<ClientHello>),
}

/// Why the bytes are no acceptable ClientHello.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HelloError {
    /// The first bytes are a cleartext HTTP request.
    #[error("cleartext HTTP on a TLS port")]
    CleartextHttp,
    /// The first bytes are an SSL 2.0 hello.
    #[error("an SSL 2.0 hello")]
    Ssl2,
    /// The first bytes are nothing that we know.
    #[error("not TLS")]
    NotTls,
    /// More than [`HELLO_LIMIT`] bytes.
    #[error("a ClientHello of more than {HELLO_LIMIT} bytes")]
    TooLong,
    /// A TLS record or message that breaks the rules.
    #[error("a malformed ClientHello: {0}")]
    Malformed(&'static str),
}

impl HelloError {
    /// The alert that answers it; `None` where the peer does not speak TLS.
    pub fn alert(&self) -> Option<Alert> {
        match self {
            Self::CleartextHttp | Self::NotTls => None,
            Self::Ssl2 => Some(Alert::ProtocolVersion),
            Self::TooLong => Some(Alert::RecordOverflow),
            Self::Malformed(_) => Some(Alert::DecodeError),
        }
    }
}

impl HelloReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes as they came.
    pub fn push(&mut self, _bytes: &[u8]) -> Result<Progress, HelloError> {
        todo!()
    }

    /// Everything received so far, bytes behind the hello included.
    pub fn received(&self) -> &[u8] {
        &self.received
    }
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
