//! A certificate, once its key has signed.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::{PublicKey, SignatureAlgorithm};

use super::ToBeSigned;
use crate::signed::{AssembleError, assemble};

/// The certificate of these bytes and this signature as DER, if it is that of the signer. The algorithm stands
/// in both places because it is taken from the one (RFC 5280 section 4.1.1.2).
pub fn certify(to_be_signed: &[u8], signature: &[u8], signer: &PublicKey) -> Result<Vec<u8>, AssembleError> {
    let algorithm = SignatureAlgorithm::of_identifier(&ToBeSigned::from_der(to_be_signed)?.signature);
    assemble(to_be_signed, algorithm.ok_or(AssembleError::Unverified)?, signature, signer)
}
