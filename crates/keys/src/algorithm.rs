//! The kinds of keys that sign, and of signatures that they make.

use std::fmt;
use std::str::FromStr;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION,
    SHA_512_WITH_RSA_ENCRYPTION,
};
use const_oid::db::rfc8410::ID_ED_25519;
use der::asn1::{Any, Null};
use spki::AlgorithmIdentifierOwned;

/// The object identifiers of ML-DSA (RFC 9881 section 2).
pub(crate) const ID_ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
pub(crate) const ID_ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
pub(crate) const ID_ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");

/// A kind of key that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyAlgorithm {
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
    /// RSA with a modulus of 2048 bits.
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    Rsa4096,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ML-DSA-44 (FIPS 204). Made and signed with only in builds with the feature `ml-dsa`.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

/// A kind of signature, as certificates name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-256.
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// Ed25519.
    Ed25519,
    /// ML-DSA-44 without context, pure mode.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

/// No kind of key goes by this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of key is called `{0}`; there are {names}", names = names())]
pub struct KeyAlgorithmError(pub String);

impl KeyAlgorithm {
    /// All of them, the usual first.
    pub const ALL: [Self; 9] = [
        Self::EcdsaP256,
        Self::EcdsaP384,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::Ed25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// Its name: `P-256`, `RSA-2048`, `Ed25519`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "P-256",
            Self::EcdsaP384 => "P-384",
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::Rsa4096 => "RSA-4096",
            Self::Ed25519 => "Ed25519",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// Its name in ACM and AWS Private CA; `None` where they have none.
    pub fn aws_name(self) -> Option<&'static str> {
        match self {
            Self::EcdsaP256 => Some("EC_prime256v1"),
            Self::EcdsaP384 => Some("EC_secp384r1"),
            Self::Rsa2048 => Some("RSA_2048"),
            Self::Rsa3072 => Some("RSA_3072"),
            Self::Rsa4096 => Some("RSA_4096"),
            Self::Ed25519 => None,
            Self::MlDsa44 => Some("ML_DSA_44"),
            Self::MlDsa65 => Some("ML_DSA_65"),
            Self::MlDsa87 => Some("ML_DSA_87"),
        }
    }

    /// How keys of this kind sign here.
    pub fn signature(self) -> SignatureAlgorithm {
        match self {
            Self::EcdsaP256 => SignatureAlgorithm::EcdsaSha256,
            Self::EcdsaP384 => SignatureAlgorithm::EcdsaSha384,
            Self::Rsa2048 | Self::Rsa3072 => SignatureAlgorithm::RsaSha256,
            Self::Rsa4096 => SignatureAlgorithm::RsaSha512,
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
            Self::MlDsa44 => SignatureAlgorithm::MlDsa44,
            Self::MlDsa65 => SignatureAlgorithm::MlDsa65,
            Self::MlDsa87 => SignatureAlgorithm::MlDsa87,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = KeyAlgorithmError;

    /// Takes our names and AWS's, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        Self::ALL
            .into_iter()
            .find(|algorithm| is(algorithm.name()) || algorithm.aws_name().is_some_and(is))
            .ok_or_else(|| KeyAlgorithmError(text.to_owned()))
    }
}

impl SignatureAlgorithm {
    const ALL: [Self; 9] = [
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::Ed25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// As certificates, requests, CRLs and OCSP answers carry it. ECDSA, Ed25519 and ML-DSA have no
    /// parameters (RFC 5758 section 3.2, RFC 8410 section 3, RFC 9881 section 2); RSA's are NULL
    /// (RFC 4055 section 5).
    pub fn identifier(self) -> AlgorithmIdentifierOwned {
        let (oid, parameters) = match self {
            Self::EcdsaSha256 => (ECDSA_WITH_SHA_256, None),
            Self::EcdsaSha384 => (ECDSA_WITH_SHA_384, None),
            Self::RsaSha256 => (SHA_256_WITH_RSA_ENCRYPTION, Some(Any::from(Null))),
            Self::RsaSha384 => (SHA_384_WITH_RSA_ENCRYPTION, Some(Any::from(Null))),
            Self::RsaSha512 => (SHA_512_WITH_RSA_ENCRYPTION, Some(Any::from(Null))),
            Self::Ed25519 => (ID_ED_25519, None),
            Self::MlDsa44 => (ID_ML_DSA_44, None),
            Self::MlDsa65 => (ID_ML_DSA_65, None),
            Self::MlDsa87 => (ID_ML_DSA_87, None),
        };
        AlgorithmIdentifierOwned { oid, parameters }
    }

    /// The kind that this identifier names; `None` where it is another, such as one with SHA-1.
    pub fn of_identifier(identifier: &AlgorithmIdentifierOwned) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.identifier() == *identifier)
    }

    /// Its name as openssl writes it, such as `ecdsa-with-SHA256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaSha256 => "ecdsa-with-SHA256",
            Self::EcdsaSha384 => "ecdsa-with-SHA384",
            Self::RsaSha256 => "sha256WithRSAEncryption",
            Self::RsaSha384 => "sha384WithRSAEncryption",
            Self::RsaSha512 => "sha512WithRSAEncryption",
            Self::Ed25519 => "ED25519",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }
}

fn names() -> String {
    KeyAlgorithm::ALL.map(KeyAlgorithm::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_names_and_those_of_aws_are_understood() {
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            if let Some(name) = algorithm.aws_name() {
                assert_eq!(name.parse(), Ok(algorithm));
            }
        }
        assert_eq!("p-256".parse(), Ok(KeyAlgorithm::EcdsaP256));
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let told = "RSA-1024".parse::<KeyAlgorithm>().unwrap_err().to_string();
        assert!(told.contains("`RSA-1024`") && told.contains("P-384"), "{told}");
    }

    #[test]
    fn each_signature_is_known_by_its_identifier() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(SignatureAlgorithm::of_identifier(&algorithm.identifier()), Some(algorithm));
        }
    }
}
