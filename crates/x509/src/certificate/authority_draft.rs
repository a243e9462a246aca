//! What an authority's certificate will say.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::flagset::FlagSet;
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use hermetic_tls::Serial;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::serial_number::SerialNumber;

use crate::constraints::NameConstraints;
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::{authority_key_identifier, extension, subject_key_identifier};
use crate::validity::Validity;

use super::{AuthorityCertificate, Publication, ToBeSigned};

/// An authority that is to be certified, by itself or by another.
#[derive(Clone, Copy, Debug)]
pub struct AuthorityDraft<'a> {
    /// The serial number.
    pub serial: &'a Serial,
    /// The authority's name.
    pub subject: &'a DistinguishedName,
    /// The authority's key.
    pub key: &'a PublicKey,
    /// From when until when.
    pub validity: Validity,
    /// How many authorities may stand between it and a leaf; `None` if any number.
    pub path_length: Option<u8>,
    /// Which names it, and all below it, may certify.
    pub name_constraints: Option<&'a NameConstraints>,
    /// Where news of it is to be had.
    pub publication: &'a Publication,
}

impl AuthorityDraft<'_> {
    /// A root, which its own key will sign in this way.
    pub fn root(&self, signature: SignatureAlgorithm) -> Result<ToBeSigned, EncodingError> {
        self.issued_by(self.subject, None, signature)
    }

    /// A subordinate authority, which this issuer will sign in this way.
    pub fn under(
        &self,
        issuer: &AuthorityCertificate,
        signature: SignatureAlgorithm,
    ) -> Result<ToBeSigned, EncodingError> {
        self.issued_by(issuer.subject(), Some(issuer.key_id()), signature)
    }

    fn issued_by(
        &self,
        issuer: &DistinguishedName,
        issuer_key_id: Option<&[u8]>,
        signature: SignatureAlgorithm,
    ) -> Result<ToBeSigned, EncodingError> {
        let constraints = BasicConstraints { ca: true, path_len_constraint: self.path_length };
        let mut extensions = vec![
            extension(true, &constraints)?,
            extension(true, &KeyUsage(key_usage()))?,
            subject_key_identifier(&self.key.id())?,
        ];
        extensions.extend(issuer_key_id.map(authority_key_identifier).transpose()?);
        extensions.extend(self.name_constraints.map(NameConstraints::extension).transpose()?);
        extensions.extend(self.publication.extensions()?);
        Ok(ToBeSigned {
            version: Version::V3,
            serial_number: SerialNumber::new(self.serial.as_bytes())?,
            signature: signature.identifier(),
            issuer: issuer.clone(),
            validity: self.validity,
            subject: self.subject.clone(),
            subject_public_key_info: self.key.info().clone(),
            extensions,
        })
    }
}

/// What an authority's key is for. `digitalSignature` lets it answer OCSP itself, as in AWS Private CA.
pub(crate) fn key_usage() -> FlagSet<KeyUsages> {
    KeyUsages::DigitalSignature | KeyUsages::KeyCertSign | KeyUsages::CRLSign
}
