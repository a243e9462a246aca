//! The structures of PKCS#12 (RFC 7292 section 4) and of what it takes from PKCS#5, 7 and 8.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use der::asn1::{AnyRef, OctetStringRef};
use der::{Choice, DecodeValue, Sequence};
use spki::AlgorithmIdentifierRef;

use super::broken;
use crate::material::MaterialError;

pub(super) const KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
pub(super) const SHROUDED_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
pub(super) const CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
pub(super) const SAFE_CONTENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");
pub(super) const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
pub(super) const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
pub(super) const LOCAL_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.21");

/// The whole file.
#[derive(Sequence)]
pub(super) struct Pfx<'a> {
    pub(super) version: u8,
    pub(super) contents: ContentInfo<'a>,
    pub(super) mac: Option<MacData<'a>>,
}

#[derive(Sequence)]
pub(super) struct ContentInfo<'a> {
    pub(super) kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) content: AnyRef<'a>,
}

#[derive(Sequence)]
pub(super) struct MacData<'a> {
    pub(super) digest: DigestInfo<'a>,
    pub(super) salt: &'a OctetStringRef,
    #[asn1(default = "once")]
    pub(super) rounds: u64,
}

#[derive(Sequence)]
pub(super) struct DigestInfo<'a> {
    pub(super) algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) code: &'a OctetStringRef,
}

/// Parameters of PBMAC1 (RFC 8018 appendix A.5).
#[derive(Sequence)]
pub(super) struct Pbmac1<'a> {
    pub(super) derivation: AlgorithmIdentifierRef<'a>,
    pub(super) hmac: AlgorithmIdentifierRef<'a>,
}

/// PBES2-params (RFC 8018 appendix A.4).
#[derive(Sequence)]
pub(super) struct Pbes2<'a> {
    pub(super) derivation: AlgorithmIdentifierRef<'a>,
    pub(super) cipher: AlgorithmIdentifierRef<'a>,
}

/// PBKDF2-params (RFC 8018 appendix A.2).
#[derive(Sequence)]
pub(super) struct Pbkdf2<'a> {
    pub(super) salt: &'a OctetStringRef,
    pub(super) rounds: u64,
    #[asn1(optional = "true")]
    pub(super) length: Option<u16>,
    #[asn1(optional = "true")]
    pub(super) hash: Option<AlgorithmIdentifierRef<'a>>,
}

/// EncryptedData (RFC 2315 section 13).
#[derive(Sequence)]
pub(super) struct EncryptedData<'a> {
    pub(super) version: u8,
    pub(super) content: EncryptedContent<'a>,
}

#[derive(Sequence)]
pub(super) struct EncryptedContent<'a> {
    pub(super) kind: ObjectIdentifier,
    pub(super) algorithm: AlgorithmIdentifierRef<'a>,
    /// `[0] IMPLICIT OCTET STRING`, which BER writes in pieces as well.
    pub(super) content: AnyRef<'a>,
}

#[derive(Sequence)]
pub(super) struct SafeBag<'a> {
    pub(super) kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) value: AnyRef<'a>,
    /// A set, in whatever order: BER does not sort it.
    pub(super) attributes: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
pub(super) struct CertBag<'a> {
    pub(super) kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) value: AnyRef<'a>,
}

/// EncryptedPrivateKeyInfo (RFC 5958 section 3).
#[derive(Sequence)]
pub(super) struct EncryptedKey<'a> {
    pub(super) algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) bytes: &'a OctetStringRef,
}

#[derive(Sequence)]
pub(super) struct Attribute<'a> {
    pub(super) kind: ObjectIdentifier,
    pub(super) values: AnyRef<'a>,
}

fn once() -> u64 {
    1
}

/// The parameters of an algorithm.
pub(super) fn parameters_of<'a, T>(algorithm: &AlgorithmIdentifierRef<'a>) -> Result<T, MaterialError>
where
    T: Choice<'a, Error = der::Error> + DecodeValue<'a, Error = der::Error>,
{
    let missing = || broken(format!("the algorithm {} has no parameters", algorithm.oid));
    Ok(algorithm.parameters.ok_or_else(missing)?.decode_as()?)
}
