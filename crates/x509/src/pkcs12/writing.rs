//! From certificates and keys to the bytes of a file.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::num::NonZeroU32;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_DATA, ID_ENCRYPTED_DATA};
use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_256};
use der::asn1::{Any, AnyRef, Null, OctetString, OctetStringRef, SetOfVec};
use der::{Decode, Encode, Tag, TagNumber};
use hermetic_keys::Passphrase;
use hermetic_keys::pbes2::{self, Encrypted};
use spki::AlgorithmIdentifierRef;
use x509_cert::attr::Attribute;

use super::asn1::{
    CERTIFICATE, CertBag, ContentInfo, DigestInfo, EncryptedContent, EncryptedData, EncryptedKey,
    FRIENDLY_NAME, LOCAL_KEY_ID, MacData, Pfx, SHROUDED_KEY, SafeBag, X509_CERTIFICATE,
};
use super::derivation::{Purpose, derive};
use super::encryption::{OldParameters, encrypt_old};
use super::passphrase::PassphraseForm;
use super::{CertificateBag, KeyBag, Label, Pkcs12};
use crate::error::EncodingError;

/// How often the passphrase goes through the hash for the code; as often as for the encryption, since the
/// cheaper of both is what somebody would guess it by.
const MODERN_ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();

/// Old importers run on old machines.
const OLD_ROUNDS: NonZeroU32 = NonZeroU32::new(50_000).unwrap();

const SALT: usize = 16;

/// How a file is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pkcs12Form {
    /// AES-256 under PBKDF2, code with SHA-256: what everybody has read since about 2020.
    #[default]
    Modern,
    /// Triple DES, code with SHA-1: for macOS before 15, Windows before 2019 and Java before 8u301. Weak by
    /// today's measure, so the file must be guarded like a bare key.
    Old,
}

/// Why no file could be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs12Error {
    /// Something in it has no encoding.
    #[error("no PKCS#12 file can be written: {0}")]
    Encoding(#[from] EncodingError),
    /// The library or the source of chance failed.
    #[error("nothing could be encrypted: the library refused")]
    Library,
}

impl Pkcs12 {
    /// Writes a file under a passphrase: certificates encrypted together, keys one by one. It takes a
    /// second: not for a runtime's own threads.
    pub fn write(&self, passphrase: &Passphrase, form: Pkcs12Form) -> Result<Vec<u8>, Pkcs12Error> {
        let mut parts = Vec::new();
        if !self.certificates.is_empty() {
            let bags = self.certificates.iter().map(CertificateBag::to_der).collect::<Result<_, _>>()?;
            parts.push(encrypted_data(&form.encrypt(passphrase, &sequence(bags)?)?)?);
        }
        if !self.keys.is_empty() {
            let bags = self.keys.iter().map(|key| key.to_der(passphrase, form)).collect::<Result<_, _>>()?;
            parts.push(data(&sequence(bags)?)?);
        }
        let contents = sequence(parts)?;
        let (salt, code) = form.code(passphrase, &contents)?;
        let algorithm = AlgorithmIdentifierRef { oid: form.hash().0, parameters: Some(Null.into()) };
        let mac = MacData {
            digest: DigestInfo { algorithm, code: octets(&code)? },
            salt: octets(&salt)?,
            rounds: u64::from(form.rounds().get()),
        };
        let contents = data(&contents)?;
        let pfx = Pfx { version: 3, contents: ContentInfo::from_der(&contents)?, mac: Some(mac) };
        Ok(pfx.to_der()?)
    }
}

impl Pkcs12Form {
    fn encrypt(self, passphrase: &Passphrase, plain: &[u8]) -> Result<Encrypted, Pkcs12Error> {
        match self {
            Self::Modern => pbes2::encrypt(passphrase.as_bytes(), plain).map_err(|_| Pkcs12Error::Library),
            Self::Old => {
                let parameters = OldParameters {
                    salt: OctetString::new(fresh_salt()?)?,
                    rounds: u64::from(self.rounds().get()),
                };
                encrypt_old(&parameters, self.rounds(), &PassphraseForm::new(passphrase), plain)
                    .ok_or(Pkcs12Error::Library)
            }
        }
    }

