//! Reading what a server answers to an [`Offer`](crate::offer::Offer): its whole first flight, as far as it
//! comes in clear, with everything that a scanner wants to know of it.
//!
//! Of TLS 1.3 that is the ServerHello or the HelloRetryRequest; before it, all up to the ServerHelloDone.
//! [`flight`](crate::flight) reads the same of connections that pass by, and keeps less of it.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod hello;
mod ja3s;
mod key_exchange;
mod reader;
mod ssl2;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::records::RecordError;
use crate::{alert, cursor};

pub use hello::{Downgrade, ServerHello};
pub use key_exchange::KeyExchangeParameters;
pub use reader::{AnswerReader, Heard};
pub use ssl2::{Ssl2Answer, read_ssl2};

/// The most bytes of an answer that are read: chains with certificates of some hundred kilobytes were seen.
pub const ANSWER_LIMIT: usize = 2 << 20;

/// A server's first flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it chose.
    pub hello: ServerHello,
    /// The certificates in DER, as they were sent.
    pub certificates: Option<Vec<Bytes>>,
    /// The OCSP response that was stapled, in DER.
    pub stapled: Option<Bytes>,
    /// How keys are to be agreed on.
    pub key_exchange: Option<KeyExchangeParameters>,
    /// Whether it asks the client for a certificate.
    pub asks_client: bool,
    /// Whether it went on with a session instead of beginning one.
    pub resumed: bool,
}

/// An alert by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlertNumber(pub u8);

impl std::fmt::Display for AlertNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match alert::registry_name(self.0) {
            Some(name) => f.pad(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It answers a ClientHello with cleartext HTTP.
    #[error("it speaks cleartext HTTP, not TLS")]
    CleartextHttp,
    /// It answers with something that we don't know.
    #[error("it does not speak TLS")]
    NotTls,
    /// Its answer has no end within [`ANSWER_LIMIT`] bytes.
    #[error("an answer of more than {ANSWER_LIMIT} bytes")]
    TooLong,
    /// A TLS record or message that breaks the rules.
    #[error("a malformed answer to the ClientHello: {0}")]
    Malformed(&'static str),
}

impl From<RecordError> for AnswerError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::CleartextHttp => Self::CleartextHttp,
            RecordError::NotTls => Self::NotTls,
            RecordError::TooLong => Self::TooLong,
            RecordError::Malformed(what) => Self::Malformed(what),
        }
    }
}

impl From<cursor::Malformed> for AnswerError {
    fn from(cursor::Malformed(what): cursor::Malformed) -> Self {
        Self::Malformed(what)
    }
}
