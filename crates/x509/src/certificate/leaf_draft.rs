//! What a party's certificate will say.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use der::Encode;
use der::asn1::{Null, OctetString};
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use hermetic_tls::Serial;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};
use x509_cert::serial_number::SerialNumber;

use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::{authority_key_identifier, extension, subject_key_identifier};
use crate::name::CanonicalName;
use crate::profile::Profile;
use crate::validity::Validity;

use super::{AuthorityCertificate, Publication, ToBeSigned};

/// A party that is to be certified.
#[derive(Clone, Copy, Debug)]
pub struct LeafDraft<'a> {
    /// The serial number.
    pub serial: &'a Serial,
    /// What kind of certificate it becomes.
    pub profile: &'a Profile,
    /// The subject; empty where the names say it all.
    pub subject: &'a DistinguishedName,
    /// The names.
    pub names: &'a [CanonicalName],
    /// The party's key.
    pub key: &'a PublicKey,
    /// From when until when.
    pub validity: Validity,
    /// Where news of it is to be had.
    pub publication: &'a Publication,
    /// Whether it is made for tests of those who must refuse it: then its life must lie behind, and may lie
    /// before its issuer's, since nobody can do anything with it.
    pub is_over: bool,
}

impl LeafDraft<'_> {
    /// A certificate that this issuer will sign in this way.
    pub fn under(
        &self,
        issuer: &AuthorityCertificate,
        signature: SignatureAlgorithm,
    ) -> Result<ToBeSigned, EncodingError> {
        self.issued_by(issuer.subject(), Some(issuer.key_id()), signature)
    }

    /// A certificate that nobody vouches for, which its own key will sign. Its subject must not be empty.
    pub fn self_signed(&self, signature: SignatureAlgorithm) -> Result<ToBeSigned, EncodingError> {
        self.issued_by(self.subject, None, signature)
    }

    fn issued_by(
        &self,
        issuer: &DistinguishedName,
        issuer_key_id: Option<&[u8]>,
        signature: SignatureAlgorithm,
    ) -> Result<ToBeSigned, EncodingError> {
        Ok(ToBeSigned {
            version: Version::V3,
            serial_number: SerialNumber::new(self.serial.as_bytes())?,
            signature: signature.identifier(),
            issuer: issuer.clone(),
            validity: self.validity,
            subject: self.subject.clone(),
            subject_public_key_info: self.key.info().clone(),
            extensions: self.extensions(issuer_key_id)?,
        })
    }

    fn extensions(&self, issuer_key_id: Option<&[u8]>) -> Result<Vec<Extension>, EncodingError> {
        let kind = self.profile.kind();
        let mut extensions = Vec::new();
        if !self.names.is_empty() {
            let names = self.names.iter().map(CanonicalName::to_general_name).collect::<Result<_, _>>()?;
            // Critical where there is no other name (RFC 5280 section 4.2.1.6).
            extensions.push(extension(self.subject.is_empty(), &SubjectAltName(names))?);
        }
        extensions.extend([
            extension(true, &BasicConstraints { ca: false, path_len_constraint: None })?,
            extension(true, &KeyUsage(kind.key_usage(self.key.algorithm())))?,
            extension(false, &ExtendedKeyUsage(kind.purposes().oids()))?,
            subject_key_identifier(&self.key.id())?,
        ]);
        extensions.extend(issuer_key_id.map(authority_key_identifier).transpose()?);
        if kind.is_revocable() {
            extensions.extend(self.publication.extensions()?);
        } else {
            extensions.extend(self.publication.of_the_irrevocable().extensions()?);
            extensions.push(never_checked()?);
        }
        Ok(extensions)
    }
}

/// RFC 6960 section 4.2.2.2.1: who asks about others needs no answer about the answering certificate itself,
/// or the asking would have no end.
fn never_checked() -> Result<Extension, EncodingError> {
    let extn_value = OctetString::new(Null.to_der()?)?;
    Ok(Extension { extn_id: ID_PKIX_OCSP_NOCHECK, critical: false, extn_value })
}
