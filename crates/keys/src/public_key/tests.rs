use const_oid::db::rfc5912::SECP_224_R_1;

use super::*;
use crate::peer::openssl;

/// The public key of one that openssl makes by `genpkey`.
fn made(how: &str) -> Result<PublicKey, PublicKeyError> {
    let folder = tempfile::tempdir().unwrap();
    openssl(folder.path(), &format!("genpkey {how} -out key.pem"));
    PublicKey::from_der(&openssl(folder.path(), "pkey -in key.pem -pubout -outform DER"))
}

fn altered(key: &PublicKey, alter: impl FnOnce(&mut Vec<u8>)) -> Result<PublicKey, PublicKeyError> {
    let mut info = key.info().clone();
    let mut bits = info.subject_public_key.raw_bytes().to_vec();
    alter(&mut bits);
    info.subject_public_key = der::asn1::BitString::from_bytes(&bits).unwrap();
    PublicKey::new(info)
}

#[test]
fn keys_that_openssl_made_are_read() {
    for (how, algorithm) in [
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-256", KeyAlgorithm::EcdsaP256),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-384", KeyAlgorithm::EcdsaP384),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", KeyAlgorithm::Rsa2048),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:3072", KeyAlgorithm::Rsa3072),
        ("-algorithm ED25519", KeyAlgorithm::Ed25519),
    ] {
        let key = made(how).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(PublicKey::from_der(&key.to_der()).unwrap(), key);
    }
}

#[test]
fn rsa_of_1024_bits_is_refused() {
    let refused = made("-algorithm RSA -pkeyopt rsa_keygen_bits:1024").unwrap_err();
    assert_eq!(refused, PublicKeyError::RsaLength(1024));
}

#[test]
fn rsa_of_a_length_that_nobody_asks_for_is_refused() {
    let refused = made("-algorithm RSA -pkeyopt rsa_keygen_bits:2056").unwrap_err();
    assert_eq!(refused, PublicKeyError::RsaLength(2056));
}

#[test]
fn rsa_with_the_exponent_3_is_refused() {
    let refused =
        made("-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3").unwrap_err();
    assert_eq!(refused, PublicKeyError::RsaExponent);
}

#[test]
fn a_curve_that_is_too_small_is_refused_by_its_name() {
    let refused = made("-algorithm EC -pkeyopt ec_paramgen_curve:P-224").unwrap_err();
    assert_eq!(refused, PublicKeyError::Unsupported(format!("EC on the curve {SECP_224_R_1}")));
}

#[test]
fn a_curve_that_is_written_out_is_refused() {
    let how = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit";
    assert_eq!(made(how).unwrap_err(), PublicKeyError::ExplicitCurve);
}

#[test]
fn a_key_of_a_kind_that_only_agrees_on_keys_is_refused() {
    assert!(matches!(made("-algorithm X25519").unwrap_err(), PublicKeyError::Unsupported(_)));
}

#[test]
fn a_point_that_is_not_on_its_curve_is_refused() {
    let key = made("-algorithm EC -pkeyopt ec_paramgen_curve:P-256").unwrap();
    let refused = altered(&key, |bits| *bits.last_mut().unwrap() ^= 1).unwrap_err();
    assert_eq!(refused, PublicKeyError::NoSuchKey(KeyAlgorithm::EcdsaP256));
}

#[test]
fn a_compressed_point_is_refused() {
    let key = made("-algorithm EC -pkeyopt ec_paramgen_curve:P-256").unwrap();
    let refused = altered(&key, |bits| {
        bits[0] = 2 + (bits[64] & 1);
        bits.truncate(33);
    });
    assert_eq!(refused.unwrap_err(), PublicKeyError::NoSuchKey(KeyAlgorithm::EcdsaP256));
}

/// The fingerprints of a key as it is, and with these parameters.
fn fingerprints(how: &str, parameters: Option<Any>) -> (String, String) {
    let key = made(how).unwrap();
    let mut info = key.info().clone();
    assert_ne!(info.algorithm.parameters, parameters);
    info.algorithm.parameters = parameters;
    (key.fingerprint(), PublicKey::new(info).unwrap().fingerprint())
}

#[test]
fn a_key_with_other_parameters_is_the_same_key() {
    for (how, parameters) in [
        ("-algorithm ED25519", Some(Any::from(Null))),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", None),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", Some(Any::from(&SECP_256_R_1))),
    ] {
        let (canonical, written_otherwise) = fingerprints(how, parameters);
        assert_eq!(canonical, written_otherwise, "{how}");
    }
}

#[test]
fn a_key_whose_bits_end_within_a_byte_is_refused() {
    let key = made("-algorithm EC -pkeyopt ec_paramgen_curve:P-256").unwrap();
    let mut info = key.info().clone();
    // The last bit is one: a BIT STRING in DER leaves its unused bits zero, and the reader clears them or refuses.
    let bits = info.subject_public_key.raw_bytes().to_vec();
    info.subject_public_key = der::asn1::BitString::new(1, bits).unwrap();
    assert!(matches!(PublicKey::new(info), Err(PublicKeyError::Malformed(_))));
}

#[test]
fn a_key_within_a_key_is_refused() {
    let key = made("-algorithm EC -pkeyopt ec_paramgen_curve:P-256").unwrap();
    let refused = altered(&key, |bits| *bits = key.to_der()).unwrap_err();
    assert_eq!(refused, PublicKeyError::NoSuchKey(KeyAlgorithm::EcdsaP256));
}

#[test]
fn a_key_is_named_as_openssl_names_it() {
    let folder = tempfile::tempdir().unwrap();
    openssl(folder.path(), "genpkey -algorithm ED25519 -out key.pem");
    let der = openssl(folder.path(), "pkey -in key.pem -pubout -outform DER -out key.der");
    assert!(der.is_empty());
    let key = PublicKey::from_der(&std::fs::read(folder.path().join("key.der")).unwrap()).unwrap();
    let told = String::from_utf8(openssl(folder.path(), "dgst -sha256 -r key.der")).unwrap();
    assert_eq!(told.split_whitespace().next().unwrap(), key.fingerprint());
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..128)) {
        let _ = PublicKey::from_der(&bytes);
    }
}
