//! What is issued, and what a mishap in the midst of it leaves.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use hermetic_store::CertificateState;
use hermetic_tls::{Chain, Clock, Identity, PrivateKey, SpiffeId};
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;
use proptest::prelude::*;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs as algorithms};

use super::world::*;
use crate::{Authority, AuthorityError, Request};

/// Whether webpki, which stands in every rustls, accepts the chain at this time.
fn webpki_accepts(
    root: &Chain,
    chain: &Chain,
    usage: KeyUsage,
    host: Option<&str>,
    at: jiff::Timestamp,
) -> Result<(), webpki::Error> {
    let ders: Vec<_> = chain.certificates().iter().map(|c| CertificateDer::from(c.der.to_vec())).collect();
    let root = CertificateDer::from(root.leaf().der.to_vec());
    let anchors = [anchor_from_trusted_cert(&root)?];
    let leaf = EndEntityCert::try_from(&ders[0])?;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(at.as_second() as u64));
    let algorithms = &[algorithms::ECDSA_P256_SHA256];
    leaf.verify_for_usage(algorithms, &anchors, &ders[1..], now, usage, None, None)?;
    match host {
        Some(host) => leaf.verify_is_valid_for_subject_name(&ServerName::try_from(host).unwrap()),
        None => Ok(()),
    }
}

#[tokio::test]
async fn openssl_and_webpki_accept_what_is_issued_for_its_usage_and_no_other() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let (root, now) = (root_of(&authority), scene.clock.now());
    for (usage, as_server, as_client) in [
        (ProfileKind::Server, true, false),
        (ProfileKind::Client, false, true),
        (ProfileKind::Both, true, true),
    ] {
        let chain = authority.issue(request(usage)).await.unwrap().chain().clone();
        let openssl = |purpose| openssl_accepts(scene.data.path(), &root, &chain, purpose, now);
        assert_eq!(openssl("sslserver").is_ok(), as_server, "{usage:?} {:?}", openssl("sslserver"));
        assert_eq!(openssl("sslclient").is_ok(), as_client, "{usage:?} {:?}", openssl("sslclient"));
        let webpki = |usage| webpki_accepts(&root, &chain, usage, None, now).is_ok();
        assert_eq!(webpki(KeyUsage::server_auth()), as_server, "{usage:?}");
        assert_eq!(webpki(KeyUsage::client_auth()), as_client, "{usage:?}");
    }
}

#[tokio::test]
async fn the_names_of_a_certificate_hold_for_webpki() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let chain = authority.issue(request(ProfileKind::Server)).await.unwrap().chain().clone();
    let accepts = |host| {
        let now = scene.clock.now();
        webpki_accepts(&root_of(&authority), &chain, KeyUsage::server_auth(), Some(host), now).is_ok()
    };
    for host in ["shop.example.com", "a.shop.example.com", "127.0.0.1", "::1"] {
        assert!(accepts(host), "{host}");
    }
    for host in ["example.com", "a.b.shop.example.com", "127.0.0.2"] {
        assert!(!accepts(host), "{host}");
    }
}

#[tokio::test]
async fn a_certificate_is_accepted_from_five_minutes_before_to_its_end() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let now = scene.clock.now();
    let chain = authority.issue(request(ProfileKind::Server)).await.unwrap().chain().clone();
    let accepted = |seconds| {
        let at = now + SignedDuration::from_secs(seconds);
        openssl_accepts(scene.data.path(), &root_of(&authority), &chain, "sslserver", at).is_ok()
    };
    // OpenSSL takes the last second to be over already.
    assert!(accepted(-5 * 60) && accepted(0) && accepted(24 * 3600 - 5 * 60 - 2));
    assert!(!accepted(-5 * 60 - 1) && !accepted(24 * 3600 - 5 * 60));
}

#[tokio::test]
async fn openssl_reads_in_a_leaf_what_we_meant() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let leaf = authority.issue(request(ProfileKind::Both)).await.unwrap();
    std::fs::write(scene.path("leaf.pem"), leaf.leaf().to_pem()).unwrap();
    let text =
        openssl(&["x509", "-noout", "-text", "-in", scene.path("leaf.pem").to_str().unwrap()]).unwrap();
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for meant in [
        "Version: 3",
        "Signature Algorithm: ecdsa-with-SHA256",
        "Issuer: CN = Hermetic intermediate ",
        "Subject: Subject Public Key Info",
        "NIST CURVE: P-256",
        "Subject Alternative Name: critical DNS:shop.example.com, DNS:*.shop.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
        "Basic Constraints: critical CA:FALSE",
        "Key Usage: critical Digital Signature X509v3",
        "Extended Key Usage: TLS Web Server Authentication, TLS Web Client Authentication",
        "Subject Key Identifier:",
        "Authority Key Identifier:",
    ] {
        assert!(squeezed.contains(meant), "{meant}\n{text}");
    }
}