    /// The salt and the code over the contents.
    fn code(self, passphrase: &Passphrase, contents: &[u8]) -> Result<([u8; SALT], Vec<u8>), Pkcs12Error> {
        let (_, hash, hmac) = self.hash();
        let salt = fresh_salt()?;
        let secret = PassphraseForm::new(passphrase);
        let length = hash.output_len();
        let key = derive(hash, Purpose::Authentication, secret.utf16(), &salt, self.rounds(), length);
        Ok((salt, hmac::sign(&hmac::Key::new(hmac, &key), contents).as_ref().to_vec()))
    }

    fn hash(self) -> (ObjectIdentifier, &'static digest::Algorithm, hmac::Algorithm) {
        match self {
            Self::Modern => (ID_SHA_256, &SHA256, HMAC_SHA256),
            Self::Old => (ID_SHA_1, &SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        }
    }

    fn rounds(self) -> NonZeroU32 {
        match self {
            Self::Modern => MODERN_ROUNDS,
            Self::Old => OLD_ROUNDS,
        }
    }
}

impl CertificateBag {
    fn to_der(&self) -> Result<Vec<u8>, Pkcs12Error> {
        let bag = CertBag { kind: X509_CERTIFICATE, value: AnyRef::from(octets(&self.der)?) };
        bag_of(CERTIFICATE, &bag.to_der()?, &self.label)
    }
}

impl KeyBag {
    fn to_der(&self, passphrase: &Passphrase, form: Pkcs12Form) -> Result<Vec<u8>, Pkcs12Error> {
        let Encrypted { scheme, data } = form.encrypt(passphrase, &self.pkcs8)?;
        let algorithm = AlgorithmIdentifierRef::from_der(&scheme)?;
        let key = EncryptedKey { algorithm, bytes: octets(&data)? };
        bag_of(SHROUDED_KEY, &key.to_der()?, &self.label)
    }
}

impl Label {
    /// The attributes; `None` where there are none, as an empty set is not written.
    fn to_der(&self) -> Result<Option<Vec<u8>>, Pkcs12Error> {
        let attribute =
            |oid, value| Ok::<_, der::Error>(Attribute { oid, values: SetOfVec::from_iter([value])? });
        let mut attributes = SetOfVec::new();
        if let Some(name) = &self.friendly_name {
            // UTF-16, as all importers take it, though BMPString has no room for what is beyond 16 bits.
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
            attributes.insert(attribute(FRIENDLY_NAME, Any::new(Tag::BmpString, units)?)?)?;
        }
        if let Some(id) = &self.local_key_id {
            attributes.insert(attribute(LOCAL_KEY_ID, Any::new(Tag::OctetString, id.as_slice())?)?)?;
        }
        Ok(if attributes.is_empty() { None } else { Some(attributes.to_der()?) })
    }
}

fn bag_of(kind: ObjectIdentifier, value: &[u8], label: &Label) -> Result<Vec<u8>, Pkcs12Error> {
    let attributes = label.to_der()?;
    let attributes = attributes.as_deref().map(AnyRef::from_der).transpose()?;
    Ok(SafeBag { kind, value: AnyRef::from_der(value)?, attributes }.to_der()?)
}

fn encrypted_data(Encrypted { scheme, data }: &Encrypted) -> Result<Vec<u8>, Pkcs12Error> {
    let implicit = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let content = EncryptedContent {
        kind: ID_DATA,
        algorithm: AlgorithmIdentifierRef::from_der(scheme)?,
        content: AnyRef::new(implicit, data)?,
    };
    let content = EncryptedData { version: 0, content }.to_der()?;
    let info = ContentInfo { kind: ID_ENCRYPTED_DATA, content: AnyRef::from_der(&content)? };
    Ok(info.to_der()?)
}

fn data(bytes: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    Ok(ContentInfo { kind: ID_DATA, content: AnyRef::from(octets(bytes)?) }.to_der()?)
}

/// A SEQUENCE OF what is encoded already.
fn sequence(values: Vec<Vec<u8>>) -> Result<Vec<u8>, Pkcs12Error> {
    Ok(AnyRef::new(Tag::Sequence, &values.concat())?.to_der()?)
}

fn octets(bytes: &[u8]) -> Result<&OctetStringRef, Pkcs12Error> {
    Ok(OctetStringRef::new(bytes)?)
}

/// From the system: a salt that comes twice is worth nothing.
fn fresh_salt() -> Result<[u8; SALT], Pkcs12Error> {
    let mut salt = [0; SALT];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| Pkcs12Error::Library)?;
    Ok(salt)
}

impl From<der::Error> for Pkcs12Error {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error.into())
    }
}
