//! From the bytes of a file to what it holds.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc5911::{ID_DATA, ID_ENCRYPTED_DATA};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Tag, TagNumber, Tagged};
use hermetic_keys::Passphrase;
use zeroize::Zeroizing;

use super::asn1::{ContentInfo, EncryptedData, Pfx};
use super::bags::{self, Bag};
use super::encryption::Encryption;
use super::mac::Mac;
use super::passphrase::{PassphraseForm, Rounds};
use super::{KeyBag, Pkcs12, ber, broken};
use crate::material::MaterialError;

/// A part of the file.
enum Part {
    /// Bags as they are; keys in them are encrypted one by one.
    Open(Zeroizing<Vec<u8>>),
    /// Bags that are encrypted together.
    Encrypted(Encryption, Zeroizing<Vec<u8>>),
}

/// What a passphrase opens.
#[derive(Default)]
struct Opened {
    found: Pkcs12,
    /// How many encrypted parts and keys it opens.
    count: usize,
    closed_parts: usize,
    closed_keys: usize,
}

/// Reads a file.
pub(super) fn read(file: &[u8], passphrase: Option<&Passphrase>) -> Result<Pkcs12, MaterialError> {
    let (der, rest) = ber::to_der(file).ok_or_else(|| broken("it is cut off or damaged"))?;
    if !rest.is_empty() {
        return Err(broken(format!("{} bytes follow its end", rest.len())));
    }
    let pfx = Pfx::from_der(&der)?;
    if pfx.version != 3 {
        return Err(broken(format!("its version is {}, not 3", pfx.version)));
    }
    let contents = data(&pfx.contents)?;
    let mac = pfx.mac.as_ref().map(Mac::read).transpose()?;
    let parts = parts(contents)?;
    let mut rounds = Rounds::of_a_file();
    let mut failure =
        if passphrase.is_none() { MaterialError::PassphraseNeeded } else { MaterialError::WrongPassphrase };
    for form in PassphraseForm::all(passphrase) {
        let genuine = mac.as_ref().map(|mac| mac.verifies(contents, &form, &mut rounds)).transpose()?;
        let opened = Opened::with(&form, &parts, &mut rounds)?;
        match opened.judged(genuine) {
            Err(MaterialError::WrongPassphrase) => {}
            // For PBES2 the forms of an empty passphrase are one, for the code they are not.
            Err(MaterialError::Altered) => failure = MaterialError::Altered,
            judged => return judged,
        }
    }
    Err(failure)
}

impl Opened {
    fn with(
        passphrase: &PassphraseForm<'_>,
        parts: &[Part],
        rounds: &mut Rounds,
    ) -> Result<Self, MaterialError> {
        let mut opened = Self::default();
        for part in parts {
            match part {
                Part::Open(bags) => opened.add(bags, passphrase, rounds)?,
                Part::Encrypted(encryption, bags) => match encryption.decrypt(passphrase, bags, rounds)? {
                    Some(bags) => {
                        opened.count += 1;
                        opened.add(&bags, passphrase, rounds)?;
                    }
                    None => opened.closed_parts += 1,
                },
            }
        }
        Ok(opened)
    }

    fn add(
        &mut self,
        bags: &[u8],
        passphrase: &PassphraseForm<'_>,
        rounds: &mut Rounds,
    ) -> Result<(), MaterialError> {
        for bag in bags::read(bags)? {
            match bag {
                Bag::Certificate(certificate) => self.found.certificates.push(certificate),
                Bag::Key(key) => self.found.keys.push(key),
                Bag::EncryptedKey { encryption, bytes, label } => {
                    match encryption.decrypt(passphrase, &bytes, rounds)? {
                        Some(pkcs8) => {
                            self.count += 1;
                            self.found.keys.push(KeyBag { pkcs8, label });
                        }
                        None => self.closed_keys += 1,
                    }
                }
            }
        }
        Ok(())
    }

    /// What this means, where the code over the file was right, wrong or absent. The code is one over
    /// bytes and passphrase together; what opens tells which of them is wrong.
    fn judged(self, genuine: Option<bool>) -> Result<Pkcs12, MaterialError> {
        let closed = self.closed_parts + self.closed_keys;
        match genuine {
            Some(false) if self.count > 0 => Err(MaterialError::Altered),
            Some(false) => Err(MaterialError::WrongPassphrase),
            _ if closed == 0 => Ok(self.found),
            None if self.count == 0 => Err(MaterialError::WrongPassphrase),
            _ if self.closed_parts > 0 => Err(broken("a part of it does not open with its passphrase")),
            _ => Err(MaterialError::KeyHasOwnPassphrase),
        }
    }
}

/// AuthenticatedSafe (RFC 7292 section 4.1).
fn parts(contents: &[u8]) -> Result<Vec<Part>, MaterialError> {
    let (der, _) = ber::to_der(contents).ok_or_else(|| broken("its contents are damaged"))?;
    let parts = Vec::<ContentInfo<'_>>::from_der(&der)?;
    parts
        .iter()
        .map(|part| match part.kind {
            ID_ENCRYPTED_DATA => encrypted(part.content),
            _ => Ok(Part::Open(Zeroizing::new(data(part)?.to_vec()))),
        })
        .collect()
}

/// Plain bytes; signed and enveloped ones are for keys and not for passphrases.
fn data<'a>(info: &ContentInfo<'a>) -> Result<&'a [u8], MaterialError> {
    match info.kind {
        ID_DATA => Ok(info.content.decode_as::<&OctetStringRef>()?.as_bytes()),
        other => Err(MaterialError::Unsupported(format!("PKCS#12 that is protected by a key ({other})"))),
    }
}

fn encrypted(content: AnyRef<'_>) -> Result<Part, MaterialError> {
    let EncryptedData { content, .. } = content.decode_as()?;
    let bytes = match content.content.tag() {
        Tag::ContextSpecific { constructed: false, number: TagNumber(0) } => {
            Zeroizing::new(content.content.value().to_vec())
        }
        Tag::ContextSpecific { constructed: true, number: TagNumber(0) } => {
            ber::joined(content.content.value()).ok_or_else(|| broken("its contents are damaged"))?
        }
        _ => return Err(broken("its contents are no octet string")),
    };
    Ok(Part::Encrypted(Encryption::read(&content.algorithm)?, bytes))
}
