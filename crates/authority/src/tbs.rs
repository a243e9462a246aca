//! A certificate's two halves: the bytes to be signed, and the signature put behind them.
//!
//! x509-cert's own builder wants the signer while it builds; here the bytes are final before any key is
//! asked, because they are recorded first, and they are embedded as they are: encoding them again is how
//! others came to issue certificates that do not verify (rustls/rcgen#59, #195).

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Sequence};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use crate::error::AuthorityError;

/// TBSCertificate of version 3, without what RFC 5280 forbids to issue (unique identifiers).
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct ToBeSigned {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(crate) version: Version,
    pub(crate) serial_number: SerialNumber,
    pub(crate) signature: AlgorithmIdentifierOwned,
    pub(crate) issuer: Name,
    pub(crate) validity: Validity,
    pub(crate) subject: Name,
    pub(crate) subject_public_key_info: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) extensions: Extensions,
}

/// Certificate, with its first half as bytes.
#[derive(Sequence)]
struct Signed<'a> {
    to_be_signed: AnyRef<'a>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitStringRef<'a>,
}

/// The certificate of these bytes and this signature, as DER.
pub(crate) fn assemble(
    to_be_signed: &[u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: &[u8],
) -> Result<Vec<u8>, AuthorityError> {
    let certificate = Signed {
        to_be_signed: AnyRef::from_der(to_be_signed)?,
        algorithm,
        signature: BitStringRef::from_bytes(signature)?,
    };
    Ok(certificate.to_der()?)
}

/// The to-be-signed bytes and the signature of a certificate.
pub(crate) fn take_apart(certificate: &[u8]) -> Result<(Vec<u8>, Vec<u8>), AuthorityError> {
    let certificate = Signed::from_der(certificate)?;
    Ok((certificate.to_be_signed.to_der()?, certificate.signature.raw_bytes().to_vec()))
}
