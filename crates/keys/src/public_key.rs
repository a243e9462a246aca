//! Public keys as certificates carry them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{self, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1};
use const_oid::db::rfc8410::ID_ED_25519;
use der::asn1::{Any, AnyRef, Null, UintRef};
use der::referenced::OwnedToRef;
use der::{Decode, Encode, Sequence, Tag, Tagged};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef, SubjectPublicKeyInfoOwned};

use crate::algorithm::{ID_ML_DSA_44, ID_ML_DSA_65, ID_ML_DSA_87, KeyAlgorithm, SignatureAlgorithm};

/// The length of a key identifier in bytes.
const ID_LENGTH: usize = 20;

/// A public key of a kind that signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    info: SubjectPublicKeyInfoOwned,
}

/// Why a public key is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// It is no SubjectPublicKeyInfo.
    #[error("the public key can't be read: {0}")]
    Malformed(String),
    /// Nothing here signs or verifies with keys of its kind.
    #[error("a key of kind {0} is not supported; P-256, P-384, RSA of 2048 to 4096 bits and Ed25519 are")]
    Unsupported(String),
    /// RSA with a modulus that is too short, or of a length that nobody asks for.
    #[error("an RSA key of {0} bits is not accepted; 2048, 3072 or 4096 are")]
    RsaLength(usize),
    /// RSA with a public exponent that is even or below 65537. With 3 and its like, signatures could be forged
    /// where padding was checked loosely (CVE-2006-4339); everybody's is 65537 (CA/B baseline, section 6.1.6).
    #[error("its RSA exponent is even or below 65537; make a key with 65537")]
    RsaExponent,
    /// A curve written out instead of named: whoever writes it can choose one on which anybody signs
    /// (CVE-2020-0601). RFC 5480 section 2.1.1 forbids it.
    #[error("its curve is written out instead of named; make a key with `named_curve`")]
    ExplicitCurve,
    /// The bits are no key of their kind, such as a point that is not on its curve.
    #[error("its bits are no {0} key")]
    NoSuchKey(KeyAlgorithm),
}

impl PublicKey {
    /// Takes a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). Where its identifier is written in another way
    /// than the standards have it, such as with parameters where there are none, it is written anew: one key has
    /// one fingerprint, and nobody gets around the list of keys that are blocked by writing theirs otherwise.
    pub fn new(info: SubjectPublicKeyInfoOwned) -> Result<Self, PublicKeyError> {
        let bits = info.subject_public_key.as_bytes();
        let bits = bits.ok_or_else(|| PublicKeyError::Malformed("its bits end within a byte".to_owned()))?;
        let algorithm = match info.algorithm.oid {
            RSA_ENCRYPTION => rsa_of(bits)?,
            _ => algorithm_of(info.algorithm.owned_to_ref())?,
        };
        let subject_public_key = info.subject_public_key;
        let info = SubjectPublicKeyInfoOwned { algorithm: algorithm.key_identifier(), subject_public_key };
        let key = Self { algorithm, info };
        // The point or modulus must be one: a key that can't verify anything is refused here, once. The
        // library takes a whole SubjectPublicKeyInfo or a compressed point as well; a certificate has neither.
        let length = key.bits().len();
        let whole = algorithm.length().is_none_or(|expected| expected == length)
            && ParsedPublicKey::new(key.verification(algorithm.signature()), key.bits()).is_ok();
        if whole { Ok(key) } else { Err(PublicKeyError::NoSuchKey(algorithm)) }
    }

    /// Takes the DER of a SubjectPublicKeyInfo.
    pub fn from_der(der: &[u8]) -> Result<Self, PublicKeyError> {
        let info = SubjectPublicKeyInfoOwned::from_der(der);
        Self::new(info.map_err(|error| PublicKeyError::Malformed(error.to_string()))?)
    }

    /// Its kind.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The key as it stands in a certificate.
    pub fn info(&self) -> &SubjectPublicKeyInfoOwned {
        &self.info
    }

    /// The DER of its SubjectPublicKeyInfo.
    pub fn to_der(&self) -> Vec<u8> {
        // What was read from DER, or came as parts of DER, encodes.
        self.info.to_der().unwrap_or_default()
    }

    /// What names the key in certificates: the first 160 bits of SHA-256 over its bits (RFC 7093 section 2,
    /// method 1), not SHA-1 as RFC 5280 suggested.
    pub fn id(&self) -> Vec<u8> {
        digest(&SHA256, self.bits()).as_ref().iter().copied().take(ID_LENGTH).collect()
    }

    /// SHA-256 over its SubjectPublicKeyInfo in hex: what tells whether two certificates have the same key.
    pub fn fingerprint(&self) -> String {
        digest(&SHA256, &self.to_der()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether its private key made this signature, in this way, over this message.
    pub fn verifies(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        self.signs(algorithm)
            && UnparsedPublicKey::new(self.verification(algorithm), self.bits())
                .verify(message, signature)
                .is_ok()
    }

    /// Whether a key of this kind can make such signatures.
    pub fn signs(&self, algorithm: SignatureAlgorithm) -> bool {
        use SignatureAlgorithm::{RsaSha256, RsaSha384, RsaSha512};
        match self.algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                matches!(algorithm, RsaSha256 | RsaSha384 | RsaSha512)
            }
            // ECDSA takes any hash; certificates pair each curve with its own, and others with theirs.
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => {
                matches!(algorithm, SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::EcdsaSha384)
            }
            other => algorithm == other.signature(),
        }
    }

