//! Public keys as tokens tell them, attribute by attribute.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION};
use const_oid::db::rfc8410::ID_ED_25519;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectHandle};
use der::asn1::{Any, BitString, Null, OctetStringRef, UintRef};
use der::{Decode, Encode};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::error::TokenError;
use super::login::{KeyName, Login};
use crate::public_key::{PublicKey, PublicKeyError, RsaPublicKey};

/// What a token says of a key.
#[derive(Debug, Default)]
struct Told {
    kind: Option<KeyType>,
    curve: Option<Vec<u8>>,
    point: Option<Vec<u8>>,
    modulus: Option<Vec<u8>>,
    exponent: Option<Vec<u8>>,
}

/// The public key that this object is, or whose private half it is, where that tells enough.
pub(super) fn read(login: &Login, key: ObjectHandle, name: &KeyName) -> Result<PublicKey, TokenError> {
    let which = [
        AttributeType::KeyType,
        AttributeType::EcParams,
        AttributeType::EcPoint,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
    ];
    let mut told = Told::default();
    for attribute in login.attributes(key, &which)? {
        match attribute {
            Attribute::KeyType(kind) => told.kind = Some(kind),
            Attribute::EcParams(curve) => told.curve = Some(curve),
            Attribute::EcPoint(point) => told.point = Some(point),
            Attribute::Modulus(modulus) => told.modulus = Some(modulus),
            Attribute::PublicExponent(exponent) => told.exponent = Some(exponent),
            _ => {}
        }
    }
    told.public_key().map_err(|reason| {
        let (token, key) = (login.token().to_owned(), name.to_string());
        TokenError::PublicKey { token, key, reason }
    })
}

impl Told {
    fn public_key(&self) -> Result<PublicKey, PublicKeyError> {
        let missing = || PublicKeyError::Malformed("its public half is not in the token".to_owned());
        let (algorithm, bits) = match self.kind {
            Some(KeyType::EC) => {
                let curve = self.curve.as_ref().ok_or_else(missing)?;
                let curve = Any::from_der(curve).map_err(malformed)?;
                (identifier(ID_EC_PUBLIC_KEY, Some(curve)), point(self.point.as_ref().ok_or_else(missing)?))
            }
            Some(KeyType::EC_EDWARDS) => {
                (identifier(ID_ED_25519, None), point(self.point.as_ref().ok_or_else(missing)?))
            }
            Some(KeyType::RSA) => {
                let modulus = UintRef::new(self.modulus.as_ref().ok_or_else(missing)?).map_err(malformed)?;
                let exponent =
                    UintRef::new(self.exponent.as_ref().ok_or_else(missing)?).map_err(malformed)?;
                let key = RsaPublicKey { modulus, exponent }.to_der().map_err(malformed)?;
                (identifier(RSA_ENCRYPTION, Some(Any::from(Null))), key)
            }
            other => {
                let kind = other.map_or("unknown to the token".to_owned(), |kind| kind.to_string());
                return Err(PublicKeyError::Unsupported(kind));
            }
        };
        let subject_public_key = BitString::from_bytes(&bits).map_err(malformed)?;
        PublicKey::new(SubjectPublicKeyInfoOwned { algorithm, subject_public_key })
    }
}

/// `CKA_EC_POINT` is an OCTET STRING with the point in it (PKCS#11 2.40, section 2.3.3); some modules give the
/// bare point.
fn point(told: &[u8]) -> Vec<u8> {
    <&OctetStringRef>::from_der(told).map_or(told, OctetStringRef::as_bytes).to_vec()
}

fn identifier(oid: ObjectIdentifier, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters }
}

fn malformed(error: der::Error) -> PublicKeyError {
    PublicKeyError::Malformed(error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::algorithm::KeyAlgorithm;
    use crate::local::LocalSigner;
    use crate::signer::Signer;

    /// What a token would tell of this key, with the point as it stands or in its OCTET STRING.
    fn told(key: &PublicKey, bare: bool) -> Told {
        let bits = key.info().subject_public_key.raw_bytes();
        let wrapped = OctetStringRef::new(bits).unwrap().to_der().unwrap();
        let point = Some(if bare { bits.to_vec() } else { wrapped });
        let curve = key.info().algorithm.parameters.as_ref().map(|curve| curve.to_der().unwrap());
        match key.algorithm() {
            KeyAlgorithm::EcdsaP256 => Told { kind: Some(KeyType::EC), curve, point, ..Told::default() },
            KeyAlgorithm::Ed25519 => Told { kind: Some(KeyType::EC_EDWARDS), point, ..Told::default() },
            _ => {
                let rsa = RsaPublicKey::from_der(bits).unwrap();
                let (modulus, exponent) = (rsa.modulus.as_bytes().to_vec(), rsa.exponent.as_bytes().to_vec());
                let (modulus, exponent) = (Some(modulus), Some(exponent));
                Told { kind: Some(KeyType::RSA), modulus, exponent, ..Told::default() }
            }
        }
    }

    #[test]
    fn what_a_token_tells_is_the_key_in_either_form_of_its_point() {
        for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048] {
            let key = LocalSigner::generate(algorithm).unwrap().0.public_key().clone();
            for bare in [true, false] {
                assert_eq!(told(&key, bare).public_key().unwrap(), key);
            }
        }
    }

    #[test]
    fn a_key_without_its_public_half_says_so() {
        let refused = Told { kind: Some(KeyType::EC), ..Told::default() }.public_key().unwrap_err();
        assert!(refused.to_string().contains("public half is not in the token"), "{refused}");
    }

    proptest! {
        #[test]
        fn whatever_a_token_tells_does_not_panic(
            kind in prop::sample::select(vec![KeyType::EC, KeyType::EC_EDWARDS, KeyType::RSA, KeyType::AES]),
            bytes in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let told = Told {
                kind: Some(kind),
                curve: Some(bytes.clone()),
                point: Some(bytes.clone()),
                modulus: Some(bytes.clone()),
                exponent: Some(bytes),
            };
            // 32 bytes may well be an Ed25519 key.
            let _ = told.public_key();
        }
    }
}
