//! Public keys as certificates carry them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ID_EC_PUBLIC_KEY, SECP_256_R_1};
use der::Decode;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::error::AuthorityError;

/// The length of a key identifier in bytes.
const KEY_ID_LENGTH: usize = 20;

/// An ECDSA P-256 public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    info: SubjectPublicKeyInfoOwned,
}

impl PublicKey {
    /// Takes a SubjectPublicKeyInfo, if it is of a kind that we sign and verify with.
    pub(crate) fn new(info: SubjectPublicKeyInfoOwned) -> Result<Self, AuthorityError> {
        let curve = info.algorithm.parameters.as_ref().map(|curve| curve.decode_as::<ObjectIdentifier>());
        if info.algorithm.oid != ID_EC_PUBLIC_KEY || curve.transpose()? != Some(SECP_256_R_1) {
            let reason = format!("a key of kind {} is not supported; ECDSA P-256 is", info.algorithm.oid);
            return Err(AuthorityError::Certificate(reason));
        }
        Ok(Self { info })
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self, AuthorityError> {
        Self::new(SubjectPublicKeyInfoOwned::from_der(der)?)
    }

    pub(crate) fn of_certificate(certificate: &hermetic_tls::Certificate) -> Result<Self, AuthorityError> {
        let parsed = x509_cert::Certificate::from_der(&certificate.der)?;
        Self::new(parsed.tbs_certificate().subject_public_key_info().clone())
    }

    /// The key as it stands in a certificate.
    pub(crate) fn info(&self) -> &SubjectPublicKeyInfoOwned {
        &self.info
    }

    /// What names the key in other certificates: the first 160 bits of SHA-256 over its bits (RFC 7093
    /// section 2, method 1), not SHA-1 as RFC 5280 suggested.
    pub(crate) fn id(&self) -> Vec<u8> {
        let hash = digest(&SHA256, self.info.subject_public_key.raw_bytes());
        hash.as_ref().iter().copied().take(KEY_ID_LENGTH).collect()
    }

    /// The algorithm of the signatures that its private key makes; without parameters (RFC 5758 section 3.2).
    pub(crate) fn signature_algorithm(&self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_256, parameters: None }
    }

    /// Whether its private key signed this message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.info.subject_public_key.raw_bytes())
            .verify(message, signature)
            .is_ok()
    }
}
