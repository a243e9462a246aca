//! Key pairs in tokens.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};

use super::*;
use crate::peer::openssl;
use crate::public_key::PublicKey;

async fn makes_and_signs(hsm: SoftHsm, algorithm: KeyAlgorithm) {
    let signer = TokenSigner::generate(&hsm.token(), algorithm, "root").await.unwrap();
    assert_eq!(signer.public_key().algorithm(), algorithm);
    let signature = signer.sign(b"to be signed").await.unwrap();
    crate::local::tests::openssl_verifies(&signer, b"to be signed", &signature);
    let again = TokenSigner::find(&hsm.token(), "root").await.unwrap();
    assert_eq!(again.public_key(), signer.public_key());
}

#[test]
fn p_256_signs_and_openssl_verifies() {
    with_token("keys::p_256_signs_and_openssl_verifies", |hsm| makes_and_signs(hsm, KeyAlgorithm::EcdsaP256));
}

#[test]
fn p_384_signs_and_openssl_verifies() {
    with_token("keys::p_384_signs_and_openssl_verifies", |hsm| makes_and_signs(hsm, KeyAlgorithm::EcdsaP384));
}

#[test]
fn ed25519_signs_and_openssl_verifies() {
    with_token("keys::ed25519_signs_and_openssl_verifies", |hsm| makes_and_signs(hsm, KeyAlgorithm::Ed25519));
}

#[test]
fn rsa_of_2048_bits_signs_and_openssl_verifies() {
    with_token("keys::rsa_of_2048_bits_signs_and_openssl_verifies", |hsm| {
        makes_and_signs(hsm, KeyAlgorithm::Rsa2048)
    });
}

#[test]
fn rsa_of_4096_bits_signs_and_openssl_verifies() {
    with_token("keys::rsa_of_4096_bits_signs_and_openssl_verifies", |hsm| {
        makes_and_signs(hsm, KeyAlgorithm::Rsa4096)
    });
}

#[test]
fn signatures_are_asked_for_at_once_and_each_verifies() {
    with_token("keys::signatures_are_asked_for_at_once_and_each_verifies", |hsm| async move {
        let signer = TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "root").await.unwrap();
        let signer = Arc::new(signer);
        let signing: Vec<_> = (0_u8..64)
            .map(|message| {
                let signer = Arc::clone(&signer);
                tokio::spawn(async move { (message, signer.sign(&[message]).await.unwrap()) })
            })
            .collect();
        for signed in signing {
            let (message, signature) = signed.await.unwrap();
            assert!(signer.public_key().verifies(signer.algorithm(), &[message], &signature));
        }
    });
}

