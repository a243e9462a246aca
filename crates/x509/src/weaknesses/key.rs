//! Keys that are too short, can be broken, or are of a size or on a curve that public certificates may not have.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ID_DSA, ID_EC_PUBLIC_KEY, ID_RSASSA_PSS, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SECP_521_R_1,
};
use hermetic_keys::{PublicKey, PublicKeyError};

use super::Weakness;
use crate::details::CertificateDetails;
use crate::text;
use crate::weak_key;

/// The curves of section 6.1.5 of the CA/Browser Forum's Baseline Requirements.
const PUBLIC: [ObjectIdentifier; 3] = [SECP_256_R_1, SECP_384_R_1, SECP_521_R_1];

pub(super) fn weakness(certificate: &CertificateDetails) -> Option<Weakness> {
    let info = &certificate.key_info;
    if info.algorithm.oid == ID_DSA {
        return Some(Weakness::Dsa);
    }
    match PublicKey::new(info.clone()) {
        Ok(key) => weak_key::weakness(&key).map(Weakness::Key),
        // Kinds that are not supported here, and longer keys, are not weak for that.
        Err(PublicKeyError::RsaLength(_) | PublicKeyError::Unsupported(_)) => unsupported(certificate),
        Err(error) => Some(Weakness::BrokenKey(error)),
    }
}

/// What speaks against a key that no authority of ours would certify.
fn unsupported(certificate: &CertificateDetails) -> Option<Weakness> {
    let algorithm = &certificate.key_info.algorithm;
    let size = certificate.key_strength().size;
    match algorithm.oid {
        RSA_ENCRYPTION | ID_RSASSA_PSS => match size? {
            bits @ ..2048 => Some(Weakness::ShortKey(bits)),
            // Its modulus does not fill its bytes.
            bits => (bits % 8 != 0).then_some(Weakness::OddLength(bits)),
        },
        ID_EC_PUBLIC_KEY => {
            let curve: ObjectIdentifier = algorithm.parameters.as_ref()?.decode_as().ok()?;
            let is_public = PUBLIC.contains(&curve);
            (!is_public).then(|| Weakness::Curve { name: text::short_name(curve), bits: size })
        }
        _ => None,
    }
}
