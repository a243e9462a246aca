//! Private keys at rest: envelope encryption.
//!
//! Each secret is sealed under a data key of its own, made for it and used once; the data key is wrapped by
//! the key-encryption key, which comes from a file, a passphrase, a systemd credential or a token. So the
//! key-encryption key can be changed without opening a secret, and one in a token never sees more than data
//! keys. By default it lies in a file beside the database, which protects one thing only: a copy of the
//! database alone is of no use. Whoever can read the whole folder has every key in it.
//!
//! What is plain in memory is wiped when it is dropped. Three things can't be: what the compiler leaves in
//! registers and on the stack when it moves values, the pages that the system swaps out or writes into a core
//! dump, and the environment of a process whose passphrase came from there.

mod aes_gcm;
mod argon2id;
mod error;
mod key;
mod owner;
mod record;
mod sealed;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hkdf::{HKDF_SHA256, Prk};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

pub use error::KeyringError;
pub use owner::Owner;
pub use record::KeyringRecord;
pub use sealed::KeyId;
pub use source::{KeySource, SourceKind};

use aes_gcm::SealingKey;
use key::{KeyEncryptionKey, LENGTH, exactly};
use sealed::Sealed;

/// Seals private keys and opens them again. Clones are the same.
#[derive(Clone)]
pub struct Keyring {
    held: Arc<Held>,
}

struct Held {
    id: KeyId,
    key: KeyEncryptionKey,
    /// What secrets are derived from. It is sealed in the record, and so survives a change of key.
    root: Zeroizing<[u8; LENGTH]>,
}

impl Keyring {
    /// The keyring of a store in which nothing is sealed yet. A key file, or a key in the token, is made where
    /// it is missing. The record must be in the store before anything sealed is: without it, nothing opens. Of two
    /// nodes that do this at once, one finds the other's record in the store, and unlocks that.
    pub async fn create(source: &KeySource) -> Result<(Self, KeyringRecord), KeyringError> {
        let mut root = Zeroizing::new([0; LENGTH]);
        // Straight from the system: an injected source of chance may be a test's, a key never is.
        aws_lc_rs::rand::fill(&mut *root).map_err(|_| KeyringError::Library)?;
        Self::under(source, root).await
    }

