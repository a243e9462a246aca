//! Reading a server's answer to a ClientHello as it passes by: what it chose, as far as that can be seen
//! without the keys. The bytes are not ours; they are read, and neither kept back nor changed.
//!
//! Of TLS 1.3 the ServerHello is all that comes in clear. Before it, the certificate does too, and the
//! group in the key exchange.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod message;
mod reader;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use crate::chain::Chain;
use crate::cursor;
use crate::records::RecordError;
use crate::{CipherSuite, NamedGroup, ProtocolVersion};

pub(crate) use message::RETRY;
pub use reader::ServerFlightReader;

/// The most bytes that are looked at. Chains of certificates are long; what lies behind them is of less
/// and less use.
pub const FLIGHT_LIMIT: usize = 64 * 1024;

/// What a server chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerChoice {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub suite: CipherSuite,
    /// The key-exchange group, where there is one and it was seen.
    pub group: Option<NamedGroup>,
    /// The application protocol; under TLS 1.3 it is hidden.
    pub alpn: Option<String>,
    /// Whether it asked for another hello before (HelloRetryRequest).
    pub retried: bool,
    /// Whether a session was resumed: by a pre-shared key, or without a certificate.
    pub resumed: bool,
    /// The certificates that it showed; under TLS 1.3 they are hidden.
    pub chain: Option<Chain>,
    /// Whether it asked the client for a certificate; under TLS 1.3 that is hidden.
    pub asks_client: Option<bool>,
}

/// Where a server's answer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has chosen nothing yet.
    Open,
    /// Version and suite are chosen, and more comes in clear.
    Chosen,
    /// All is seen that can be.
    Complete,
    /// It ended the handshake, by the alert of this name.
    Refused(String),
}

/// Why the bytes are no answer to a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlightError {
    /// It answers a ClientHello with cleartext HTTP.
    #[error("it speaks cleartext HTTP, not TLS")]
    CleartextHttp,
    /// It answers with something that we don't know.
    #[error("it does not speak TLS")]
    NotTls,
    /// No choice within [`FLIGHT_LIMIT`] bytes.
    #[error("an answer of more than {FLIGHT_LIMIT} bytes without a ServerHello")]
    TooLong,
    /// A TLS record or message that breaks the rules.
    #[error("a malformed answer to the ClientHello: {0}")]
    Malformed(&'static str),
}

impl From<RecordError> for FlightError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::CleartextHttp => Self::CleartextHttp,
            RecordError::NotTls => Self::NotTls,
            RecordError::TooLong => Self::TooLong,
            RecordError::Malformed(what) => Self::Malformed(what),
        }
    }
}

impl From<cursor::Malformed> for FlightError {
    fn from(cursor::Malformed(what): cursor::Malformed) -> Self {
        Self::Malformed(what)
    }
}
