//! What is signed, in two halves: the bytes to be signed, and the signature put behind them.
//!
//! Certificates, requests and revocation lists have this form (RFC 5280 sections 4.1 and 5.1, RFC 2986
//! section 4). The bytes are final before any key is asked, because they are recorded first, and they are
//! embedded as they are: encoding them again is how others came to issue certificates that do not verify
//! (rustls/rcgen#59, #195).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Sequence};
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use spki::AlgorithmIdentifierOwned;

use crate::error::EncodingError;

/// A signed thing, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bytes that are signed, as they stood there.
    pub to_be_signed: Vec<u8>,
    /// How they were signed.
    pub algorithm: AlgorithmIdentifierOwned,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Why both halves do not become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// One of them is no DER.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The signature is not that of the key.
    #[error("the signer's answer does not verify under its own public key")]
    Unverified,
}

/// Certificate, CertificationRequest and CertificateList, with their first half as bytes.
#[derive(Sequence)]
struct Halves<'a> {
    to_be_signed: AnyRef<'a>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitStringRef<'a>,
}

/// Puts the signature behind the bytes, and reads the whole back: it carries the very bytes that were
/// recorded, and the signature verifies under the key that the world knows.
pub fn assemble(
    to_be_signed: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    key: &PublicKey,
) -> Result<Vec<u8>, AssembleError> {
    let der = join(to_be_signed, algorithm, signature)?;
    let read = take_apart(&der)?;
    let is_ours = read.to_be_signed == to_be_signed && read.algorithm == algorithm.identifier();
    if is_ours && key.verifies(algorithm, &read.to_be_signed, &read.signature) {
        Ok(der)
    } else {
        Err(AssembleError::Unverified)
    }
}

/// Takes a certificate, request or revocation list apart. Nothing is verified.
pub fn take_apart(der: &[u8]) -> Result<Signed, EncodingError> {
    let halves = Halves::from_der(der)?;
    Ok(Signed {
        to_be_signed: halves.to_be_signed.to_der()?,
        algorithm: halves.algorithm,
        signature: halves.signature.as_bytes().ok_or(der::Error::from(der::ErrorKind::Failed))?.to_vec(),
    })
}

fn join(
    to_be_signed: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
) -> Result<Vec<u8>, EncodingError> {
    let halves = Halves {
        to_be_signed: AnyRef::from_der(to_be_signed)?,
        algorithm: algorithm.identifier(),
        signature: BitStringRef::from_bytes(signature)?,
    };
    Ok(halves.to_der()?)
}
