//! The extensions that a request asks for (RFC 2985 section 5.4.2).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc5280::{ID_CE_BASIC_CONSTRAINTS, ID_CE_SUBJECT_ALT_NAME};
use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::SetOfVec;
use der::{Decode, Encode};
use x509_cert::attr::Attribute;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

use super::CertificationRequestError;
use crate::name::CanonicalName;

/// What Windows called the same attribute before there was a standard, and still writes.
const MICROSOFT_EXTENSION_REQ: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.14");

/// What a request asks for beside its subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requested {
    pub(super) names: Vec<CanonicalName>,
    pub(super) constraints: Option<BasicConstraints>,
}

impl Requested {
    /// Reads the one attribute that asks for extensions. Others, such as a challenge password, are passed
    /// over.
    pub(super) fn read(attributes: Option<&SetOfVec<Attribute>>) -> Result<Self, CertificationRequestError> {
        let attributes = attributes.map(SetOfVec::as_slice).unwrap_or_default();
        each_once(attributes.iter().map(|attribute| attribute.oid))?;
        let mut asking = attributes
            .iter()
            .filter(|attribute| [ID_EXTENSION_REQ, MICROSOFT_EXTENSION_REQ].contains(&attribute.oid));
        let Some(attribute) = asking.next() else { return Ok(Self::default()) };
        if asking.next().is_some() {
            return Err(CertificationRequestError::Twice(ID_EXTENSION_REQ));
        }
        Self::of_extensions(&extensions(attribute)?)
    }

    pub(super) fn of_extensions(extensions: &[Extension]) -> Result<Self, CertificationRequestError> {
        each_once(extensions.iter().map(|extension| extension.extn_id))?;
        let mut requested = Self::default();
        for extension in extensions {
            match extension.extn_id {
                ID_CE_SUBJECT_ALT_NAME => requested.names = names(extension)?,
                ID_CE_BASIC_CONSTRAINTS => requested.constraints = Some(content(extension)?),
                // What the key is for is the profile's matter; what is said about it must still be readable.
                KeyUsage::OID => content::<KeyUsage>(extension).map(|_| ())?,
                ExtendedKeyUsage::OID => content::<ExtendedKeyUsage>(extension).map(|_| ())?,
                SubjectKeyIdentifier::OID => content::<SubjectKeyIdentifier>(extension).map(|_| ())?,
                other if extension.critical => {
                    return Err(CertificationRequestError::UnknownCriticalExtension(other));
                }
                _ => (),
            }
        }
        Ok(requested)
    }
}

/// Exactly one value, which is a list of extensions.
fn extensions(attribute: &Attribute) -> Result<Vec<Extension>, CertificationRequestError> {
    let malformed =
        |reason: String| CertificationRequestError::MalformedExtension { oid: attribute.oid, reason };
    let [value] = attribute.values.as_slice() else {
        return Err(malformed(format!("it has {} values; one is right", attribute.values.len())));
    };
    let der = value.to_der().map_err(|error| malformed(error.to_string()))?;
    let extensions = Vec::<Extension>::from_der(&der).map_err(|error| malformed(error.to_string()))?;
    if extensions.to_der().is_ok_and(|again| again == der) {
        Ok(extensions)
    } else {
        Err(CertificationRequestError::NotDer)
    }
}

/// The first name that is none is told.
fn names(extension: &Extension) -> Result<Vec<CanonicalName>, CertificationRequestError> {
    let SubjectAltName(names) = content(extension)?;
    if names.is_empty() {
        return Err(CertificationRequestError::NoNames);
    }
    Ok(names.iter().map(CanonicalName::of_general_name).collect::<Result<_, _>>()?)
}

fn content<T: for<'a> Decode<'a, Error = der::Error>>(
    extension: &Extension,
) -> Result<T, CertificationRequestError> {
    T::from_der(extension.extn_value.as_bytes()).map_err(|error| {
        CertificationRequestError::MalformedExtension { oid: extension.extn_id, reason: error.to_string() }
    })
}

fn each_once(oids: impl Iterator<Item = ObjectIdentifier>) -> Result<(), CertificationRequestError> {
    let mut seen = std::collections::HashSet::new();
    for oid in oids {
        if !seen.insert(oid) {
            return Err(CertificationRequestError::Twice(oid));
        }
    }
    Ok(())
}