#[tokio::test]
async fn root_and_intermediate_are_what_they_should_be() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let text = |chain: Chain| {
        std::fs::write(scene.path("ca-judge.pem"), chain.leaf().to_pem()).unwrap();
        openssl(&["x509", "-noout", "-text", "-in", scene.path("ca-judge.pem").to_str().unwrap()])
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (root, intermediate) = (text(root_of(&authority)), text(authority.issuer().unwrap()));
    assert!(root.contains("Subject: CN = Hermetic root ") && root.contains("CA:TRUE X509v3"), "{root}");
    assert!(intermediate.contains("CA:TRUE, pathlen:0"), "{intermediate}");
    for text in [&root, &intermediate] {
        assert!(text.contains("Key Usage: critical Digital Signature, Certificate Sign, CRL Sign"), "{text}");
    }
    let ca = std::fs::read_to_string(scene.path("ca.pem")).unwrap();
    assert_eq!(ca, root_of(&authority).to_pem());
    assert_eq!(authority.trust_anchors().unwrap().certificates(), root_of(&authority).certificates());
    let years = |chain: Chain| chain.leaf().not_after.duration_since(scene.clock.now()).as_hours() / 24 / 365;
    assert_eq!((years(root_of(&authority)), years(authority.issuer().unwrap())), (9, 4));
}

#[tokio::test]
async fn what_was_issued_is_recorded_with_its_key_sealed() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let credential = authority.issue(request(ProfileKind::Server)).await.unwrap();
    let record = newest(&store, "edge").await;
    assert_eq!(record.serial, credential.leaf().serial.to_string());
    let chain = [record.certificate.as_deref().unwrap()];
    let chain = Chain::from_ders(chain).unwrap().to_pem() + &record.issuers_pem;
    assert_eq!(chain, credential.chain().to_pem());
    assert_eq!(
        (record.not_before, record.not_after),
        (credential.leaf().not_before, credential.leaf().not_after)
    );
    let sealed = record.sealed_key.unwrap();
    let key = credential.key().expose_der();
    assert!(!sealed.windows(16).any(|window| key.windows(16).any(|plain| plain == window)));
    drop((authority, store));
    let database: Vec<u8> = ["hermetic.db", "hermetic.db-wal"]
        .iter()
        .flat_map(|file| std::fs::read(scene.path(file)).unwrap_or_default())
        .collect();
    // The private scalar lies at a fixed place of the PKCS#8 form of a P-256 key.
    assert!(!database.windows(32).any(|window| window == &key[36..68]));
}

#[tokio::test]
async fn serial_numbers_are_unique_and_wide() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    for _ in 0..100 {
        authority.issue(request(ProfileKind::Server)).await.unwrap();
    }
    let serials: HashSet<_> = of_parties(&store).await.into_iter().map(|c| c.serial).collect();
    assert_eq!(serials.len(), 100);
    assert!(serials.iter().all(|serial| serial.len() <= 40));
    assert!(serials.iter().filter(|serial| serial.len() == 40).count() > 80);
}

#[tokio::test]
async fn a_serial_number_that_was_used_is_drawn_again() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let script = |draws: &[u8]| {
        let mut script = scene.chance.0.lock().unwrap();
        script.extend(draws.iter().map(|byte| vec![*byte; 20]));
    };
    script(&[0x11]);
    authority.issue(request(ProfileKind::Server)).await.unwrap();
    script(&[0x11, 0x11, 0x22]);
    let second = authority.issue(request(ProfileKind::Server)).await.unwrap();
    assert_eq!(second.leaf().serial.to_string(), "22".repeat(20));

    script(&[0x22, 0x11, 0x22]);
    let error = authority.issue(request(ProfileKind::Server)).await.unwrap_err();
    assert!(error.to_string().contains("was used already"), "{error}");
    assert_eq!(of_parties(&store).await.len(), 2);
}

