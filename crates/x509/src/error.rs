//! What all of the crate's readers and writers share.

/// Bytes that can't be read as what they should be, or values that have no encoding.
///
/// The readers of strangers' bytes have errors of their own, which name each fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EncodingError(pub String);

impl From<der::Error> for EncodingError {
    fn from(error: der::Error) -> Self {
        Self(error.to_string())
    }
}
