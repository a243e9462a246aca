//! What can go wrong with keys at rest.

use super::sealed::KeyId;
use super::source::SourceKind;
use crate::passphrase::PassphraseError;
use crate::token::TokenError;

/// What can go wrong with keys at rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The key file can't be read or made.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The key file is gone.
    #[error("the key file {0} is missing; put it back from where it was kept")]
    FileMissing(String),
    /// The key file holds something else.
    #[error("the key file {0} does not hold 32 bytes; put the right one back")]
    FileLength(String),
    /// The key file holds another key.
    #[error("the key file {0} is not the one that the store's keys are sealed under; put the right one back")]
    WrongFile(String),
    /// systemd gave no credentials to this process.
    #[error(
        "no credential `{0}`: CREDENTIALS_DIRECTORY is not set; start it by systemd with \
         `LoadCredentialEncrypted={0}` in its unit"
    )]
    NoCredentials(String),
    /// There is no passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The passphrase is too short to seal anything under it (NIST SP 800-63B section 5.1.1.2).
    #[error("the passphrase is shorter than 8 characters; take a longer one")]
    ShortPassphrase,
    /// The passphrase is another one.
    #[error("the passphrase is not the one that the store's keys are sealed under")]
    WrongPassphrase,
    /// The token refused, or is not there.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token has another key of that name.
    #[error(
        "the key `{key}` in the token `{token}` is not the one that the store's keys are sealed under; \
         put the right token in"
    )]
    WrongToken {
        /// The token's label.
        token: String,
        /// The key's label.
        key: String,
    },
    /// The store's keys are sealed under a key of another kind.
    #[error(
        "the store's keys are sealed under {recorded}, but {configured} is configured; \
         configure what they are sealed under, and change it from there"
    )]
    OtherSource {
        /// What they are sealed under.
        recorded: SourceKind,
        /// What is configured.
        configured: SourceKind,
    },
    /// The record of the keyring can't be read.
    #[error("the record of the keyring can't be read: {0}; restore the store from its backup")]
    Record(String),
    /// Something was sealed by a later version, or is nothing that was sealed.
    #[error("a key in the store is sealed in format {0}, which this version does not know")]
    Format(u8),
    /// Something that was sealed is not whole.
    #[error("a key in the store was cut off; restore the store from its backup")]
    CutOff,
    /// Something was sealed under another key-encryption key.
    #[error(
        "a key in the store is sealed under the key-encryption key {sealed}; the one that is held is {held}"
    )]
    OtherKey {
        /// What names that key.
        sealed: KeyId,
        /// What names ours.
        held: KeyId,
    },
    /// Something that was sealed does not open.
    #[error("a key in the store does not open: it was altered, or belongs to another")]
    Altered,
    /// The cryptographic library or the system's source of randomness failed.
    #[error("the cryptographic library failed")]
    Library,
}

impl KeyringError {
    /// Whether somebody came with another key than the one that the store's keys are sealed under.
    pub fn is_wrong_key(&self) -> bool {
        matches!(
            self,
            Self::FileLength(_)
                | Self::WrongFile(_)
                | Self::WrongPassphrase
                | Self::WrongToken { .. }
                | Self::OtherSource { .. }
        )
    }
}
