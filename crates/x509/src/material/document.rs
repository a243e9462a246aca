//! What one document of DER holds.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::{Reader, SliceReader};
use hermetic_keys::{Passphrase, PrivateKey};
use hermetic_tls::Certificate;

use super::{Contents, MaterialError};
use crate::pkcs12::{self, Pkcs12};

/// What a document should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Certificate,
    /// OpenSSL's: a certificate, and behind it what it is trusted for.
    TrustedCertificate,
    /// PKCS#8, PKCS#1 or SEC 1.
    Key,
    EncryptedKey,
    Pkcs12,
}

/// Adds what a file without a frame holds; it says itself what it is.
pub(super) fn read(
    file: &[u8],
    passphrase: Option<&Passphrase>,
    contents: &mut Contents,
) -> Result<(), MaterialError> {
    add(kind(file)?, file, passphrase, contents)
}

/// Adds what a document of a kind holds.
pub(super) fn add(
    kind: Kind,
    der: &[u8],
    passphrase: Option<&Passphrase>,
    contents: &mut Contents,
) -> Result<(), MaterialError> {
    match kind {
        Kind::Certificate => contents.add_certificate(certificate(der)?)?,
        Kind::TrustedCertificate => contents.add_certificate(certificate(first_value(der))?)?,
        // Some tools write `PRIVATE KEY` over whatever key it is.
        Kind::Key => match self::kind(der) {
            Ok(Kind::EncryptedKey) => return add(Kind::EncryptedKey, der, passphrase, contents),
            Err(MaterialError::PublicKey) => return Err(MaterialError::PublicKey),
            _ => contents.add_key(PrivateKey::read(der, None)?)?,
        },
        Kind::EncryptedKey => {
            self::kind(der).or_else(|error| match error {
                MaterialError::PublicKey => Err(error),
                _ => Ok(kind),
            })?;
            contents.add_key(PrivateKey::from_pkcs8(&pkcs12::decrypt_key(der, passphrase)?)?)?;
        }
        Kind::Pkcs12 => {
            let file = Pkcs12::read(der, passphrase)?;
            for bag in &file.certificates {
                contents.add_certificate(certificate(&bag.der)?)?;
            }
            for bag in &file.keys {
                contents.add_key(PrivateKey::from_pkcs8(&bag.pkcs8)?)?;
            }
        }
    }
    Ok(())
}

/// What a document begins like. PKCS#12 may be BER, so only the first tags are looked at.
fn kind(file: &[u8]) -> Result<Kind, MaterialError> {
    let unreadable = || MaterialError::Unreadable;
    let inner = behind_header(file, 0x30).ok_or_else(unreadable)?;
    match inner {
        [0x02, 1, 3, ..] => Ok(Kind::Pkcs12),
        [0x02, ..] => Ok(Kind::Key),
        [0x06, ..] => Err(MaterialError::Unsupported("PKCS#7".to_owned())),
        _ => match behind_header(inner, 0x30).ok_or_else(unreadable)? {
            // Behind the identifier of an algorithm: the bits of a public key, or what is encrypted.
            [0x06, ..] if second_tag(inner) == Some(0x03) => Err(MaterialError::PublicKey),
            [0x06, ..] => Ok(Kind::EncryptedKey),
            _ => Ok(Kind::Certificate),
        },
    }
}

/// What stands behind the tag and the length at the start of `bytes`.
fn behind_header(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let [first, length, rest @ ..] = bytes else { return None };
    let octets = if *length > 0x80 { usize::from(length & 0x7f) } else { 0 };
    rest.get(octets..).filter(|_| *first == tag)
}

/// The tag of the second of several values.
fn second_tag(values: &[u8]) -> Option<u8> {
    values.get(first_value(values).len()..)?.first().copied()
}

/// The first of several values; all bytes where they are none.
fn first_value(der: &[u8]) -> &[u8] {
    SliceReader::new(der).and_then(|mut reader| reader.tlv_bytes()).unwrap_or(der)
}

fn certificate(der: &[u8]) -> Result<Certificate, MaterialError> {
    Certificate::from_der(der).map_err(|error| MaterialError::Certificate(error.to_string()))
}
