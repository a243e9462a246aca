use std::fs;

use super::*;
use crate::algorithm::SignatureAlgorithm;
use crate::peer::openssl;

/// What signs here quickly; RSA of more bits has its own test.
const QUICK: [KeyAlgorithm; 4] =
    [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048];

const SIGNATURES: [SignatureAlgorithm; 9] = [
    SignatureAlgorithm::EcdsaSha256,
    SignatureAlgorithm::EcdsaSha384,
    SignatureAlgorithm::RsaSha256,
    SignatureAlgorithm::RsaSha384,
    SignatureAlgorithm::RsaSha512,
    SignatureAlgorithm::Ed25519,
    SignatureAlgorithm::MlDsa44,
    SignatureAlgorithm::MlDsa65,
    SignatureAlgorithm::MlDsa87,
];

fn fresh(algorithm: KeyAlgorithm) -> LocalSigner {
    LocalSigner::generate(algorithm).unwrap().0
}

/// Whether openssl finds the signature to be by the key, by the commands that people use.
pub(crate) fn openssl_verifies(signer: &dyn Signer, message: &[u8], signature: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("public.der"), signer.public_key().to_der()).unwrap();
    fs::write(folder.path().join("message"), message).unwrap();
    fs::write(folder.path().join("signature"), signature).unwrap();
    openssl(folder.path(), "pkey -pubin -inform DER -in public.der -out public.pem");
    let how = match signer.algorithm() {
        SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::RsaSha256 => "dgst -sha256",
        SignatureAlgorithm::EcdsaSha384 => "dgst -sha384",
        SignatureAlgorithm::RsaSha512 => "dgst -sha512",
        _ => "pkeyutl -rawin -pubin -inkey public.pem -in message -verify -sigfile signature",
    };
    let told = match how.starts_with("dgst") {
        true => openssl(folder.path(), &format!("{how} -verify public.pem -signature signature message")),
        false => openssl(folder.path(), how),
    };
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("Verified OK") || told.contains("Verified Successfully"), "{told}");
}

async fn signs_and_is_verified(algorithm: KeyAlgorithm) {
    let (signer, pkcs8) = LocalSigner::generate(algorithm).unwrap();
    assert_eq!(signer.public_key().algorithm(), algorithm);
    let again = LocalSigner::from_pkcs8(&pkcs8).unwrap();
    assert_eq!(again.public_key(), signer.public_key());
    let signature = again.sign(b"to be signed").await.unwrap();
    assert!(signer.public_key().verifies(signer.algorithm(), b"to be signed", &signature));
    assert!(!signer.public_key().verifies(signer.algorithm(), b"to be Signed", &signature));
    openssl_verifies(&signer, b"to be signed", &signature);
}

#[tokio::test]
async fn quick_kinds_sign_and_openssl_verifies() {
    for algorithm in QUICK {
        signs_and_is_verified(algorithm).await;
    }
}

#[tokio::test]
async fn rsa_of_3072_bits_signs_and_openssl_verifies() {
    signs_and_is_verified(KeyAlgorithm::Rsa3072).await;
}

#[tokio::test]
async fn rsa_of_4096_bits_signs_with_sha_512_and_openssl_verifies() {
    signs_and_is_verified(KeyAlgorithm::Rsa4096).await;
}

#[cfg(feature = "ml-dsa")]
#[tokio::test]
async fn ml_dsa_signs_and_verifies() {
    for algorithm in [KeyAlgorithm::MlDsa44, KeyAlgorithm::MlDsa65, KeyAlgorithm::MlDsa87] {
        let (signer, pkcs8) = LocalSigner::generate(algorithm).unwrap();
        let signature = LocalSigner::from_pkcs8(&pkcs8).unwrap().sign(b"to be signed").await.unwrap();
        assert!(signer.public_key().verifies(signer.algorithm(), b"to be signed", &signature));
        assert!(!signer.public_key().verifies(signer.algorithm(), b"another", &signature));
    }
}

#[cfg(not(feature = "ml-dsa"))]
#[test]
fn a_build_without_ml_dsa_says_so() {
    let refused = LocalSigner::generate(KeyAlgorithm::MlDsa65).unwrap_err();
    assert_eq!(refused, PrivateKeyError::NotBuiltIn(KeyAlgorithm::MlDsa65));
}

#[tokio::test]
async fn a_signature_verifies_by_its_own_key_and_in_its_own_way_only() {
    let signers = QUICK.map(fresh);
    for signer in &signers {
        let signature = signer.sign(b"message").await.unwrap();
        for other in &signers {
            for algorithm in SIGNATURES {
                let same = std::ptr::eq(other, signer) && algorithm == signer.algorithm();
                let verifies = other.public_key().verifies(algorithm, b"message", &signature);
                assert_eq!(verifies, same, "{signer:?} {other:?} {algorithm:?}");
            }
        }
    }
}

#[test]
fn a_signer_shows_nothing_of_its_key() {
    let (signer, pkcs8) = LocalSigner::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let secret: String = pkcs8.iter().skip(36).take(8).map(|byte| format!("{byte:02x}")).collect();
    let decimal = pkcs8.iter().skip(36).take(8).map(u8::to_string).collect::<Vec<_>>().join(", ");
    let shown = format!("{signer:?}");
    assert!(!shown.contains(&secret) && !shown.contains(&decimal), "{shown}");
}
