//! The first half of a certificate: what is to be signed.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::{Decode, Encode, Sequence};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;
use x509_cert::serial_number::SerialNumber;

use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::validity::Validity;

/// TBSCertificate of version 3 (RFC 5280 section 4.1), without what may not be issued: unique identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ToBeSigned {
    /// 3, always.
    #[asn1(context_specific = "0", default = "Default::default")]
    pub version: Version,
    /// The serial number.
    pub serial_number: SerialNumber,
    /// How it will be signed.
    pub signature: AlgorithmIdentifierOwned,
    /// Whose certificate signs.
    pub issuer: DistinguishedName,
    /// From when until when.
    pub validity: Validity,
    /// Whom it names; empty where the alternative names say it all.
    pub subject: DistinguishedName,
    /// The key.
    pub subject_public_key_info: SubjectPublicKeyInfoOwned,
    /// All else.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub extensions: Extensions,
}

impl ToBeSigned {
    /// Reads the first half of a certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, EncodingError> {
        Ok(Decode::from_der(der)?)
    }

    /// The bytes that a key signs.
    pub fn to_der(&self) -> Result<Vec<u8>, EncodingError> {
        Ok(Encode::to_der(self)?)
    }
}
