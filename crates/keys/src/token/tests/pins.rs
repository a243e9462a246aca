//! PINs, of which tokens take few wrong ones.

use super::*;

/// Whether the token remembers a wrong PIN since the last right one.
fn has_seen_a_wrong_pin() -> bool {
    let module = module();
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    module.get_token_info(slot).unwrap().user_pin_count_low()
}

/// Another process logs in with the right PIN, and the token forgets the wrong ones.
fn log_in_elsewhere(hsm: &SoftHsm) {
    crate::peer::openssl(&hsm.folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
    hsm.import(&hsm.folder.join("key.pem"), "imported", "0a");
}

#[test]
fn a_wrong_pin_is_tried_once() {
    with_token("pins::a_wrong_pin_is_tried_once", |hsm| async move {
        let token = hsm.token_with("hermetic", "9999");
        let refused = TokenSigner::find(&token, "root").await.unwrap_err();
        assert_eq!(refused, TokenError::WrongPin("hermetic".to_owned()));
        assert!(has_seen_a_wrong_pin());

        log_in_elsewhere(&hsm);
        assert!(!has_seen_a_wrong_pin());
        for _ in 0..20 {
            let refused = TokenSigner::find(&token, "root").await.unwrap_err();
            assert_eq!(refused, TokenError::WrongPin("hermetic".to_owned()));
        }
        assert!(!has_seen_a_wrong_pin(), "it was tried again");
    });
}

#[test]
fn a_pin_that_was_put_right_is_tried() {
    with_token("pins::a_pin_that_was_put_right_is_tried", |hsm| async move {
        let file = hsm.folder.join("pin");
        let pin = PassphraseSource::File(file.clone());
        let token = Token::new(TokenPlace { module: MODULE.into(), label: "hermetic".to_owned(), pin });

        let refused = TokenSigner::find(&token, "root").await.unwrap_err();
        assert!(matches!(&refused, TokenError::NoPin { .. }), "{refused}");
        fs::write(&file, "9999\n").unwrap();
        let refused = TokenSigner::find(&token, "root").await.unwrap_err();
        assert_eq!(refused, TokenError::WrongPin("hermetic".to_owned()));
        fs::write(&file, "1234\n").unwrap();
        TokenSigner::generate(&token, KeyAlgorithm::EcdsaP256, "root").await.unwrap();
    });
}

#[test]
fn a_token_that_is_locked_or_would_be_is_not_tried() {
    use crate::token::pin::Tries;
    assert_eq!(Tries::None.check("hermetic"), Err(TokenError::Locked("hermetic".to_owned())));
    assert_eq!(Tries::One.check("hermetic"), Err(TokenError::LastTry("hermetic".to_owned())));
    assert_eq!(Tries::Some.check("hermetic"), Ok(()));
}

#[test]
fn a_pin_is_not_shown_when_debugged() {
    let pin = PassphraseSource::Given(Passphrase::new("4711").unwrap());
    let token = Token::new(TokenPlace { module: MODULE.into(), label: "hermetic".to_owned(), pin });
    assert!(!format!("{token:?}").contains("4711"));
}
