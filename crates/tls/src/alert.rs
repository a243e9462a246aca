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
    /// Whoever it is may not come in.
    AccessDenied = 49,
    /// A message could not be decoded.
    DecodeError = 50,
    /// The offered protocol versions are all too old.
    ProtocolVersion = 70,
    /// Something went wrong that is no fault of the peer.
    InternalError = 80,
    /// The client fell back to an older version than it could have had (RFC 7507).
    InappropriateFallback = 86,
    /// The hello lacks an extension that is needed here, such as the server name (RFC 8446 section 9.2).
    MissingExtension = 109,
    /// No certificate covers the server name that was asked for (RFC 6066).
    UnrecognizedName = 112,
    /// None of the application protocols that were offered is spoken (RFC 7301).
    NoApplicationProtocol = 120,
}

impl Alert {
    /// The alert as one TLS record, ready to send. The record version is that of TLS 1.2, which
    /// every client that is still in use reads.
    pub fn record(self) -> [u8; 7] {
        [21, 3, 3, 0, 2, 2, self as u8]
    }

    /// The name that the TLS registry gives it, such as `protocol_version`.
    pub fn name(self) -> &'static str {
        registry_name(self as u8).unwrap_or("unassigned")
    }
}

/// The name of an alert's number in the IANA registry "TLS Alerts".
pub(crate) fn registry_name(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        52 => "too_many_cids_requested",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        117 => "general_error",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => return None,
    })
}
