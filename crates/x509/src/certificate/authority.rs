//! The certificate of an authority: what those who build and check under it must know.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::{PublicKey, PublicKeyError};
use x509_cert::ext::pkix::constraints::name::NameConstraints as WrittenConstraints;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};

use crate::constraints::{NameConstraints, NameSubtreeError};
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::find;
use crate::signed::take_apart;
use crate::validity::Validity;

use super::ToBeSigned;

/// A certificate whose key signs certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityCertificate {
    subject: DistinguishedName,
    is_self_issued: bool,
    key: PublicKey,
    key_id: Vec<u8>,
    validity: Validity,
    path_length: Option<u8>,
    name_constraints: Option<NameConstraints>,
}

/// Why a certificate is not that of an authority.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityCertificateError {
    /// It can't be read.
    #[error("the certificate of an authority can't be read: {0}")]
    Malformed(#[from] EncodingError),
    /// It belongs to a party.
    #[error("`{0}` is no authority: its basic constraints do not say so; give a CA certificate")]
    NotAnAuthority(String),
    /// Its key may not sign certificates (RFC 5280 section 4.2.1.3).
    #[error("the key of `{0}` may not sign certificates: its key usage lacks keyCertSign")]
    MayNotSign(String),
    /// An issuer without a name can't be pointed at (section 4.1.2.6).
    #[error("the certificate of an authority has an empty subject")]
    Nameless,
    /// Its name constraints can't be held against names, so nothing may be issued below it.
    #[error(transparent)]
    NameConstraints(#[from] NameSubtreeError),
    /// Its key is of a kind that we can't check signatures with.
    #[error("the key of `{subject}`: {reason}")]
    Key {
        /// The subject.
        subject: String,
        /// Why it is not.
        reason: PublicKeyError,
    },
}

impl AuthorityCertificate {
    /// Reads the DER of a certificate. Its signature is not looked at.
    pub fn from_der(der: &[u8]) -> Result<Self, AuthorityCertificateError> {
        let certificate = ToBeSigned::from_der(&take_apart(der)?.to_be_signed)?;
        let subject = certificate.subject;
        if subject.is_empty() {
            return Err(AuthorityCertificateError::Nameless);
        }
        let constraints = find::<BasicConstraints>(&certificate.extensions)?.map(|(_, found)| found);
        let Some(BasicConstraints { ca: true, path_len_constraint: path_length }) = constraints else {
            return Err(AuthorityCertificateError::NotAnAuthority(subject.to_string()));
        };
        let usage = find::<KeyUsage>(&certificate.extensions)?.map(|(_, KeyUsage(usages))| usages);
        if usage.is_some_and(|usages| !usages.contains(KeyUsages::KeyCertSign)) {
            return Err(AuthorityCertificateError::MayNotSign(subject.to_string()));
        }
        let key = PublicKey::new(certificate.subject_public_key_info);
        let key = key.map_err(|reason| {
            let subject = subject.to_string();
            AuthorityCertificateError::Key { subject, reason }
        })?;
        let key_id = find::<SubjectKeyIdentifier>(&certificate.extensions)?;
        let key_id = key_id.map_or_else(|| key.id(), |(_, id)| id.0.into_bytes().into_vec());
        let name_constraints = find::<WrittenConstraints>(&certificate.extensions)?;
        let name_constraints =
            name_constraints.map(|(_, written)| NameConstraints::read(&written)).transpose()?;
        Ok(Self {
            is_self_issued: subject == certificate.issuer,
            subject,
            key,
            key_id,
            validity: certificate.validity,
            path_length,
            name_constraints,
        })
    }

    /// Its name, which stands as the issuer in what it signs.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// Its key.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What names its key in what it signs: the identifier in its certificate, whoever computed it and how
    /// (rustls/rcgen#261); ours, if there is none.
    pub fn key_id(&self) -> &[u8] {
        &self.key_id
    }

    /// From when until when it signs.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// How many authorities may stand between it and a leaf; `None` if any number.
    pub fn path_length(&self) -> Option<u8> {
        self.path_length
    }

    /// Which names it, and all below it, may certify; `None` if any.
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.name_constraints.as_ref()
    }

    /// Whether issuer and subject are the same, which does not count in path lengths (RFC 5280 section 6.1).
    pub fn is_self_issued(&self) -> bool {
        self.is_self_issued
    }
}
