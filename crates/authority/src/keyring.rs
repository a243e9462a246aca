//! Private keys at rest: sealed under a key-encryption key.
//!
//! By default that key lies in the file `key` beside the database. This protects one thing only: a copy
//! of the database alone, such as a backup of it, is of no use. Whoever can read the whole folder has
//! every key in it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::error::AuthorityError;
use crate::file;

/// The first byte of what is sealed: how it is sealed.
const AES_256_GCM_SEALED: u8 = 1;

/// Seals private keys and opens them again. Where its key comes from (a file, later a passphrase or a
/// token) is decided when it is made; nothing else knows.
#[derive(Debug)]
pub(crate) struct Keyring {
    data: PathBuf,
    key: RandomizedNonceKey,
}

/// Whose key is sealed. It is bound into the seal, so that the key of one can't be put in place of
/// another's by whoever can write to the database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'a> {
    /// The authority of this name.
    Authority(&'a str),
    /// The certificate with this serial number in hex.
    Certificate(&'a str),
}

impl Keyring {
    /// The keyring of a data folder, by its file `key`. A missing file is made, but only where `fresh`:
    /// with sealed keys in the store a new one would open none of them.
    pub(crate) fn of_folder(data: &Path, fresh: bool) -> Result<Self, AuthorityError> {
        let path = data.join("key");
        let key = match file::read(&path)? {
            Some(bytes) => Zeroizing::new(bytes),
            None if fresh => make(&path)?,
            None => {
                let reason = "its key file `key` is missing; put it back from where it was kept";
                return Err(sealed_key(data, reason));
            }
        };
        warn_if_open_to_others(&path);
        if key.len() != 32 {
            return Err(sealed_key(
                data,
                "its key file `key` does not hold 32 bytes; put the right one back",
            ));
        }
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key)
            .map_err(|_| sealed_key(data, "its key file `key` can't be used"))?;
        Ok(Self { data: data.to_owned(), key })
    }

    /// Seals a private key for its owner.
    pub(crate) fn seal(&self, owner: Owner<'_>, private_key: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        // Encrypted where it lies, so that no plain copy stays behind in memory.
        let mut secret = Zeroizing::new(Vec::with_capacity(private_key.len() + AES_256_GCM.tag_len()));
        secret.extend_from_slice(private_key);
        let nonce = self
            .key
            .seal_in_place_append_tag(owner.binding(), &mut *secret)
            .map_err(|_| sealed_key(&self.data, "sealing failed"))?;
        Ok([&[AES_256_GCM_SEALED], nonce.as_ref().as_slice(), &secret].concat())
    }

    /// Opens what was sealed for this owner.
    pub(crate) fn open(&self, owner: Owner<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
        let Some((&AES_256_GCM_SEALED, rest)) = sealed.split_first() else {
            return Err(sealed_key(&self.data, "it was sealed by another version"));
        };
        let Some((nonce, secret)) = rest.split_first_chunk::<NONCE_LEN>() else {
            return Err(sealed_key(&self.data, "it was cut off"));
        };
        let mut secret = Zeroizing::new(secret.to_vec());
        let length = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), owner.binding(), &mut secret)
            .map_err(|_| {
                sealed_key(
                    &self.data,
                    "the key file `key` is not the one it was sealed with, or it was altered",
                )
            })?
            .len();
        secret.truncate(length);
        Ok(secret)
    }
}

impl Owner<'_> {
    fn binding(self) -> Aad<Vec<u8>> {
        let text = match self {
            Self::Authority(name) => format!("hermetic private key: authority {name}"),
            Self::Certificate(serial) => format!("hermetic private key: certificate {serial}"),
        };
        Aad::from(text.into_bytes())
    }
}

fn make(path: &Path) -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
    let mut key = Zeroizing::new(vec![0; 32]);
    // Straight from the system: an injected source of chance may be a test's, a key never is.
    aws_lc_rs::rand::fill(&mut key)
        .map_err(|_| AuthorityError::Certificate("the system's source of randomness failed".to_owned()))?;
    file::replace(path, &key, 0o600)?;
    Ok(key)
}

/// Only a warning: file systems of containers show modes that nobody can change.
fn warn_if_open_to_others(path: &Path) {
    let mode = std::fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "others can read the key file; run `chmod 600` on it");
    }
}

fn sealed_key(data: &Path, reason: &str) -> AuthorityError {
    AuthorityError::SealedKey { path: data.display().to_string(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EDGE: Owner<'_> = Owner::Certificate("0a");

    fn keyring() -> (tempfile::TempDir, Keyring) {
        let data = tempfile::tempdir().unwrap();
        let keyring = Keyring::of_folder(data.path(), true).unwrap();
        (data, keyring)
    }

    #[test]
    fn the_key_of_one_does_not_open_as_anothers() {
        let (_data, keyring) = keyring();
        let sealed = keyring.seal(EDGE, b"secret").unwrap();
        assert_eq!(*keyring.open(EDGE, &sealed).unwrap(), b"secret");
        for other in [Owner::Certificate("0b"), Owner::Authority("0a"), Owner::Authority("root")] {
            assert!(keyring.open(other, &sealed).is_err(), "{other:?}");
        }
    }

    #[test]
    fn the_same_key_is_sealed_differently_each_time() {
        let (_data, keyring) = keyring();
        assert_ne!(keyring.seal(EDGE, b"secret").unwrap(), keyring.seal(EDGE, b"secret").unwrap());
    }

    #[test]
    fn the_folder_opens_what_it_sealed_before() {
        let (data, keyring) = keyring();
        let sealed = keyring.seal(EDGE, b"secret").unwrap();
        let again = Keyring::of_folder(data.path(), false).unwrap();
        assert_eq!(*again.open(EDGE, &sealed).unwrap(), b"secret");
    }

    proptest! {
        #[test]
        fn nothing_that_was_altered_or_cut_opens(
            secret in prop::collection::vec(any::<u8>(), 0..64), at: prop::sample::Index, flip in 1_u8..,
        ) {
            let (_data, keyring) = keyring();
            let sealed = keyring.seal(EDGE, &secret).unwrap();
            prop_assert_eq!(&*keyring.open(EDGE, &sealed).unwrap(), &secret);
            let at = at.index(sealed.len());
            let mut altered = sealed.clone();
            altered[at] ^= flip;
            prop_assert!(keyring.open(EDGE, &altered).is_err());
            prop_assert!(keyring.open(EDGE, &sealed[..at]).is_err());
        }
    }
}
