//! What a certificate says, whoever issued it and however badly.
//!
//! [`ToBeSigned`](crate::ToBeSigned) has what we issue. Others have issued versions 1 and 2, negative serial
//! numbers and unique identifiers, and all of that is read here: to be shown, judged and refused by name.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::AssociatedOid;
use der::asn1::{BitString, Int};
use der::{Decode, Sequence};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;

use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::find;
use crate::signed::{Signed, take_apart};
use crate::validity::Validity;

/// A certificate of anybody's (RFC 5280 section 4.1), its parts as they stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateDetails {
    /// The bytes that are signed, how, and the signature.
    pub signed: Signed,
    /// 1 to 3.
    pub version: u8,
    /// The serial number, two's complement in big-endian order.
    pub serial: Vec<u8>,
    /// How it is signed, as it says inside.
    pub inner_algorithm: AlgorithmIdentifierOwned,
    /// Who signed it.
    pub issuer: DistinguishedName,
    /// From when until when.
    pub validity: Validity,
    /// Whom it names.
    pub subject: DistinguishedName,
    /// The key.
    pub key_info: SubjectPublicKeyInfoOwned,
    /// Numbers for names that were given twice; version 2 had them.
    pub unique_ids: [Option<BitString>; 2],
    /// All else.
    pub extensions: Extensions,
}

#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial: Int,
    algorithm: AlgorithmIdentifierOwned,
    issuer: DistinguishedName,
    validity: Validity,
    subject: DistinguishedName,
    key_info: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    issuer_unique_id: Option<BitString>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    subject_unique_id: Option<BitString>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

impl CertificateDetails {
    /// Reads the DER of a certificate. Its signature is not looked at.
    pub fn read(der: &[u8]) -> Result<Self, EncodingError> {
        let signed = take_apart(der)?;
        let tbs = Tbs::from_der(&signed.to_be_signed)?;
        Ok(Self {
            version: 1 + tbs.version as u8,
            serial: tbs.serial.as_bytes().to_vec(),
            inner_algorithm: tbs.algorithm,
            issuer: tbs.issuer,
            validity: tbs.validity,
            subject: tbs.subject,
            key_info: tbs.key_info,
            unique_ids: [tbs.issuer_unique_id, tbs.subject_unique_id],
            extensions: tbs.extensions.unwrap_or_default(),
            signed,
        })
    }

    /// Its extension of a type, and whether that is critical; `None` where it has none.
    pub fn extension<T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>>(
        &self,
    ) -> Result<Option<(bool, T)>, EncodingError> {
        find(&self.extensions)
    }

    /// Whether issuer and subject are the same, byte for byte.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }
}
