//! Extensions of certificates, requests, revocation lists and OCSP messages (RFC 5280 section 4.2).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::AssociatedOid;
use der::asn1::OctetString;
use der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};

use crate::error::EncodingError;

/// An extension with this content.
pub(crate) fn extension<T: AssociatedOid + Encode>(
    critical: bool,
    content: &T,
) -> Result<Extension, EncodingError> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(content.to_der()?)? })
}

/// The extension that names the key of whoever signed (section 4.2.1.1).
pub(crate) fn authority_key_identifier(key_id: &[u8]) -> Result<Extension, EncodingError> {
    let key_identifier = Some(OctetString::new(key_id)?);
    extension(false, &AuthorityKeyIdentifier { key_identifier, ..AuthorityKeyIdentifier::default() })
}

/// The extension that names the key of the certificate (section 4.2.1.2).
pub(crate) fn subject_key_identifier(key_id: &[u8]) -> Result<Extension, EncodingError> {
    extension(false, &SubjectKeyIdentifier(OctetString::new(key_id)?))
}

/// The first extension of a type, and whether it is critical; `None` where there is none.
pub(crate) fn find<T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>>(
    extensions: &[Extension],
) -> Result<Option<(bool, T)>, EncodingError> {
    let found = extensions.iter().find(|extension| extension.extn_id == T::OID);
    let read = |extension: &Extension| {
        T::from_der(extension.extn_value.as_bytes()).map(|content| (extension.critical, content))
    };
    Ok(found.map(read).transpose()?)
}