#[tokio::test]
async fn chance_that_gives_only_zeros_issues_nothing() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    // 0x80 alone is the sign bit, which is taken off.
    let mut sign_only = vec![0; 20];
    sign_only[0] = 0x80;
    scene.chance.0.lock().unwrap().extend([vec![0; 20], sign_only, vec![0; 20], vec![0; 20]]);
    let error = authority.issue(request(ProfileKind::Server)).await.unwrap_err();
    assert!(error.to_string().contains("only zeros"), "{error}");
    assert_eq!(of_parties(&store).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_signing_leaves_a_certificate_that_is_presumed_issued() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    scene.signer(Mood::NeverAnswers);
    // Polled until it waits for the signer, then dropped, as a crash would.
    let waiting = tokio::time::timeout(DAY, authority.issue(request(ProfileKind::Server)));
    assert!(waiting.await.is_err());
    let [intent] = of_parties(&store).await.try_into().unwrap();
    assert_eq!(intent.state, CertificateState::Intended);
    drop((authority, store));

    scene.signer(Mood::Signs);
    let (authority, store) = scene.open().await;
    let [presumed] = of_parties(&store).await.try_into().unwrap();
    assert_eq!((presumed.state, &presumed.serial), (CertificateState::PresumedIssued, &intent.serial));
    assert_eq!(presumed.sealed_key, None);
    let kept = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    assert_ne!(kept.load().leaf().serial.to_string(), presumed.serial);
    store.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_signature_that_does_not_verify_is_never_handed_out() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    for mood in [Mood::GivesTheRawPair, Mood::SignsSomethingElse] {
        scene.signer(mood.clone());
        let error = authority.issue(request(ProfileKind::Server)).await.unwrap_err();
        assert!(error.to_string().contains("does not verify"), "{mood:?}: {error}");
    }
    let states: Vec<_> = of_parties(&store).await.into_iter().map(|c| c.state).collect();
    assert_eq!(states, [CertificateState::PresumedIssued; 2]);
}

#[tokio::test]
async fn what_a_signer_fails_to_sign_is_presumed_issued_at_once() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    scene.signer(Mood::Fails("the token is gone"));
    let error = authority.issue(request(ProfileKind::Server)).await.unwrap_err();
    assert!(error.to_string().contains("the token is gone"), "{error}");
    let [given_up] = of_parties(&store).await.try_into().unwrap();
    assert_eq!((given_up.state, given_up.certificate), (CertificateState::PresumedIssued, None));
    let last = store.journal(1, 100).await.unwrap().pop().unwrap();
    assert_eq!(
        (last.kind.as_str(), &last.body["serial"]),
        ("certificate.presumed_issued", &given_up.serial.into())
    );
}

async fn refusal(authority: &Authority, request: Request) -> String {
    match authority.issue(request).await {
        Err(AuthorityError::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_must_not_be_issued_is_refused_and_leaves_nothing() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let with = |texts: &[&str], usage| Request {
        identities: texts.iter().map(|text| text.parse().unwrap()).collect(),
        ..request(usage)
    };
    let many: Vec<_> = (0..101).map(|n| format!("dns:host{n}.example")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for (request, reason) in [
        (with(&[], ProfileKind::Server), "nobody is named"),
        (with(&many, ProfileKind::Server), "more than 100"),
        (with(&["spiffe://a/b", "spiffe://a/c"], ProfileKind::Both), "2 SPIFFE IDs"),
        (with(&["spiffe://hermetic.internal"], ProfileKind::Both), "not a party"),
        (with(&["dns:*.example.com"], ProfileKind::Client), "*.example.com stands for many hosts"),
        (
            Request { subject: String::new(), ..request(ProfileKind::Server) },
            "what the certificate is used as",
        ),
        (Request { lifetime: Some(DAY / (24 * 60 + 1)), ..request(ProfileKind::Server) }, "is not given"),
        (Request { lifetime: Some(Duration::MAX), ..request(ProfileKind::Server) }, "is not given"),
        (Request { profile: "sever".to_owned(), ..request(ProfileKind::Server) }, "no profile `sever`"),
    ] {
        let refused = refusal(&authority, request).await;
        assert!(refused.contains(reason), "{refused}");
    }
    assert_eq!(of_parties(&store).await, []);
}

#[tokio::test]
async fn a_name_that_is_given_twice_is_written_once() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let mut twice = request(ProfileKind::Server);
    twice.identities.extend(twice.identities.clone());
    let credential = authority.issue(twice).await.unwrap();
    assert_eq!(credential.leaf().identities, request(ProfileKind::Server).identities);
}

#[tokio::test]
async fn no_certificate_outlives_its_issuer_and_none_is_issued_after_it() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let end = authority.issuer().unwrap().leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(300 * 24));
    let long = Request { lifetime: Some(390 * DAY), ..request(ProfileKind::Server) };
    assert_eq!(authority.issue(long).await.unwrap().leaf().not_after, end);

    scene.clock.set(end - SignedDuration::from_hours(1));
    assert_eq!(authority.issue(request(ProfileKind::Server)).await.unwrap().leaf().not_after, end);
    scene.clock.set(end - SignedDuration::from_secs(59));
    assert!(refusal(&authority, request(ProfileKind::Server)).await.contains("itself ends at"));
    scene.clock.set(end + SignedDuration::from_hours(1));
    assert!(refusal(&authority, request(ProfileKind::Server)).await.contains("itself ends at"));
}

