//! Key-encryption keys: they wrap data keys, and nothing else.

use zeroize::Zeroizing;

use super::aes_gcm::SealingKey;
use super::error::KeyringError;
use super::sealed::KeyId;
use crate::token::{TokenError, WrappingKey};

/// How long keys are, in bytes: AES-256.
pub(super) const LENGTH: usize = 32;

/// A key-encryption key.
pub(super) enum KeyEncryptionKey {
    /// One in this process.
    Here(SealingKey),
    /// One in a token.
    Token(WrappingKey),
}

impl KeyEncryptionKey {
    pub(super) fn here(key: &[u8; LENGTH]) -> Result<Self, KeyringError> {
        SealingKey::new(key).map(Self::Here)
    }

    /// Wraps a data key. The id is bound in, so that nobody renames what wrapped it.
    pub(super) async fn wrap(
        &self,
        id: KeyId,
        data_key: Zeroizing<[u8; LENGTH]>,
    ) -> Result<Vec<u8>, KeyringError> {
        match self {
            Self::Here(key) => key.seal(binding(id), &*data_key),
            Self::Token(key) => Ok(key.wrap(binding(id), Zeroizing::new(data_key.to_vec())).await?),
        }
    }

    /// The data key again.
    pub(super) async fn unwrap(
        &self,
        id: KeyId,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; LENGTH]>, KeyringError> {
        let data_key = match self {
            Self::Here(key) => key.open(binding(id), wrapped)?,
            Self::Token(key) => key.unwrap(binding(id), wrapped).await.map_err(|error| match error {
                TokenError::DoesNotOpen { .. } => KeyringError::Altered,
                other => other.into(),
            })?,
        };
        exactly(&data_key)
    }

    /// Opens what was sealed without an envelope, as stores were before there were any.
    pub(super) fn open_direct(
        &self,
        binding: Vec<u8>,
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        match self {
            Self::Here(key) => key.open(binding, data),
            Self::Token(_) => Err(KeyringError::Altered),
        }
    }
}

/// A key of these bytes, if they are as many; copied to where it is wiped, and nowhere else.
pub(super) fn exactly(bytes: &[u8]) -> Result<Zeroizing<[u8; LENGTH]>, KeyringError> {
    let mut key = Zeroizing::new([0; LENGTH]);
    if bytes.len() != key.len() {
        return Err(KeyringError::CutOff);
    }
    key.copy_from_slice(bytes);
    Ok(key)
}

fn binding(id: KeyId) -> Vec<u8> {
    format!("hermetic data key: {id}").into_bytes()
}
