//! Why a hello is refused, and the alert that says so.

use super::HELLO_LIMIT;
use crate::Alert;
use crate::cursor;

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

impl From<cursor::Malformed> for HelloError {
    fn from(cursor::Malformed(what): cursor::Malformed) -> Self {
        Self::Malformed(what)
    }
}
