//! Tokens that are not there, and come back.

use super::*;
use crate::token::module::Module;

#[test]
fn a_token_that_was_pulled_out_says_so_and_signs_again_when_it_is_back() {
    with_token(
        "away::a_token_that_was_pulled_out_says_so_and_signs_again_when_it_is_back",
        |hsm| async move {
            let signer = TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "root").await.unwrap();
            for _ in 0..2 {
                signer.sign(b"message").await.unwrap();
                hsm.pull_out();
                for _ in 0..3 {
                    let Err(SignerError::Token(refused)) = signer.sign(b"message").await else {
                        panic!("it signs, or fails otherwise");
                    };
                    assert!(refused.is_away(), "{refused}");
                }
                hsm.put_back();
            }
            signer.sign(b"message").await.unwrap();
        },
    );
}

#[test]
fn a_token_that_was_away_between_two_calls_is_not_missed() {
    with_token("away::a_token_that_was_away_between_two_calls_is_not_missed", |hsm| async move {
        let token = hsm.token();
        let signer = Arc::new(TokenSigner::generate(&token, KeyAlgorithm::EcdsaP256, "root").await.unwrap());
        let all_sign = async || {
            let signing: Vec<_> = (0..16)
                .map(|_| {
                    let signer = Arc::clone(&signer);
                    tokio::spawn(async move { signer.sign(b"message").await })
                })
                .collect();
            for signed in signing {
                signed.await.unwrap().unwrap();
            }
        };
        // All threads have sessions now, and all of them are gone then.
        all_sign().await;
        hsm.pull_out();
        hsm.put_back();
        all_sign().await;
        TokenSigner::find(&token, "root").await.unwrap();
    });
}

#[test]
fn a_module_that_was_finalised_by_others_is_begun_anew() {
    with_token("away::a_module_that_was_finalised_by_others_is_begun_anew", |hsm| async move {
        let signer = TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "root").await.unwrap();
        module().finalize().unwrap();
        signer.sign(b"message").await.unwrap();
    });
}

#[test]
fn a_token_that_is_not_there_yet_is_named_and_found_later() {
    with_token("away::a_token_that_is_not_there_yet_is_named_and_found_later", |hsm| async move {
        let token = hsm.token_with("second", PIN);
        let refused = TokenSigner::find(&token, "root").await.unwrap_err();
        assert_eq!(refused, TokenError::NotPresent("second".to_owned()));
        assert!(refused.is_away());
        hsm.make_token("second");
        TokenSigner::generate(&token, KeyAlgorithm::EcdsaP256, "root").await.unwrap();
    });
}

#[test]
fn a_token_signs_on_while_another_of_its_module_is_missing() {
    with_token("away::a_token_signs_on_while_another_of_its_module_is_missing", |hsm| async move {
        let signer = TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "root").await.unwrap();
        let missing = hsm.token_with("second", PIN);
        for _ in 0..20 {
            let (signed, found) = tokio::join!(signer.sign(b"message"), TokenSigner::find(&missing, "root"));
            signed.unwrap();
            assert_eq!(found.unwrap_err(), TokenError::NotPresent("second".to_owned()));
        }
    });
}

#[test]
fn a_module_that_others_use_is_not_begun_anew_all_the_time() {
    with_token("away::a_module_that_others_use_is_not_begun_anew_all_the_time", |_hsm| async move {
        let ours = Module::load(Path::new(MODULE)).unwrap();
        let others = Module::load(Path::new(MODULE)).unwrap();
        assert!(!ours.begin_anew(0), "it was, a second after it was loaded at the latest");
        drop(others);
        assert!(ours.begin_anew(0));
        assert_eq!(ours.enter().number(), 1);
        // Who comes late finds it done.
        assert!(ours.begin_anew(0));
        assert_eq!(ours.enter().number(), 1);
    });
}

#[test]
fn two_tokens_of_one_label_are_refused() {
    with_token("away::two_tokens_of_one_label_are_refused", |hsm| async move {
        hsm.make_token("hermetic");
        let refused = TokenSigner::find(&hsm.token(), "root").await.unwrap_err();
        assert_eq!(refused, TokenError::SameLabel("hermetic".to_owned()));
    });
}

#[tokio::test]
async fn a_module_that_is_none_is_named() {
    let place = |module: &str| TokenPlace {
        module: module.into(),
        label: "hermetic".to_owned(),
        pin: PassphraseSource::Given(Passphrase::new(PIN).unwrap()),
    };
    for module in ["/nowhere/module.so", "/lib/x86_64-linux-gnu/libm.so.6", "/etc/passwd"] {
        let refused = TokenSigner::find(&Token::new(place(module)), "root").await.unwrap_err();
        assert!(matches!(&refused, TokenError::Module { .. }), "{module}: {refused}");
    }
}
