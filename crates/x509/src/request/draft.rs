//! Requests of our own: to be signed by a key here, and certified elsewhere.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::Encode;
use der::asn1::{Any, SetOfVec};
use hermetic_keys::PublicKey;
use x509_cert::attr::Attribute;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, SubjectAltName};

use super::{CertificationRequest, Info};
use crate::certificate::key_usage;
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::extension;
use crate::name::CanonicalName;

impl CertificationRequest {
    /// What the key of a party signs to be certified under these names. [`assemble`](crate::assemble) puts
    /// the signature behind it.
    pub fn of_party(
        subject: &DistinguishedName,
        names: &[CanonicalName],
        key: &PublicKey,
    ) -> Result<Vec<u8>, EncodingError> {
        let names = names.iter().map(CanonicalName::to_general_name).collect::<Result<Vec<_>, _>>()?;
        let names = (!names.is_empty()).then(|| extension(subject.is_empty(), &SubjectAltName(names)));
        to_be_signed(subject, key, names.transpose()?.into_iter().collect())
    }

    /// What the key of a subordinate authority signs to be certified by another.
    pub fn of_authority(
        subject: &DistinguishedName,
        path_length: Option<u8>,
        key: &PublicKey,
    ) -> Result<Vec<u8>, EncodingError> {
        let constraints = BasicConstraints { ca: true, path_len_constraint: path_length };
        to_be_signed(
            subject,
            key,
            vec![extension(true, &constraints)?, extension(true, &KeyUsage(key_usage()))?],
        )
    }
}

fn to_be_signed(
    subject: &DistinguishedName,
    key: &PublicKey,
    extensions: Vec<Extension>,
) -> Result<Vec<u8>, EncodingError> {
    let mut attributes = SetOfVec::new();
    if !extensions.is_empty() {
        let values = SetOfVec::try_from(vec![Any::encode_from(&extensions)?])?;
        attributes.insert(Attribute { oid: ID_EXTENSION_REQ, values })?;
    }
    let (subject, public_key) = (subject.clone(), key.info().clone());
    Ok(Info { version: 0, subject, public_key, attributes: Some(attributes) }.to_der()?)
}
