//! What holds for every password, and the example of the standard.

use proptest::prelude::*;

use super::*;

/// Gives these bytes, over and over.
#[derive(Debug)]
struct Always(u8);

impl Randomness for Always {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFailed> {
        bytes.fill(self.0);
        Ok(())
    }
}

fn fresh(byte: u8) -> Nonce {
    Nonce::new(&Always(byte)).unwrap()
}

/// A login from end to end.
fn login(
    verifier: &ScramVerifier,
    keys: impl Fn(&[u8], u32) -> Keys,
    (server_end, client_end): (Option<&[u8]>, Option<&[u8]>),
) -> Result<ClientKey, ScramError> {
    let server = Server::new(verifier.clone(), true, server_end.map(<[u8]>::to_vec));
    let binding = client_end.map_or(ClientBinding::Impossible, |end| ClientBinding::EndPoint(end.to_vec()));
    let (client, mechanism, first) = Client::start(server.mechanisms(), binding, &fresh(1))?;
    let (challenged, challenge) = server.challenge(mechanism, first.as_bytes(), &fresh(2))?;
    let answered = client.challenged(challenge.as_bytes())?;
    let keys = keys(&answered.salt, answered.iterations);
    let (proving, last) = answered.prove(&keys)?;
    let proven = challenged.finish(last.as_bytes())?;
    proving.finish(proven.server_final.as_bytes())?;
    Ok(proven.client_key)
}

fn of_password(password: &str) -> impl Fn(&[u8], u32) -> Keys {
    move |salt, iterations| Keys::of_password(password, salt, iterations).unwrap()
}