#[tokio::test]
async fn a_clock_from_before_the_authority_is_said_to_be_wrong() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    scene.clock.back(DAY);
    assert!(refusal(&authority, request(ProfileKind::Server)).await.contains("set the clock"));
}

fn dns() -> impl Strategy<Value = Identity> {
    "(\\*\\.)?([a-z0-9]{1,5}(-[a-z0-9]{1,5})?\\.){1,4}[a-z]{1,5}(-[a-z]{1,5})?"
        .prop_map(|name| Identity::Dns(name.parse().unwrap()))
}

fn spiffe() -> impl Strategy<Value = Identity> {
    ("[a-z0-9._-]{1,20}", "[A-Za-z0-9_-]{1,9}(/[A-Za-z0-9._-]{0,3}[A-Za-z0-9]){0,3}")
        .prop_map(|(domain, path)| Identity::Spiffe(SpiffeId::new(&domain.parse().unwrap(), &path).unwrap()))
}

fn identities() -> impl Strategy<Value = Vec<Identity>> {
    let ip = any::<IpAddr>().prop_map(|ip| Identity::Ip(ip.to_canonical()));
    let others = prop::collection::hash_set(prop_oneof![dns(), ip], 0..12);
    (others, prop::option::of(spiffe()))
        .prop_map(|(others, spiffe)| others.into_iter().chain(spiffe).collect::<Vec<_>>())
        .prop_filter("nobody", |identities| !identities.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_identities_are_asked_for_stand_in_the_certificate(identities in identities(), seconds in 60_u64..30_000_000) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let scene = Scene::new(TestClock::standing());
            let (authority, _store) = scene.open().await;
            let lifetime = Duration::from_secs(seconds);
            let request = Request { identities: identities.clone(), lifetime: Some(lifetime), ..request(ProfileKind::Both) };
            let credential = authority.issue(request).await.unwrap();
            prop_assert_eq!(&credential.leaf().identities, &identities);
            let again = PrivateKey::from_pkcs8(credential.key().expose_der().to_vec());
            prop_assert!(again.is_ok());
            let now = scene.clock.now();
            let judged = webpki_accepts(&root_of(&authority), credential.chain(), KeyUsage::server_auth(), None, now);
            prop_assert!(judged.is_ok(), "{judged:?}");
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn what_is_issued_as_expired_is_refused_for_that_and_for_nothing_else() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let wanted = Request { subject: "a shown expiry".to_owned(), ..request(ProfileKind::Server) };
    let chain = authority.issue_expired(wanted, 2 * DAY).await.unwrap().chain().clone();
    let now = scene.clock.now();
    assert_eq!(chain.leaf().not_after.as_second(), (now - SignedDuration::from_hours(48)).as_second());
    let refused =
        webpki_accepts(&root_of(&authority), &chain, KeyUsage::server_auth(), None, now).unwrap_err();
    assert!(matches!(refused, webpki::Error::CertExpired { .. }), "{refused:?}");
    // It is on record like every other, under the subject that says what it is for.
    let record = newest(&store, "a shown expiry").await;
    assert_eq!((record.state, record.not_after), (CertificateState::Issued, chain.leaf().not_after));
}

#[tokio::test]
async fn nothing_that_is_still_valid_is_issued_as_expired() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    for ago in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
        let refused = authority.issue_expired(request(ProfileKind::Server), ago).await.unwrap_err();
        assert!(matches!(refused, AuthorityError::Refused(_)), "{refused}");
    }
}

#[tokio::test]
async fn nothing_is_issued_while_another_process_does_and_what_was_asked_for_is_then() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let pause = authority.pause().await;
    let asked = tokio::spawn({
        let authority = authority.clone();
        async move { authority.issue(request(ProfileKind::Server)).await }
    });
    // Another process sweeps what it finds unfinished; there is nothing.
    tokio::task::yield_now().await;
    assert_eq!(store.sweep(scene.clock.now()).await.unwrap(), 0);
    assert!(of_parties(&store).await.is_empty() && !asked.is_finished());
    drop(pause);
    asked.await.unwrap().unwrap();
    assert_eq!(of_parties(&store).await.len(), 1);
}