    /// The keyring of a store from before there were records: everything in it is sealed under a key file,
    /// which must be there. It is not known to be the right one until something opens; let that be so before
    /// the record is kept.
    pub async fn adopt(source: &KeySource) -> Result<(Self, KeyringRecord), KeyringError> {
        let KeySource::File(path) = source else {
            return Err(KeyringError::OtherSource { recorded: SourceKind::File, configured: source.kind() });
        };
        let bytes = source::key_file(path)?;
        // HKDF-Extract (RFC 5869 section 2.2), as those stores derived their secrets. The library doesn't wipe its
        // tag, which is gone with this frame of the stack.
        let root = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"hermetic keyring"), &*bytes);
        Self::under(source, exactly(root.as_ref())?).await
    }

    /// The keyring of a store that has a record. Another source than the recorded one, a wrong passphrase, a
    /// wrong file and a wrong token are found out here, before anything is opened.
    pub async fn unlock(source: &KeySource, record: &KeyringRecord) -> Result<Self, KeyringError> {
        if source.kind() != record.kind() {
            return Err(KeyringError::OtherSource { recorded: record.kind(), configured: source.kind() });
        }
        let key = source.key(record.derivation()).await?;
        let Sealed::Envelope { id, wrapped, data } = Sealed::read(record.check())? else {
            return Err(KeyringError::Record("it is of another kind".to_owned()));
        };
        let root = open_envelope(&key, id, wrapped, Owner::Keyring, data).await;
        let root = root.map_err(|error| match error {
            KeyringError::Altered => source.wrong(),
            other => other,
        })?;
        Ok(Self { held: Arc::new(Held { id, key, root: exactly(&root)? }) })
    }

    /// A keyring under another key-encryption key, with the record that takes this one's place, for
    /// [`Keyring::rewrap`]. It derives the same secrets.
    pub async fn successor(&self, source: &KeySource) -> Result<(Self, KeyringRecord), KeyringError> {
        Self::under(source, self.held.root.clone()).await
    }

    /// What names its key-encryption key in what it sealed.
    pub fn id(&self) -> KeyId {
        self.held.id
    }

    /// A secret for a purpose: the same as long as the store is, and of no use for any other purpose
    /// (RFC 5869).
    pub fn secret(&self, purpose: &str) -> Result<Zeroizing<[u8; LENGTH]>, KeyringError> {
        let mut secret = Zeroizing::new([0; LENGTH]);
        let info = [purpose.as_bytes()];
        let root = Prk::new_less_safe(HKDF_SHA256, &*self.held.root);
        let expanded = root.expand(&info, HKDF_SHA256).and_then(|okm| okm.fill(&mut *secret));
        expanded.map_err(|_| KeyringError::Library)?;
        Ok(secret)
    }

    /// Seals a secret for its owner.
    pub async fn seal(&self, owner: Owner<'_>, secret: &[u8]) -> Result<Vec<u8>, KeyringError> {
        seal_envelope(&self.held.key, self.held.id, owner, secret).await
    }

    /// Opens what was sealed for this owner.
    pub async fn open(&self, owner: Owner<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        match Sealed::read(sealed)? {
            Sealed::Direct(data) => self.held.key.open_direct(owner.binding(), data),
            Sealed::Envelope { id, wrapped, data } => {
                self.is_mine(id)?;
                open_envelope(&self.held.key, id, wrapped, owner, data).await
            }
        }
    }

    /// Brings what `from` sealed for this owner under this keyring. An envelope keeps its data key, and its
    /// secret stays closed; what was sealed directly under a key file, as stores did before, gets an envelope.
    /// What is under this keyring already stays as it is, so that a change that a crash cut short can be
    /// begun anew.
    pub async fn rewrap(
        &self,
        owner: Owner<'_>,
        sealed: &[u8],
        from: &Self,
    ) -> Result<Vec<u8>, KeyringError> {
        match Sealed::read(sealed)? {
            Sealed::Envelope { id, .. } if id == self.held.id => Ok(sealed.to_vec()),
            Sealed::Envelope { id, wrapped, data } => {
                from.is_mine(id)?;
                let data_key = from.held.key.unwrap(id, wrapped).await?;
                let wrapped = self.held.key.wrap(self.held.id, data_key).await?;
                Sealed::Envelope { id: self.held.id, wrapped: &wrapped, data }.write()
            }
            Sealed::Direct(_) => self.seal(owner, &from.open(owner, sealed).await?).await,
        }
    }

    async fn under(
        source: &KeySource,
        root: Zeroizing<[u8; LENGTH]>,
    ) -> Result<(Self, KeyringRecord), KeyringError> {
        let (key, derivation) = source.fresh_key().await?;
        let id = KeyId::random()?;
        let check = seal_envelope(&key, id, Owner::Keyring, &*root).await?;
        let record = KeyringRecord::new(source.kind(), derivation, check);
        Ok((Self { held: Arc::new(Held { id, key, root }) }, record))
    }

    fn is_mine(&self, id: KeyId) -> Result<(), KeyringError> {
        let held = self.held.id;
        if id == held { Ok(()) } else { Err(KeyringError::OtherKey { sealed: id, held }) }
    }
}

async fn seal_envelope(
    key: &KeyEncryptionKey,
    id: KeyId,
    owner: Owner<'_>,
    secret: &[u8],
) -> Result<Vec<u8>, KeyringError> {
    let mut data_key = Zeroizing::new([0; LENGTH]);
    aws_lc_rs::rand::fill(&mut *data_key).map_err(|_| KeyringError::Library)?;
    let data = SealingKey::new(&data_key)?.seal(owner.binding(), secret)?;
    let wrapped = key.wrap(id, data_key).await?;
    Sealed::Envelope { id, wrapped: &wrapped, data: &data }.write()
}

async fn open_envelope(
    key: &KeyEncryptionKey,
    id: KeyId,
    wrapped: &[u8],
    owner: Owner<'_>,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let data_key = key.unwrap(id, wrapped).await?;
    SealingKey::new(&data_key)?.open(owner.binding(), data)
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keyring").field("id", &self.held.id).finish_non_exhaustive()
    }
}