/// RFC 7677 section 3.
#[test]
fn the_example_of_the_standard_is_ours() {
    let nonce = Nonce("rOprNGfwEbeRWgbNEkqO".to_owned());
    let salt = Base64::decode_vec("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let keys = Keys::of_password("pencil", &salt, 4096).unwrap();
    let (client, ..) = Client::start(&[SCRAM], ClientBinding::Impossible, &nonce).unwrap();
    // Ours leaves the name to the start-up packet; the example has one.
    let client = client.named("user");
    let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let (proving, last) = client.challenged(challenge.as_bytes()).unwrap().prove(&keys).unwrap();
    assert_eq!(
        last,
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert_eq!(proving.finish(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
}

#[test]
fn what_a_proof_yields_proves_the_same_elsewhere_and_nothing_under_another_salt() {
    let here = Keys::of_password("hunter2", b"salt", 7).unwrap().verifier();
    let key = login(&here, of_password("hunter2"), (Some(b"ours"), Some(b"ours"))).unwrap();
    let again = |_: &[u8], _: u32| Keys::proven(key.clone(), &here);
    assert_eq!(login(&here, again, (Some(b"theirs"), Some(b"theirs"))).unwrap(), key);
    let there = Keys::of_password("hunter2", b"other", 7).unwrap().verifier();
    assert_eq!(login(&there, again, (None, None)), Err(ScramError::OtherVerifier));
}

#[test]
fn a_login_that_is_bound_to_another_certificate_does_not_hold() {
    let verifier = Keys::of_password("hunter2", b"salt", 7).unwrap().verifier();
    let bound = |server, client| login(&verifier, of_password("hunter2"), (server, client));
    assert_eq!(bound(Some(b"ours"), Some(b"another")), Err(ScramError::OtherCertificate));
    assert!(bound(None, Some(b"any")).is_ok(), "a server that can't bind takes `y`");
    assert!(bound(Some(b"ours"), None).is_ok(), "a client that can't bind says `n`");
}

#[test]
fn an_offer_that_was_taken_out_on_the_way_is_noticed() {
    let verifier = Keys::of_password("hunter2", b"salt", 7).unwrap().verifier();
    let server = Server::new(verifier, true, Some(b"ours".to_vec()));
    let binding = ClientBinding::EndPoint(b"ours".to_vec());
    let (_, mechanism, first) = Client::start(&[SCRAM], binding, &fresh(1)).unwrap();
    let refused = server.challenge(mechanism, first.as_bytes(), &fresh(2));
    assert_eq!(refused.unwrap_err(), ScramError::Downgraded);
}

#[test]
fn who_is_not_known_gets_a_challenge_that_stays_and_no_password_fits() {
    let mock = mock_verifier(&[7; 32], "nobody");
    assert_eq!(mock, mock_verifier(&[7; 32], "nobody"));
    assert_ne!(mock.salt, mock_verifier(&[7; 32], "somebody").salt);
    assert_eq!((mock.salt.len(), mock.iterations), (16, 4096));
    // Not even with a verifier that fits, as long as it stands for nobody.
    let verifier = Keys::of_password("hunter2", b"salt", 7).unwrap().verifier();
    let server = Server::new(verifier, false, None);
    let (client, mechanism, first) = Client::start(&[SCRAM], ClientBinding::Impossible, &fresh(1)).unwrap();
    let (challenged, challenge) = server.challenge(mechanism, first.as_bytes(), &fresh(2)).unwrap();
    let answered = client.challenged(challenge.as_bytes()).unwrap();
    let keys = Keys::of_password("hunter2", b"salt", 7).unwrap();
    let (_, last) = answered.prove(&keys).unwrap();
    assert_eq!(challenged.finish(last.as_bytes()).unwrap_err(), ScramError::WrongProof);
}

#[test]
fn a_server_that_does_not_know_the_verifier_is_found_out() {
    let keys = Keys::of_password("hunter2", b"salt", 7).unwrap();
    let (client, ..) = Client::start(&[SCRAM], ClientBinding::Impossible, &fresh(1)).unwrap();
    let challenge = format!("r={}more,s=c2FsdA==,i=7", fresh(1).0);
    let (proving, _) = client.challenged(challenge.as_bytes()).unwrap().prove(&keys).unwrap();
    let forged = format!("v={}", Base64::encode_string(&[0; 32]));
    assert_eq!(proving.finish(forged.as_bytes()), Err(ScramError::WrongSignature));
}

#[test]
fn a_far_end_can_not_demand_endless_work() {
    assert_eq!(
        Keys::of_password("x", b"s", 2_000_000_000).unwrap_err(),
        ScramError::Iterations(2_000_000_000)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_right_password_holds_and_no_other(password in "\\PC{0,12}", other in "\\PC{0,12}", salt in "[a-z]{1,9}") {
        let verifier = Keys::of_password(&password, salt.as_bytes(), 2).unwrap().verifier();
        prop_assert!(login(&verifier, of_password(&password), (Some(b"x"), Some(b"x"))).is_ok());
        let same = stringprep::saslprep(&password).unwrap_or_default() == stringprep::saslprep(&other).unwrap_or_default();
        prop_assume!(!same && password != other);
        prop_assert_eq!(login(&verifier, of_password(&other), (None, None)), Err(ScramError::WrongProof));
    }

    #[test]
    fn no_message_panics(message in "[nyp=,rscivem+/A0-]{0,40}", raw in prop::collection::vec(any::<u8>(), 0..40)) {
        let verifier = mock_verifier(&[1; 32], "x");
        for message in [message.as_bytes(), &raw] {
            let server = Server::new(verifier.clone(), true, Some(vec![1]));
            let _ = server.challenge(SCRAM, message, &fresh(1));
            let server = Server::new(verifier.clone(), true, None);
            let (challenged, _) = server.challenge(SCRAM, b"n,,n=,r=x", &fresh(1)).unwrap();
            prop_assert!(challenged.finish(message).is_err());
            let (client, ..) = Client::start(&[SCRAM], ClientBinding::Impossible, &fresh(1)).unwrap();
            prop_assert!(client.challenged(message).is_err());
        }
    }
}