#[test]
fn a_key_that_openssl_made_is_found_by_label_and_by_id() {
    with_token("keys::a_key_that_openssl_made_is_found_by_label_and_by_id", |hsm| async move {
        openssl(&hsm.folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
        hsm.import(&hsm.folder.join("key.pem"), "imported", "0a0b");
        let der = openssl(&hsm.folder, "pkey -in key.pem -pubout -outform DER");
        let token = hsm.token();
        let by_label = TokenSigner::find(&token, "imported").await.unwrap();
        let by_id = TokenSigner::find_by_id(&token, &[0x0a, 0x0b]).await.unwrap();
        assert_eq!(*by_label.public_key(), PublicKey::from_der(&der).unwrap());
        assert_eq!(by_id.public_key(), by_label.public_key());
        assert!(by_id.sign(b"message").await.is_ok());
    });
}

#[test]
fn a_key_that_is_made_here_never_leaves_the_token() {
    with_token("keys::a_key_that_is_made_here_never_leaves_the_token", |hsm| async move {
        TokenSigner::generate(&hsm.token(), KeyAlgorithm::Rsa2048, "root").await.unwrap();
        let module = module();
        let session = session(&module);
        let class = Attribute::Class(ObjectClass::PRIVATE_KEY);
        let keys = session.find_objects(&[class]).unwrap();
        let which = [
            AttributeType::Sensitive,
            AttributeType::AlwaysSensitive,
            AttributeType::Extractable,
            AttributeType::NeverExtractable,
            AttributeType::PrivateExponent,
        ];
        // The private exponent is asked for, and not told.
        let told = session.get_attributes(keys[0], &which).unwrap();
        let expected = [
            Attribute::Sensitive(true),
            Attribute::AlwaysSensitive(true),
            Attribute::Extractable(false),
            Attribute::NeverExtractable(true),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn a_key_that_could_leave_the_token_is_not_taken() {
    with_token("keys::a_key_that_could_leave_the_token_is_not_taken", |hsm| async move {
        let module = module();
        let session = session(&module);
        let label = Attribute::Label(b"loose".to_vec());
        let curve = Attribute::EcParams(vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        let public = [Attribute::Token(true), label.clone(), curve];
        let private = [Attribute::Token(true), Attribute::Extractable(true), label];
        session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
        let refused = TokenSigner::find(&hsm.token(), "loose").await.unwrap_err();
        assert!(matches!(refused, TokenError::Unfit { .. }), "{refused}");
        assert!(refused.to_string().contains("extractable"), "{refused}");
    });
}

#[test]
fn the_halves_of_a_key_are_found_by_their_id_where_their_labels_differ() {
    with_token(
        "keys::the_halves_of_a_key_are_found_by_their_id_where_their_labels_differ",
        |hsm| async move {
            let module = module();
            let session = session(&module);
            let (token, id) = (Attribute::Token(true), Attribute::Id(vec![9, 0x0c]));
            let label = |text: &str| Attribute::Label(text.into());
            let curve = Attribute::EcParams(vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
            let public = [token.clone(), id.clone(), label("Public key for Digital Signature"), curve];
            let private = [
                token,
                id,
                label("Private key for Digital Signature"),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
            ];
            session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
            let found = TokenSigner::find(&hsm.token(), "Private key for Digital Signature").await.unwrap();
            found.sign(b"message").await.unwrap();
        },
    );
}

#[test]
fn a_label_is_given_once() {
    with_token("keys::a_label_is_given_once", |hsm| async move {
        let token = hsm.token();
        TokenSigner::generate(&token, KeyAlgorithm::EcdsaP256, "root").await.unwrap();
        let refused = TokenSigner::generate(&token, KeyAlgorithm::Ed25519, "root").await.unwrap_err();
        let (token, key) = ("hermetic".to_owned(), "root".to_owned());
        assert_eq!(refused, TokenError::SameKey { token, key });
    });
}

#[test]
fn two_keys_of_one_label_are_told_apart_by_nobody() {
    with_token("keys::two_keys_of_one_label_are_told_apart_by_nobody", |hsm| async move {
        openssl(&hsm.folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
        hsm.import(&hsm.folder.join("key.pem"), "root", "0a");
        openssl(&hsm.folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem");
        hsm.import(&hsm.folder.join("other.pem"), "root", "0b");
        let refused = TokenSigner::find(&hsm.token(), "root").await.unwrap_err();
        assert!(matches!(refused, TokenError::SameKey { .. }), "{refused}");
    });
}

#[test]
fn a_key_that_the_token_has_not_is_named() {
    with_token("keys::a_key_that_the_token_has_not_is_named", |hsm| async move {
        let refused = TokenSigner::find(&hsm.token(), "root").await.unwrap_err();
        let (token, key) = ("hermetic".to_owned(), "root".to_owned());
        assert_eq!(refused, TokenError::NoKey { token, key });
    });
}

#[test]
fn a_public_key_that_belongs_to_another_is_found_out() {
    with_token("keys::a_public_key_that_belongs_to_another_is_found_out", |hsm| async move {
        TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "one").await.unwrap();
        TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "other").await.unwrap();
        let module = module();
        let session = session(&module);
        let public = |label: &str| {
            let class = Attribute::Class(ObjectClass::PUBLIC_KEY);
            session.find_objects(&[class, Attribute::Label(label.into())]).unwrap()[0]
        };
        session.destroy_object(public("one")).unwrap();
        session.update_attributes(public("other"), &[Attribute::Label(b"one".to_vec())]).unwrap();
        let signer = TokenSigner::find(&hsm.token(), "one").await.unwrap();
        let refused = signer.sign(b"message").await.unwrap_err();
        let (token, key) = ("hermetic".to_owned(), "one".to_owned());
        assert_eq!(refused, SignerError::Token(TokenError::WrongSignature { token, key }));
    });
}

#[test]
fn a_kind_that_tokens_do_not_make_is_named() {
    with_token("keys::a_kind_that_tokens_do_not_make_is_named", |hsm| async move {
        let refused = TokenSigner::generate(&hsm.token(), KeyAlgorithm::MlDsa65, "root").await.unwrap_err();
        assert!(
            matches!(refused, TokenError::Algorithm { algorithm: KeyAlgorithm::MlDsa65, .. }),
            "{refused}"
        );
    });
}
