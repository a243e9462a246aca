//! Private keys in files: read, and written.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod document;
mod pem;
#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use crate::algorithm::KeyAlgorithm;
use crate::local::LocalSigner;
use crate::passphrase::Passphrase;
use crate::pbes2::Pbes2Error;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::signer::Signer;

pub(crate) use document::algorithm_of;

/// A private key that came from a file or goes into one. Whoever only signs has a [`Signer`] instead. It is
/// wiped when dropped.
pub struct PrivateKey {
    signer: LocalSigner,
    pkcs8: Zeroizing<Vec<u8>>,
}

/// Why a private key can't be read or made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// There is none in what was given.
    #[error("there is no private key in it")]
    Missing,
    /// It has none of the forms that are known.
    #[error("the private key can't be read: {0}")]
    Malformed(String),
    /// It is weak, or of a kind that nothing here signs with.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// Its numbers are no key, or do not belong together.
    #[error("the private key is no valid {0} key: {1}")]
    Rejected(KeyAlgorithm, String),
    /// Keys of its kind are not part of this build.
    #[error("{0} keys need a build with the feature `ml-dsa`")]
    NotBuiltIn(KeyAlgorithm),
    /// The system or the library failed.
    #[error("no {0} key could be generated")]
    Generation(KeyAlgorithm),
    /// It can be used, but not written again: an ML-DSA key without its seed.
    #[error("the private key can't be written again; an ML-DSA key needs its seed (RFC 9881 section 6)")]
    Incomplete,
    /// It is encrypted, and no passphrase was given.
    #[error("the private key is encrypted; its passphrase is needed")]
    PassphraseNeeded,
    /// It does not open with this passphrase.
    #[error("the private key does not open: the passphrase is wrong, or it was altered")]
    WrongPassphrase,
    /// It is encrypted in OpenSSL's old form, whose key is one round of MD5.
    #[error(
        "the private key is encrypted in OpenSSL's old form, which is weak; `openssl pkcs8 -topk8 \
         -v2 aes-256-cbc` writes it in another"
    )]
    OldEncryption,
    /// It is encrypted in a way that is not supported, or nothing could be encrypted.
    #[error("the private key: {0}")]
    Encryption(Pbes2Error),
}

impl PrivateKey {
    /// A fresh key. RSA takes long (4096 bits: a second, or several): not for a runtime's own threads.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, PrivateKeyError> {
        let (signer, pkcs8) = LocalSigner::generate(algorithm)?;
        Ok(Self { signer, pkcs8 })
    }

    /// Reads PEM or DER: PKCS#8, plain or under a passphrase (PBES2), SEC 1 and PKCS#1. Of PEM, the first
    /// private key counts; certificates and parameters beside it are passed over. The passphrase is asked of
    /// the encrypted only. With one, this may take seconds: not for a runtime's own threads.
    pub fn read(bytes: &[u8], passphrase: Option<&Passphrase>) -> Result<Self, PrivateKeyError> {
        match pem::private_key(bytes)? {
            Some(der) => document::to_pkcs8(&der, passphrase),
            None => document::to_pkcs8(bytes, passphrase),
        }
        .and_then(|pkcs8| Self::from_pkcs8(&pkcs8))
    }

    /// Takes the DER of PKCS#8 without a passphrase.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let signer = LocalSigner::from_pkcs8(der)?;
        // Written anew, so that what is kept and given away has one form: version 1, without attributes.
        let pkcs8 = signer.pkcs8()?;
        Ok(Self { signer, pkcs8 })
    }

    /// The other half.
    pub fn public_key(&self) -> &PublicKey {
        self.signer.public_key()
    }

    /// Signs with it.
    pub fn signer(&self) -> &LocalSigner {
        &self.signer
    }

    /// Signs with it, and forgets its bytes.
    pub fn into_signer(self) -> LocalSigner {
        self.signer
    }

    /// The DER of PKCS#8, to be sealed.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// PKCS#8 in PEM, readable by whoever sees it.
    pub fn to_pem(&self) -> Zeroizing<String> {
        pem::write("PRIVATE KEY", &self.pkcs8)
    }

    /// PKCS#8 under a passphrase, in DER. It takes half a second: not for a runtime's own threads.
    pub fn to_encrypted_der(&self, passphrase: &Passphrase) -> Result<Vec<u8>, PrivateKeyError> {
        document::encrypt(&self.pkcs8, passphrase)
    }

    /// PKCS#8 under a passphrase, in PEM.
    pub fn to_encrypted_pem(&self, passphrase: &Passphrase) -> Result<String, PrivateKeyError> {
        let der = self.to_encrypted_der(passphrase)?;
        Ok(std::mem::take(&mut *pem::write("ENCRYPTED PRIVATE KEY", &der)))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PrivateKey").field(&self.public_key().algorithm()).finish()
    }
}

impl From<Pbes2Error> for PrivateKeyError {
    fn from(error: Pbes2Error) -> Self {
        match error {
            Pbes2Error::WrongPassphrase => Self::WrongPassphrase,
            other => Self::Encryption(other),
        }
    }
}
