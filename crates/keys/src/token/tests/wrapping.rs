//! Keys at rest under a key in a token.

use super::*;
use crate::keyring::{KeySource, Keyring, KeyringError, Owner};

const EDGE: Owner<'_> = Owner::Certificate("0a");

fn source(token: &Token) -> KeySource {
    KeySource::Token { token: token.clone(), key: "wrapping".to_owned() }
}

#[test]
fn what_is_sealed_under_a_key_in_a_token_opens_with_it() {
    with_token("wrapping::what_is_sealed_under_a_key_in_a_token_opens_with_it", |hsm| async move {
        let (keyring, record) = Keyring::create(&source(&hsm.token())).await.unwrap();
        let sealed = keyring.seal(EDGE, b"secret").await.unwrap();
        let again =
            Keyring::unlock(&source(&hsm.token()), &record.to_string().parse().unwrap()).await.unwrap();
        assert_eq!(*again.open(EDGE, &sealed).await.unwrap(), b"secret");
        assert_eq!(again.secret("mock").unwrap(), keyring.secret("mock").unwrap());
        let refused = again.open(Owner::Certificate("0b"), &sealed).await.unwrap_err();
        assert_eq!(refused, KeyringError::Altered);
    });
}

#[test]
fn a_token_with_another_key_is_refused_before_anything_is_opened() {
    with_token("wrapping::a_token_with_another_key_is_refused_before_anything_is_opened", |hsm| async move {
        let (_, record) = Keyring::create(&source(&hsm.token())).await.unwrap();
        hsm.make_token("second");
        let second = hsm.token_with("second", PIN);
        let refused = Keyring::unlock(&source(&second), &record).await.unwrap_err();
        let (token, key) = ("second".to_owned(), "wrapping".to_owned());
        assert_eq!(
            refused,
            KeyringError::Token(TokenError::NoKey { token: token.clone(), key: key.clone() })
        );
        Keyring::create(&source(&second)).await.unwrap();
        let refused = Keyring::unlock(&source(&second), &record).await.unwrap_err();
        assert_eq!(refused, KeyringError::WrongToken { token, key });
    });
}

#[test]
fn what_was_altered_does_not_open_and_no_token_is_blamed() {
    with_token("wrapping::what_was_altered_does_not_open_and_no_token_is_blamed", |hsm| async move {
        let (keyring, _) = Keyring::create(&source(&hsm.token())).await.unwrap();
        let sealed = keyring.seal(EDGE, b"secret").await.unwrap();
        for at in [12, 30, 60, sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(keyring.open(EDGE, &altered).await.unwrap_err(), KeyringError::Altered, "{at}");
        }
        assert_eq!(*keyring.open(EDGE, &sealed).await.unwrap(), b"secret");
    });
}

#[test]
fn a_token_that_was_pulled_out_opens_again_when_it_is_back() {
    with_token("wrapping::a_token_that_was_pulled_out_opens_again_when_it_is_back", |hsm| async move {
        let (keyring, record) = Keyring::create(&source(&hsm.token())).await.unwrap();
        let sealed = keyring.seal(EDGE, b"secret").await.unwrap();
        hsm.pull_out();
        let unlocked = Keyring::unlock(&source(&hsm.token()), &record).await.map(drop);
        for refused in [keyring.open(EDGE, &sealed).await.map(drop), unlocked] {
            let Err(KeyringError::Token(refused)) = refused else { panic!("{refused:?}") };
            assert!(refused.is_away(), "{refused}");
        }
        hsm.put_back();
        assert_eq!(*keyring.open(EDGE, &sealed).await.unwrap(), b"secret");
    });
}

#[test]
fn a_key_file_gives_way_to_a_token() {
    with_token("wrapping::a_key_file_gives_way_to_a_token", |hsm| async move {
        let file = KeySource::File(hsm.folder.join("key"));
        let (old, _) = Keyring::create(&file).await.unwrap();
        let sealed = old.seal(EDGE, b"secret").await.unwrap();
        let (new, record) = old.successor(&source(&hsm.token())).await.unwrap();
        let rewrapped = new.rewrap(EDGE, &sealed, &old).await.unwrap();
        let unlocked = Keyring::unlock(&source(&hsm.token()), &record).await.unwrap();
        assert_eq!(*unlocked.open(EDGE, &rewrapped).await.unwrap(), b"secret");
        assert_eq!(unlocked.secret("mock").unwrap(), old.secret("mock").unwrap());
    });
}

#[test]
fn a_key_that_signs_does_not_wrap() {
    with_token("wrapping::a_key_that_signs_does_not_wrap", |hsm| async move {
        TokenSigner::generate(&hsm.token(), KeyAlgorithm::EcdsaP256, "wrapping").await.unwrap();
        // It has the label, but is of another class: the wrapping key is made beside it.
        let (keyring, _) = Keyring::create(&source(&hsm.token())).await.unwrap();
        let sealed = keyring.seal(EDGE, b"secret").await.unwrap();
        assert_eq!(*keyring.open(EDGE, &sealed).await.unwrap(), b"secret");
    });
}

#[test]
fn a_shorter_key_is_not_taken() {
    use cryptoki::mechanism::Mechanism;
    use cryptoki::object::Attribute;
    with_token("wrapping::a_shorter_key_is_not_taken", |hsm| async move {
        let module = module();
        let template = [
            Attribute::Token(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::ValueLen(16.into()),
            Attribute::Label(b"wrapping".to_vec()),
        ];
        session(&module).generate_key(&Mechanism::AesKeyGen, &template).unwrap();
        let refused = Keyring::create(&source(&hsm.token())).await.unwrap_err();
        assert!(matches!(refused, KeyringError::Token(TokenError::Unfit { .. })), "{refused}");
    });
}
