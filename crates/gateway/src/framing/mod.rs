//! A strict reader of HTTP/1.1 framing that stands between TLS and the HTTP library.
//!
//! Where two parties on a path read the bounds of a message differently, one of them can be made to
//! see a request that the other did not: request smuggling. hyper 1.12 is lenient in places: it takes
//! `Content-Length` beside `Transfer-Encoding` and hides it from the service, takes two equal lengths,
//! and takes a bare line feed for a line's end. So every head, chunk line and trailer section is judged
//! here first, by RFC 9112 and nothing looser, and held back until it has passed. Bodies flow through
//! unbuffered.
//!
//! A head that fails is replaced by bytes that hyper itself refuses, so that its `400` comes in order,
//! after the answers to the requests before it, and it closes the connection. A chunk line that fails is
//! replaced likewise, and the service's body ends in an error; [`Handle::violation`] tells the service
//! which rule was broken, so that it answers `400` there too. Nothing behind the violation is read.
//!
//! - [`Reader`] judges bytes and does no I/O.
//! - [`StrictFraming`] is the stream around it that hyper reads from.
//! - [`Handle`] is the server's side: what it answered to a request that asked to switch protocols.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod chunk;
mod field;
mod handle;
mod head;
mod lines;
mod reader;
mod stream;
mod violation;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod with_hyper;

pub use handle::{Answer, Answering, Handle, Watched};
pub use reader::{Reader, Standing};
pub use stream::StrictFraming;
pub use violation::Violation;

/// The most bytes in a request's head, unless told otherwise; a larger one is answered with `431`.
pub const HEAD_LIMIT: usize = 64 * 1024;

/// The most fields in a request's head, unless told otherwise; more are answered with `431`. hyper's own
/// limit is the same.
pub const FIELD_LIMIT: usize = 100;

/// How much a request's head may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// So many bytes.
    pub bytes: usize,
    /// So many fields. Where it is more than [`FIELD_LIMIT`], hyper must be told the same.
    pub fields: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self { bytes: HEAD_LIMIT, fields: FIELD_LIMIT }
    }
}

/// The most bytes in the line before a chunk, its extensions included.
pub const CHUNK_LINE_LIMIT: usize = 256;

/// The most bytes in a trailer section; hyper's own limit is the same.
pub const TRAILER_LIMIT: usize = 16 * 1024;
