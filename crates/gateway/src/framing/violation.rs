//! The rules, by what breaks them.

use super::FIELD_LIMIT;

/// A rule of RFC 9112 (or a limit) that a client's bytes broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The request line is not `method SP target SP version`.
    #[error("the request line is not a method, a target and a version with one space between them")]
    RequestLine,
    /// The version is neither `HTTP/1.0` nor `HTTP/1.1`.
    #[error("the version is neither HTTP/1.0 nor HTTP/1.1")]
    Version,
    /// A line ends with a line feed alone.
    #[error("a line ends with a line feed alone")]
    BareLineFeed,
    /// A control byte, a carriage return without its line feed among them.
    #[error("a control byte")]
    ControlByte,
    /// A continued line (obs-fold).
    #[error("a field continued on the next line")]
    Folded,
    /// White space before the first field.
    #[error("white space before the first field")]
    SpaceBeforeFields,
    /// White space between a field's name and its colon.
    #[error("white space between a field's name and its colon")]
    SpaceBeforeColon,
    /// A field line without a colon.
    #[error("a field without a colon")]
    NoColon,
    /// A field name that is empty or no token.
    #[error("a field name that is empty or no token")]
    FieldName,
    /// HTTP/1.1 without `Host`.
    #[error("no Host")]
    NoHost,
    /// More than one `Host`.
    #[error("more than one Host")]
    TwoHosts,
    /// A `Host` that is no host with an optional port.
    #[error("a Host that is no host with an optional port")]
    Host,
    /// A `Content-Length` that is not digits of a 64-bit number.
    #[error("a Content-Length that is not one number")]
    Length,
    /// More than one `Content-Length`, equal or not.
    #[error("more than one Content-Length")]
    TwoLengths,
    /// `Content-Length` beside `Transfer-Encoding`.
    #[error("Content-Length beside Transfer-Encoding")]
    LengthAndEncoding,
    /// A `Transfer-Encoding` other than `chunked`.
    #[error("a Transfer-Encoding other than chunked")]
    Encoding,
    /// More than one `Transfer-Encoding`.
    #[error("more than one Transfer-Encoding")]
    TwoEncodings,
    /// `Transfer-Encoding` in HTTP/1.0.
    #[error("Transfer-Encoding in HTTP/1.0")]
    EncodingInHttp10,
    /// A head of more bytes than [`HeadLimits`](super::HeadLimits) allows.
    #[error("a head of too many bytes")]
    HeadTooLarge,
    /// A head of more fields than [`HeadLimits`](super::HeadLimits) allows.
    #[error("a head of too many fields")]
    TooManyFields,
    /// The connection ended within a head.
    #[error("the connection ended within a head")]
    CutShort,
    /// A chunk size that is no hexadecimal 64-bit number.
    #[error("a chunk size that is no hexadecimal number of at most 16 digits")]
    ChunkSize,
    /// Malformed chunk extensions.
    #[error("malformed chunk extensions")]
    ChunkExtension,
    /// A chunk line of more than [`CHUNK_LINE_LIMIT`](super::CHUNK_LINE_LIMIT) bytes.
    #[error("a chunk line of more than {} bytes", super::CHUNK_LINE_LIMIT)]
    ChunkLineTooLong,
    /// A chunk that is not followed by CRLF.
    #[error("a chunk longer than its size")]
    ChunkEnd,
    /// A trailer that frames, routes or names the host.
    #[error("a trailer that belongs into the head")]
    Trailer,
    /// A trailer section of more than [`TRAILER_LIMIT`](super::TRAILER_LIMIT) bytes.
    #[error("a trailer section of more than {} bytes", super::TRAILER_LIMIT)]
    TrailersTooLarge,
}

/// No method, chunk size or field name begins with NUL, and no chunk ends with it: at the start of any
/// of them hyper fails at once, or, in trailers, at the empty line.
const POISON: &[u8] = b"\0\r\n\r\n";

impl Violation {
    /// What hyper reads in place of the offending bytes, so that it refuses them: with `400` in a head,
    /// or `431` for one that is too large, and with an error in a body. `fields` is what a head may have.
    pub(super) fn poison(self, fields: usize) -> Vec<u8> {
        match self {
            // Should hyper take more fields than it was to be told, the NUL still makes it a 400.
            Self::HeadTooLarge | Self::TooManyFields => {
                let too_many = fields.max(FIELD_LIMIT) + 1;
                [b"GET / HTTP/1.1\r\n".as_slice(), &b"a:\r\n".repeat(too_many), POISON].concat()
            }
            _ => POISON.to_vec(),
        }
    }
}
