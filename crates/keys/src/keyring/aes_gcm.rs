//! AES-256-GCM with random nonces: how everything that rests here is sealed in the end.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::error::KeyringError;
use super::key::LENGTH;

/// A key for sealing. The library wipes its copy.
pub(super) struct SealingKey(RandomizedNonceKey);

impl SealingKey {
    pub(super) fn new(key: &[u8; LENGTH]) -> Result<Self, KeyringError> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(|_| KeyringError::Library)
    }

    /// Nonce, ciphertext and tag.
    pub(super) fn seal(&self, binding: Vec<u8>, secret: &[u8]) -> Result<Vec<u8>, KeyringError> {
        // Encrypted where it lies, so that no plain copy stays behind in memory.
        let mut data = Zeroizing::new(Vec::with_capacity(secret.len() + AES_256_GCM.tag_len()));
        data.extend_from_slice(secret);
        let sealed = self.0.seal_in_place_append_tag(Aad::from(binding), &mut *data);
        let nonce = sealed.map_err(|_| KeyringError::Library)?;
        Ok([nonce.as_ref().as_slice(), &data].concat())
    }

    /// Opens what was sealed with the same binding.
    pub(super) fn open(&self, binding: Vec<u8>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let (nonce, data) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(KeyringError::CutOff)?;
        let mut secret = Zeroizing::new(data.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, Aad::from(binding), &mut secret);
        let length = opened.map_err(|_| KeyringError::Altered)?.len();
        secret.truncate(length);
        Ok(secret)
    }
}
