//! What can go wrong in the authority.

use hermetic_store::StoreError;
use hermetic_tls::{CertificateError, RandomnessFailed};

use crate::signer::SignerError;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signer failed.
    #[error("the signing key could not be used: {0}")]
    Signer(#[from] SignerError),
    /// A key at rest can't be opened.
    #[error("a private key in {path} can't be opened: {reason}")]
    SealedKey {
        /// The data folder.
        path: String,
        /// Why.
        reason: String,
    },
    /// The request asks for what is not issued.
    #[error("not issued: {0}")]
    Refused(String),
    /// A certificate could not be built or read back.
    #[error("a certificate could not be made: {0}")]
    Certificate(String),
    /// A file of the data folder can't be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl From<der::Error> for AuthorityError {
    fn from(error: der::Error) -> Self {
        Self::Certificate(error.to_string())
    }
}

impl From<CertificateError> for AuthorityError {
    fn from(error: CertificateError) -> Self {
        Self::Certificate(error.to_string())
    }
}

impl From<RandomnessFailed> for AuthorityError {
    fn from(error: RandomnessFailed) -> Self {
        Self::Certificate(error.to_string())
    }
}
