//! How strong a key is, of whatever kind and however weak.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_DSA, ID_EC_PUBLIC_KEY, ID_RSASSA_PSS, RSA_ENCRYPTION};
use const_oid::db::rfc8410::{ID_ED_448, ID_ED_25519};
use der::asn1::UintRef;
use der::{Decode, Sequence, SliceReader};
use spki::SubjectPublicKeyInfoOwned;

/// Named curves by their size in bits (RFC 5480 section 2.1.1.1, RFC 5639).
const CURVES: [(&str, u32); 12] = [
    ("1.2.840.10045.3.1.1", 192),
    ("1.3.132.0.33", 224),
    ("1.2.840.10045.3.1.7", 256),
    ("1.3.132.0.34", 384),
    ("1.3.132.0.35", 521),
    ("1.3.132.0.10", 256),
    ("1.3.36.3.3.2.8.1.1.7", 256),
    ("1.3.36.3.3.2.8.1.1.11", 384),
    ("1.3.36.3.3.2.8.1.1.13", 512),
    ("1.3.132.0.1", 163),
    ("1.3.132.0.26", 233),
    ("1.3.132.0.16", 283),
];

/// ML-DSA by the sizes of its classical security in bits (FIPS 204 table 1: categories 2, 3 and 5).
const ML_DSA: [(&str, u32); 3] =
    [("2.16.840.1.101.3.4.3.17", 128), ("2.16.840.1.101.3.4.3.18", 192), ("2.16.840.1.101.3.4.3.19", 256)];

/// A kind of public key, as certificates differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// RSA, with or without the restriction to PSS.
    Rsa,
    /// ECDSA on a named curve.
    Ecdsa,
    /// Ed25519 or Ed448.
    Eddsa,
    /// ML-DSA (FIPS 204).
    MlDsa,
    /// DSA, which FIPS 186-5 gave up.
    Dsa,
    /// Any other.
    Other,
}

/// A kind of key and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStrength {
    /// The kind.
    pub kind: KeyKind,
    /// The bits of its modulus, prime or curve; `None` where they can't be told.
    pub size: Option<u32>,
    /// The bits of security that it gives (NIST SP 800-57 part 1 table 2).
    pub security: Option<u32>,
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl KeyStrength {
    /// That of a key as it stands in a certificate.
    pub fn of(info: &SubjectPublicKeyInfoOwned) -> Self {
        let (bits, oid) = (info.subject_public_key.raw_bytes(), info.algorithm.oid);
        let (kind, size) = match oid {
            RSA_ENCRYPTION | ID_RSASSA_PSS => (KeyKind::Rsa, modulus(bits)),
            ID_EC_PUBLIC_KEY => (KeyKind::Ecdsa, curve(info)),
            ID_ED_25519 => (KeyKind::Eddsa, Some(256)),
            ID_ED_448 => (KeyKind::Eddsa, Some(448)),
            ID_DSA => (KeyKind::Dsa, prime(info)),
            other => match among(&ML_DSA, other) {
                Some(bits) => (KeyKind::MlDsa, Some(bits)),
                None => (KeyKind::Other, None),
            },
        };
        Self { kind, size, security: size.and_then(|size| security(kind, size)) }
    }
}

fn security(kind: KeyKind, size: u32) -> Option<u32> {
    match kind {
        KeyKind::Rsa | KeyKind::Dsa => Some(match size {
            ..1024 => 0,
            1024..2048 => 80,
            2048..3072 => 112,
            3072..7680 => 128,
            7680..15_360 => 192,
            15_360.. => 256,
        }),
        KeyKind::Ecdsa | KeyKind::Eddsa => Some(size / 2),
        KeyKind::MlDsa => Some(size),
        KeyKind::Other => None,
    }
}

fn modulus(bits: &[u8]) -> Option<u32> {
    size(RsaPublicKey::from_der(bits).ok()?.modulus)
}

fn curve(info: &SubjectPublicKeyInfoOwned) -> Option<u32> {
    among(&CURVES, info.algorithm.parameters.as_ref()?.decode_as().ok()?)
}

/// The first of Dss-Parms: p, q and g (RFC 3279 section 2.3.2).
fn prime(info: &SubjectPublicKeyInfoOwned) -> Option<u32> {
    let parameters = info.algorithm.parameters.as_ref()?.value();
    size(UintRef::decode(&mut SliceReader::new(parameters).ok()?).ok()?)
}

fn size(number: UintRef<'_>) -> Option<u32> {
    let bytes = number.as_bytes();
    let unused = bytes.first()?.leading_zeros();
    Some(u32::try_from(bytes.len()).ok()?.checked_mul(8)? - unused)
}

fn among(table: &[(&str, u32)], oid: ObjectIdentifier) -> Option<u32> {
    let text = oid.to_string();
    table.iter().find(|(known, _)| *known == text).map(|(_, bits)| *bits)
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rsa => "RSA",
            Self::Ecdsa => "ECDSA",
            Self::Eddsa => "EdDSA",
            Self::MlDsa => "ML-DSA",
            Self::Dsa => "DSA",
            Self::Other => "other",
        })
    }
}

impl fmt::Display for KeyStrength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size {
            Some(size) => write!(f, "{} {size}", self.kind),
            None => self.kind.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData};

    use super::*;

    fn of(algorithm: &'static rcgen::SignatureAlgorithm) -> KeyStrength {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        KeyStrength::of(&SubjectPublicKeyInfoOwned::from_der(&pair.subject_public_key_info()).unwrap())
    }

    #[test]
    fn kinds_and_sizes_are_told() {
        for (algorithm, text, security) in [
            (&PKCS_ECDSA_P384_SHA384, "ECDSA 384", 192),
            (&PKCS_ED25519, "EdDSA 256", 128),
            (&PKCS_RSA_SHA256, "RSA 2048", 112),
        ] {
            let strength = of(algorithm);
            assert_eq!((strength.to_string().as_str(), strength.security), (text, Some(security)));
        }
    }
}
