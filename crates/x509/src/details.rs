//! What a certificate says, whoever issued it and however badly.
//!
//! [`ToBeSigned`](crate::ToBeSigned) has what we issue. Others have issued versions 1 and 2, negative serial
//! numbers and unique identifiers, and all of that is read here: to be shown, judged and refused by name.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{BitString, Int, OctetStringRef};
use der::{Decode, Encode, Sequence};
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;

use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::find;
use crate::key_strength::KeyStrength;
use crate::log_timestamps::{LogTimestamp, log_timestamps};
use crate::signed::{Signed, take_apart};
use crate::validity::Validity;

/// What a server must do for its certificate to count (RFC 7633).
const TLS_FEATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.24");

/// The number of the extension by which a client asks for a staple (RFC 6066 section 8).
const STATUS_REQUEST: u16 = 5;

/// RFC 6962 section 3.3.
const TIMESTAMPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");

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

    /// Whether its name stands in the other as its issuer's.
    pub fn is_named_by(&self, other: &Self) -> bool {
        !self.subject.is_empty() && self.subject == other.issuer
    }

    /// Whether its key made the other's signature; `None` where key or signature are of a kind that is not
    /// known here.
    pub fn signed(&self, other: &Self) -> Option<bool> {
        let signed = &other.signed;
        let algorithm = SignatureAlgorithm::of_identifier(&signed.algorithm)?;
        let key = PublicKey::new(self.key_info.clone()).ok()?;
        Some(key.verifies(algorithm, &signed.to_be_signed, &signed.signature))
    }

    /// The DER of its key.
    pub fn key_der(&self) -> Vec<u8> {
        // What was read from DER encodes.
        self.key_info.to_der().unwrap_or_default()
    }

    /// How strong its key is.
    pub fn key_strength(&self) -> KeyStrength {
        KeyStrength::of(&self.key_info)
    }

    /// Whether it demands a stapled OCSP response of its server (RFC 7633): Firefox refuses it without one.
    pub fn demands_staple(&self) -> bool {
        let features = self.extension_bytes(TLS_FEATURE).map(Vec::<u16>::from_der);
        features.and_then(Result::ok).is_some_and(|features| features.contains(&STATUS_REQUEST))
    }

    /// The timestamps of logs that stand in it; none where they can't be read.
    pub fn log_timestamps(&self) -> Vec<LogTimestamp> {
        let list = self.extension_bytes(TIMESTAMPS).map(<&OctetStringRef>::from_der).and_then(Result::ok);
        list.and_then(|list| log_timestamps(list.as_bytes())).unwrap_or_default()
    }

    fn extension_bytes(&self, id: ObjectIdentifier) -> Option<&[u8]> {
        let found = self.extensions.iter().find(|extension| extension.extn_id == id)?;
        Some(found.extn_value.as_bytes())
    }
}
