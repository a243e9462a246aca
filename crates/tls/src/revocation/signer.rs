//! An issuer of certificates, as the signer of CRLs.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Sequence, Tag};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use x509_cert::ext::pkix::KeyUsage;

use crate::digest::FieldDigest;

/// An issuer: SHA-256 over its name and its key. Two of one name, as a new root beside an old one is,
/// are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct IssuerId(pub(crate) [u8; 32]);

/// A certificate that may have signed CRLs.
pub(crate) struct Signer {
    id: IssuerId,
    name: Box<[u8]>,
    /// The `AlgorithmIdentifier` of its key, without the outer tag.
    algorithm: Box<[u8]>,
    key: Box<[u8]>,
    may_sign_lists: bool,
}

#[derive(Sequence)]
struct PublicKey<'a> {
    algorithm: AnyRef<'a>,
    key: BitStringRef<'a>,
}

impl IssuerId {
    /// The issuer of this name (DER without the outer tag) and key (DER with it).
    pub(crate) fn new(name: &[u8], public_key: &[u8]) -> Self {
        let mut digest = FieldDigest::new();
        digest.field(name);
        digest.field(public_key);
        Self(digest.finish())
    }

    pub(crate) fn of_anchor(anchor: &TrustAnchor<'_>) -> Option<Self> {
        let key = AnyRef::new(Tag::Sequence, &anchor.subject_public_key_info).ok()?.to_der().ok()?;
        Some(Self::new(&anchor.subject, &key))
    }
}

impl Signer {
    /// The signer that this certificate is of; `None` where it can't be read.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let der = CertificateDer::from(certificate);
        // The same reader as that of the path, so that names and keys are the same bytes.
        let read = webpki::EndEntityCert::try_from(&der).ok()?;
        let public_key = read.subject_public_key_info();
        let PublicKey { algorithm, key } = PublicKey::from_der(&public_key).ok()?;
        Some(Self {
            id: IssuerId::new(read.subject(), &public_key),
            name: read.subject().into(),
            algorithm: algorithm.value().into(),
            key: key.as_bytes()?.into(),
            may_sign_lists: may_sign_lists(certificate)?,
        })
    }

    pub(crate) fn id(&self) -> IssuerId {
        self.id
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    /// Whether it made this signature, by one of the algorithms that certificates may be signed with.
    pub(crate) fn has_signed(&self, message: &[u8], algorithm: &[u8], signature: &[u8]) -> bool {
        let known = default_provider().signature_verification_algorithms.all;
        let fits = known.iter().filter(|known| {
            *known.signature_alg_id() == *algorithm && *known.public_key_alg_id() == *self.algorithm
        });
        self.may_sign_lists
            && fits.into_iter().any(|known| known.verify_signature(&self.key, message, signature).is_ok())
    }
}

/// RFC 5280 section 6.3.3 (f): where the issuer has a key usage, `cRLSign` must be in it.
fn may_sign_lists(certificate: &[u8]) -> Option<bool> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    let usage = certificate.tbs_certificate().get_extension::<KeyUsage>().ok()?;
    Some(usage.is_none_or(|(_, usage)| usage.crl_sign()))
}
