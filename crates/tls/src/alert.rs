//! The alerts that Hermetic sends itself, before a TLS library is asked.

/// A fatal TLS alert (RFC 8446 section 6), with its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Alert {
    /// A message came that does not belong there.
    UnexpectedMessage = 10,
    /// A record was too long.
    RecordOverflow = 22,
    /// No common parameters.
    HandshakeFailure = 40,
    /// A field was out of range.
    IllegalParameter = 47,
    /// A message could not be decoded.
    DecodeError = 50,
    /// The offered protocol versions are all too old.
    ProtocolVersion = 70,
    /// The client fell back to an older version than it could have had (RFC 7507).
    InappropriateFallback = 86,
    /// No certificate covers the server name that was asked for (RFC 6066).
    UnrecognizedName = 112,
}

impl Alert {
    /// The alert as one TLS record, ready to send. The record version is that of TLS 1.2, which
    /// every client that is still in use reads.
    pub fn record(self) -> [u8; 7] {
        [21, 3, 3, 0, 2, 2, self as u8]
    }

    /// The name that the TLS registry gives it, such as `protocol_version`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnexpectedMessage => "unexpected_message",
            Self::RecordOverflow => "record_overflow",
            Self::HandshakeFailure => "handshake_failure",
            Self::IllegalParameter => "illegal_parameter",
            Self::DecodeError => "decode_error",
            Self::ProtocolVersion => "protocol_version",
            Self::InappropriateFallback => "inappropriate_fallback",
            Self::UnrecognizedName => "unrecognized_name",
        }
    }
}
