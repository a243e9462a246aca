//! PKCS#12 (RFC 7292): the file that Windows, macOS and Java pass certificates and keys around in.
//!
//! Read is what they write and wrote: AES, triple DES and RC2, in DER and in BER. A library that does the
//! same draws in seventy packages, among them a second reader of certificates.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod asn1;
mod bags;
mod ber;
mod derivation;
mod encryption;
mod mac;
mod passphrase;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

use der::Decode;
use hermetic_keys::{Passphrase, PrivateKeyError};
use zeroize::Zeroizing;

use self::asn1::EncryptedKey;
use self::encryption::Encryption;
use self::passphrase::{PassphraseForm, Rounds};
use crate::material::MaterialError;

pub use writing::{Pkcs12Error, Pkcs12Form};

/// What a PKCS#12 file holds of certificates and keys, in its order. Other things in it are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pkcs12 {
    /// The certificates.
    pub certificates: Vec<CertificateBag>,
    /// The private keys.
    pub keys: Vec<KeyBag>,
}

/// A certificate in a PKCS#12 file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateBag {
    /// The DER bytes.
    pub der: Vec<u8>,
    /// What people and key stores call it.
    pub label: Label,
}

/// A private key in a PKCS#12 file.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyBag {
    /// The key as PKCS#8.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// What people and key stores call it.
    pub label: Label,
}

/// How something in a PKCS#12 file is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The name that people see (friendlyName); Java calls it the alias.
    pub friendly_name: Option<String>,
    /// What ties a certificate to its key (localKeyId): the same bytes at both.
    pub local_key_id: Option<Vec<u8>>,
}

impl Pkcs12 {
    /// Reads a file. No passphrase and an empty one are the same.
    pub fn read(file: &[u8], passphrase: Option<&Passphrase>) -> Result<Self, MaterialError> {
        reading::read(file, passphrase)
    }
}

impl std::fmt::Debug for KeyBag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyBag").field("label", &self.label).finish_non_exhaustive()
    }
}

/// What is wrong with a file that begins like PKCS#12.
fn broken(why: impl Into<String>) -> MaterialError {
    MaterialError::Pkcs12(why.into())
}

/// Decrypts PKCS#8 under a passphrase, in all ways that keys in PKCS#12 are encrypted: `openssl pkcs8 -v1`
/// writes the older ones (EncryptedPrivateKeyInfo, RFC 5958 section 3).
pub(crate) fn decrypt_key(
    der: &[u8],
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<Vec<u8>>, MaterialError> {
    let malformed = |error: der::Error| MaterialError::Key(PrivateKeyError::Malformed(error.to_string()));
    let key = EncryptedKey::from_der(der).map_err(malformed)?;
    let encryption = Encryption::read(&key.algorithm)?;
    let passphrase = passphrase.ok_or(MaterialError::PassphraseNeeded)?;
    let secret = PassphraseForm::new(passphrase);
    let plain = encryption.decrypt(&secret, key.bytes.as_bytes(), &mut Rounds::of_a_file())?;
    plain.ok_or(MaterialError::WrongPassphrase)
}