    fn verification(&self, algorithm: SignatureAlgorithm) -> &'static dyn VerificationAlgorithm {
        match (algorithm, self.algorithm) {
            (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcdsaP384) => &signature::ECDSA_P384_SHA256_ASN1,
            (SignatureAlgorithm::EcdsaSha256, _) => &signature::ECDSA_P256_SHA256_ASN1,
            (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcdsaP256) => &signature::ECDSA_P256_SHA384_ASN1,
            (SignatureAlgorithm::EcdsaSha384, _) => &signature::ECDSA_P384_SHA384_ASN1,
            (SignatureAlgorithm::RsaSha256, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (SignatureAlgorithm::RsaSha384, _) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (SignatureAlgorithm::RsaSha512, _) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (SignatureAlgorithm::Ed25519, _) => &signature::ED25519,
            (SignatureAlgorithm::MlDsa44, _) => &signature::ML_DSA_44,
            (SignatureAlgorithm::MlDsa65, _) => &signature::ML_DSA_65,
            (SignatureAlgorithm::MlDsa87, _) => &signature::ML_DSA_87,
        }
    }

    fn bits(&self) -> &[u8] {
        self.info.subject_public_key.raw_bytes()
    }
}

impl KeyAlgorithm {
    /// How public keys of this kind are marked: RSA with NULL (RFC 3279 section 2.3.1), EC with the curve (RFC 5480
    /// section 2.1.1), the others with nothing (RFC 8410 section 3, RFC 9881 section 2).
    fn key_identifier(self) -> AlgorithmIdentifierOwned {
        let (oid, parameters) = match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => (RSA_ENCRYPTION, Some(Any::from(Null))),
            Self::EcdsaP256 => (ID_EC_PUBLIC_KEY, Some(Any::from(&SECP_256_R_1))),
            Self::EcdsaP384 => (ID_EC_PUBLIC_KEY, Some(Any::from(&SECP_384_R_1))),
            Self::Ed25519 => (ID_ED_25519, None),
            Self::MlDsa44 => (ID_ML_DSA_44, None),
            Self::MlDsa65 => (ID_ML_DSA_65, None),
            Self::MlDsa87 => (ID_ML_DSA_87, None),
        };
        AlgorithmIdentifierOwned { oid, parameters }
    }

    /// How long a public key is, in bytes; `None` where that differs.
    fn length(self) -> Option<usize> {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => None,
            // Uncompressed: a byte that says so, and two coordinates (SEC 1 section 2.3.3).
            Self::EcdsaP256 => Some(1 + 2 * 32),
            Self::EcdsaP384 => Some(1 + 2 * 48),
            Self::Ed25519 => Some(32),
            // FIPS 204 table 2.
            Self::MlDsa44 => Some(1312),
            Self::MlDsa65 => Some(1952),
            Self::MlDsa87 => Some(2592),
        }
    }
}

/// The kind of key that an identifier names, in public and in private keys. RSA's tells nothing of the length.
pub(crate) fn algorithm_of(identifier: AlgorithmIdentifierRef<'_>) -> Result<KeyAlgorithm, PublicKeyError> {
    match identifier.oid {
        ID_EC_PUBLIC_KEY => curve_of(identifier.parameters),
        ID_ED_25519 => Ok(KeyAlgorithm::Ed25519),
        ID_ML_DSA_44 => Ok(KeyAlgorithm::MlDsa44),
        ID_ML_DSA_65 => Ok(KeyAlgorithm::MlDsa65),
        ID_ML_DSA_87 => Ok(KeyAlgorithm::MlDsa87),
        other => Err(PublicKeyError::Unsupported(other.to_string())),
    }
}

fn curve_of(parameters: Option<AnyRef<'_>>) -> Result<KeyAlgorithm, PublicKeyError> {
    let Some(parameters) = parameters else {
        return Err(PublicKeyError::Unsupported("EC without a named curve".to_owned()));
    };
    match parameters.decode_as::<ObjectIdentifier>() {
        Ok(SECP_256_R_1) => Ok(KeyAlgorithm::EcdsaP256),
        Ok(SECP_384_R_1) => Ok(KeyAlgorithm::EcdsaP384),
        Ok(other) => Err(PublicKeyError::Unsupported(format!("EC on the curve {other}"))),
        Err(_) if parameters.tag() == Tag::Sequence => Err(PublicKeyError::ExplicitCurve),
        Err(error) => Err(PublicKeyError::Malformed(error.to_string())),
    }
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
pub(crate) struct RsaPublicKey<'a> {
    pub(crate) modulus: UintRef<'a>,
    pub(crate) exponent: UintRef<'a>,
}

/// The kind of an RSAPublicKey.
fn rsa_of(der: &[u8]) -> Result<KeyAlgorithm, PublicKeyError> {
    let key = RsaPublicKey::from_der(der).map_err(|error| PublicKeyError::Malformed(error.to_string()))?;
    rsa_algorithm(key.modulus, key.exponent)
}

/// The kind of an RSA key with these numbers.
pub(crate) fn rsa_algorithm(
    modulus: UintRef<'_>,
    exponent: UintRef<'_>,
) -> Result<KeyAlgorithm, PublicKeyError> {
    let exponent = exponent.as_bytes();
    if exponent.len() < 3 || exponent.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(PublicKeyError::RsaExponent);
    }
    let modulus = modulus.as_bytes();
    let unused = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    match modulus.len() * 8 - unused {
        2048 => Ok(KeyAlgorithm::Rsa2048),
        3072 => Ok(KeyAlgorithm::Rsa3072),
        4096 => Ok(KeyAlgorithm::Rsa4096),
        other => Err(PublicKeyError::RsaLength(other)),
    }
}

#[cfg(test)]
mod tests;
