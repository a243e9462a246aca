//! How OCSP names a certificate: by hashes over its issuer's name and key, and its serial number.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use aws_lc_rs::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_256};
use der::asn1::{Any, AnyRef, Null, OctetStringRef, UintRef};
use der::{Decode, Encode, Sequence};
use hermetic_keys::PublicKey;
use hermetic_tls::Serial;
use spki::AlgorithmIdentifierOwned;

use crate::certificate::AuthorityCertificate;
use crate::error::EncodingError;

/// A certificate as a request names it. It stands in the answer byte for byte, as clients compare it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateId {
    der: Vec<u8>,
    hash: Option<HashAlgorithm>,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Serial,
}

/// The hashes that issuers are named by. SHA-1 is what the lightweight profile demands (RFC 5019
/// section 2.1.1); nothing is proved by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// What names an issuer in requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerHashes {
    sha1: NameAndKey,
    sha256: NameAndKey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct NameAndKey {
    name: Vec<u8>,
    key: Vec<u8>,
}

/// CertID (RFC 6960 section 4.1.1).
#[derive(Sequence)]
struct CertId<'a> {
    hash_algorithm: AlgorithmIdentifierOwned,
    issuer_name_hash: &'a OctetStringRef,
    issuer_key_hash: &'a OctetStringRef,
    serial_number: UintRef<'a>,
}

impl CertificateId {
    /// The certificate of this issuer and serial number, as clients of the lightweight profile name it.
    pub fn new(issuer: &IssuerHashes, hash: HashAlgorithm, serial: &Serial) -> Result<Self, EncodingError> {
        let hashes = issuer.by(hash);
        let id = CertId {
            hash_algorithm: hash.identifier(),
            issuer_name_hash: OctetStringRef::new(&hashes.name)?,
            issuer_key_hash: OctetStringRef::new(&hashes.key)?,
            serial_number: UintRef::new(serial.as_bytes())?,
        };
        Ok(Self {
            der: id.to_der()?,
            hash: Some(hash),
            issuer_name: hashes.name.clone(),
            issuer_key: hashes.key.clone(),
            serial: serial.clone(),
        })
    }

    pub(super) fn read(id: AnyRef<'_>) -> Result<Self, der::Error> {
        let der = id.to_der()?;
        let read = CertId::from_der(&der)?;
        Ok(Self {
            hash: HashAlgorithm::of(&read.hash_algorithm.oid),
            issuer_name: read.issuer_name_hash.as_bytes().to_vec(),
            issuer_key: read.issuer_key_hash.as_bytes().to_vec(),
            serial: Serial::from_bytes(read.serial_number.as_bytes()),
            der,
        })
    }

    /// The hash by which its issuer is named; `None` where it is one that we don't answer to.
    pub fn hash(&self) -> Option<HashAlgorithm> {
        self.hash
    }

    /// Its serial number. It says nothing without the issuer.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Whether its issuer is this one.
    pub fn is_of(&self, issuer: &IssuerHashes) -> bool {
        self.hash.is_some_and(|hash| {
            let NameAndKey { name, key } = issuer.by(hash);
            *name == self.issuer_name && *key == self.issuer_key
        })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }
}

impl HashAlgorithm {
    fn of(oid: &ObjectIdentifier) -> Option<Self> {
        [Self::Sha1, Self::Sha256].into_iter().find(|hash| hash.oid() == *oid)
    }

    fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => ID_SHA_1,
            Self::Sha256 => ID_SHA_256,
        }
    }

    /// With NULL as parameters, as everybody writes it here.
    fn identifier(self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: self.oid(), parameters: Some(Any::from(Null)) }
    }

    fn over(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm: &'static Algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
        };
        digest::digest(algorithm, bytes).as_ref().to_vec()
    }
}

impl IssuerHashes {
    /// Those of this issuer: over its name in DER, and over the bits of its key without their algorithm.
    pub fn of(issuer: &AuthorityCertificate) -> Result<Self, EncodingError> {
        let (name, key) = (issuer.subject().to_der()?, bits(issuer.key()));
        let by = |hash: HashAlgorithm| NameAndKey { name: hash.over(&name), key: hash.over(key) };
        Ok(Self { sha1: by(HashAlgorithm::Sha1), sha256: by(HashAlgorithm::Sha256) })
    }

    fn by(&self, hash: HashAlgorithm) -> &NameAndKey {
        match hash {
            HashAlgorithm::Sha1 => &self.sha1,
            HashAlgorithm::Sha256 => &self.sha256,
        }
    }
}

/// What names a responder: SHA-1 over the bits of its key (RFC 6960 section 4.2.1).
pub(super) fn key_hash(key: &PublicKey) -> Vec<u8> {
    HashAlgorithm::Sha1.over(bits(key))
}

fn bits(key: &PublicKey) -> &[u8] {
    key.info().subject_public_key.raw_bytes()
}
