//! Why a header is refused, and why one can't be written.

use super::HEADER_LIMIT;

/// Why the bytes are no acceptable header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The connection begins with something else.
    #[error("no PROXY header came first")]
    Missing,
    /// The connection begins with TLS.
    #[error("TLS came first, and no PROXY header: the sender does not send one")]
    TlsInstead,
    /// More than [`HEADER_LIMIT`] bytes.
    #[error("a PROXY header of more than {HEADER_LIMIT} bytes")]
    TooLong,
    /// A line of version 1 that breaks the rules.
    #[error("a malformed PROXY line: {0}")]
    Line(&'static str),
    /// A header of version 2 that breaks the rules.
    #[error("a malformed PROXY header: {0}")]
    Malformed(&'static str),
    /// The bytes are not those that were sent.
    #[error("a PROXY header whose CRC32C does not hold")]
    Checksum,
}

/// A header that its form has no room for: a path of more than 108 bytes, or too much of anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this does not fit into a PROXY header")]
pub struct Unwritable;
