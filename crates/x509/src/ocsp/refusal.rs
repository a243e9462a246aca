//! Answers that say nothing of any certificate.

/// Why there is no status (RFC 6960 section 2.3). It is not signed, so anybody on the way may have said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The request can't be read.
    MalformedRequest,
    /// Something failed here.
    InternalError,
    /// It is known, and not to be had right now.
    TryLater,
    /// The responder does not answer for this certificate, or not to this client.
    Unauthorized,
}

impl Refusal {
    /// An OCSPResponse with nothing but its status.
    pub fn to_der(self) -> Vec<u8> {
        vec![0x30, 0x03, 0x0a, 0x01, self.code()]
    }

    /// OCSPResponseStatus. 0 is success, 4 is used by nobody, and 5 is for who answers signed requests only.
    fn code(self) -> u8 {
        match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::Unauthorized => 6,
        }
    }
}
