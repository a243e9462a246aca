//! Certificates that are revoked: their lists and OCSP answers, with OpenSSL as the judge.

use hermetic_store::{RevocationListRecord, RevocationReason as Kept, Store};
use hermetic_tls::{Chain, Clock};
use hermetic_x509::crl::RevocationList;
use hermetic_x509::publication::{Request as Asked, Response, Site, answer};
use hermetic_x509::{ProfileKind, RevocationReason};

use super::world::*;
use crate::{Authority, AuthorityError, Terms};

const SITE: &str = "http://pki.example.com:8089";

fn site() -> Site {
    SITE.parse().unwrap()
}

async fn publishing(scene: &Scene) -> (Authority, Store) {
    let (authority, store) = scene.open().await;
    authority.follow(Terms { site: Some(site()), ..Terms::default() });
    (authority, store)
}

async fn issue(authority: &Authority) -> Chain {
    authority.issue(request(ProfileKind::Server)).await.unwrap().chain().clone()
}

fn serial(chain: &Chain) -> String {
    chain.leaf().serial.to_string()
}

async fn get(authority: &Authority, scene: &Scene, path: &str) -> Response {
    let asked = Asked { method: "GET", path, if_none_match: None, body: b"" };
    answer(&site(), authority, &asked, scene.clock.now()).await
}

/// Has OpenSSL check a chain with this list.
fn crl_check(scene: &Scene, authority: &Authority, chain: &Chain, der: &[u8]) -> Result<String, String> {
    let file = |name: &str, content: &[u8]| {
        let path = scene.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let root = file("check-root.pem", root_of(authority).to_pem().as_bytes());
    let leaf = file("check-leaf.pem", chain.leaf().to_pem().as_bytes());
    let above = file("check-above.pem", chain.certificates()[1].to_pem().as_bytes());
    let (list, pem) = (file("check.crl", der), scene.path("check.crl.pem"));
    let pem = pem.to_str().unwrap();
    openssl(&["crl", "-inform", "DER", "-in", &list, "-out", pem])?;
    let at = scene.clock.now().as_second().to_string();
    let mut asked = vec!["verify", "-x509_strict", "-crl_check", "-extended_crl", "-attime", &at];
    asked.extend(["-CAfile", &root, "-untrusted", &above, "-CRLfile", pem, &leaf]);
    openssl(&asked)
}

/// What OpenSSL makes of the answer about a certificate.
async fn ocsp(scene: &Scene, authority: &Authority, chain: &Chain) -> String {
    let file = |name: &str| scene.path(name).to_str().unwrap().to_owned();
    let write = |name: &str, pem: String| {
        std::fs::write(scene.path(name), pem).unwrap();
        file(name)
    };
    let leaf = write("ocsp-leaf.pem", chain.leaf().to_pem());
    let issuer = write("ocsp-issuer.pem", chain.certificates()[1].to_pem());
    let root = write("ocsp-root.pem", root_of(authority).to_pem());
    let (asked, answered) = (file("asked.der"), file("answered.der"));
    openssl(&["ocsp", "-issuer", &issuer, "-cert", &leaf, "-reqout", &asked, "-no_nonce"]).unwrap();
    let response = post(scene, authority, "/ocsp/intermediate/1", &std::fs::read(&asked).unwrap()).await;
    std::fs::write(&answered, &response.body).unwrap();
    let at = scene.clock.now().as_second().to_string();
    let mut read = vec!["ocsp", "-respin", &answered, "-issuer", &issuer, "-cert", &leaf, "-CAfile", &root];
    read.extend(["-verify_other", &issuer, "-attime", &at, "-validity_period", "999999999"]);
    openssl(&read).unwrap_or_else(|error| error)
}

async fn post(scene: &Scene, authority: &Authority, path: &str, body: &[u8]) -> Response {
    let asked = Asked { method: "POST", path, if_none_match: None, body };
    answer(&site(), authority, &asked, scene.clock.now()).await
}

/// OpenSSL's request about the certificate of a chain that is at this place, with the one above it.
fn asked_about(scene: &Scene, chain: &Chain, above: &Chain, more: &[&str]) -> Vec<u8> {
    let file = |name: &str, pem: String| {
        std::fs::write(scene.path(name), pem).unwrap();
        scene.path(name).to_str().unwrap().to_owned()
    };
    let (certificate, issuer) =
        (file("about.pem", chain.leaf().to_pem()), file("by.pem", above.leaf().to_pem()));
    let request = scene.path("about.der");
    let asks = ["ocsp", "-issuer", &issuer, more.first().copied().unwrap_or("-sha1"), "-cert", &certificate];
    openssl(&[&asks[..], &["-reqout", request.to_str().unwrap(), "-no_nonce"]].concat()).unwrap();
    std::fs::read(request).unwrap()
}

fn list_of(revoked: crate::RevokedNow) -> RevocationListRecord {
    revoked.list.unwrap().unwrap()
}

#[tokio::test]
async fn a_revoked_certificate_is_on_its_list_with_its_reason_and_openssl_refuses_it() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = publishing(&scene).await;
    let (revoked, other) = (issue(&authority).await, issue(&authority).await);
    let list = list_of(authority.revoke(&serial(&revoked), RevocationReason::KeyCompromise).await.unwrap());
    let error = crl_check(&scene, &authority, &revoked, &list.der).unwrap_err();
    assert!(error.contains("certificate revoked"), "{error}");
    let read = RevocationList::read(&list.der).unwrap();
    let entry = read.revoked().get(&revoked.leaf().serial).unwrap();
    assert_eq!(entry.reason, Some(RevocationReason::KeyCompromise));
    authority.publish_due().await;
    let lists = authority.revocation_lists(&"intermediate".parse().unwrap(), None).await.unwrap();
    let good: Vec<_> = lists
        .iter()
        .filter(|list| crl_check(&scene, &authority, &other, &list.der).is_ok())
        .map(|list| list.shard)
        .collect();
    assert_eq!(good.len(), 1, "one list speaks for it: {good:?}");
}

#[tokio::test]
async fn a_revocation_makes_one_list_anew() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    authority.publish_due().await;
    let id = authority.authorities()[1].id();
    let before = store.revocation_lists(id).await.unwrap();
    assert_eq!(before.len(), 16);
    let chain = issue(&authority).await;
    let list = list_of(authority.revoke(&serial(&chain), RevocationReason::Superseded).await.unwrap());
    let after = store.revocation_lists(id).await.unwrap();
    let changed: Vec<_> = before.iter().zip(&after).filter(|(old, new)| old != new).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(*changed[0].1, list);
}

#[tokio::test]
async fn what_a_crash_left_off_its_list_is_on_it_after_the_next_round() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    authority.publish_due().await;
    assert!(ocsp(&scene, &authority, &chain).await.contains(": good"));
    let id = authority.authorities()[1].id();
    scene.clock.forward(DAY / 24);
    let revoked = store.revoke(id, &serial(&chain), Kept::KeyCompromise, scene.clock.now()).await.unwrap();
    let told = ocsp(&scene, &authority, &chain).await;
    assert!(told.contains(": revoked"), "{told}");
    authority.publish_due().await;
    let list = store.revocation_list(id, revoked.shard).await.unwrap().unwrap();
    assert!(crl_check(&scene, &authority, &chain, &list.der).is_err());
}

#[tokio::test]
async fn a_revocation_whose_list_can_not_be_signed_is_on_record_and_listed_later() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    scene.signer(Mood::Fails("the token is gone"));
    let revoked = authority.revoke(&serial(&chain), RevocationReason::KeyCompromise).await.unwrap();
    assert!(revoked.list.unwrap_err().to_string().contains("the token is gone"));
    scene.signer(Mood::Signs);
    authority.publish_due().await;
    let id = authority.authorities()[1].id();
    let lists = store.revocation_lists(id).await.unwrap();
    let tells = |list: &&RevocationListRecord| {
        RevocationList::read(&list.der).unwrap().revoked().contains_key(&chain.leaf().serial)
    };
    assert_eq!(lists.iter().filter(tells).count(), 1);
}

#[tokio::test]
async fn what_could_not_be_signed_in_one_round_is_in_its_list_after_the_next_that_can() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    authority.publish_due().await;
    scene.signer(Mood::Fails("the token is gone"));
    let revoked = authority.revoke(&serial(&chain), RevocationReason::KeyCompromise).await.unwrap();
    revoked.list.unwrap_err();
    authority.publish_due().await;
    scene.signer(Mood::Signs);
    authority.publish_due().await;
    let lists = store.revocation_lists(authority.authorities()[1].id()).await.unwrap();
    let tells = |list: &&RevocationListRecord| {
        RevocationList::read(&list.der).unwrap().revoked().contains_key(&chain.leaf().serial)
    };
    assert_eq!(lists.iter().filter(tells).count(), 1);
}

#[tokio::test]
async fn lists_that_hold_are_published_anew_where_they_are_said_to_be_elsewhere() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    authority.publish_due().await;
    let id = authority.authorities()[1].id();
    let first = store.revocation_lists(id).await.unwrap();
    let site = Some("http://elsewhere.example.com".parse().unwrap());
    authority.follow(Terms { site, ..Terms::default() });
    authority.publish_due().await;
    let second = store.revocation_lists(id).await.unwrap();
    assert!(first.iter().zip(&second).all(|(first, second)| first.number < second.number));
}

#[tokio::test]
async fn lists_are_signed_anew_at_half_of_their_time_and_a_stale_one_is_not_handed_out() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    authority.publish_due().await;
    let id = authority.authorities()[1].id();
    let first = store.revocation_lists(id).await.unwrap();
    scene.clock.forward(3 * DAY);
    authority.publish_due().await;
    assert_eq!(store.revocation_lists(id).await.unwrap(), first, "not yet");
    scene.clock.forward(DAY);
    authority.publish_due().await;
    let second = store.revocation_lists(id).await.unwrap();
    assert!(first.iter().zip(&second).all(|(first, second)| first.number < second.number));
    let path = "/crl/intermediate/1/3.crl";
    assert_eq!(get(&authority, &scene, path).await.status, 200);
    scene.signer(Mood::Fails("down"));
    scene.clock.forward(7 * DAY);
    authority.publish_due().await;
    assert_eq!(get(&authority, &scene, path).await.status, 503);
}

#[tokio::test]
async fn openssl_believes_the_responder_and_what_it_says_of_a_revocation() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    let told = ocsp(&scene, &authority, &chain).await;
    assert!(told.contains(": good"), "{told}");
    authority.revoke(&serial(&chain), RevocationReason::AffiliationChanged).await.unwrap();
    let told = ocsp(&scene, &authority, &chain).await;
    assert!(told.contains(": revoked") && told.contains("affiliationChanged"), "{told}");
}

#[tokio::test]
async fn what_one_authority_can_not_sign_keeps_no_answer_of_another_from_being_signed() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    let intermediate = Chain::from_ders([&*chain.certificates()[1].der]).unwrap();
    let root = root_of(&authority);
    // The one that can't be signed again is due first.
    let about_leaf = asked_about(&scene, &chain, &intermediate, &[]);
    post(&scene, &authority, "/ocsp/intermediate/1", &about_leaf).await;
    let about_intermediate = asked_about(&scene, &intermediate, &root, &[]);
    post(&scene, &authority, "/ocsp/root/1", &about_intermediate).await;
    let id_of = async |chain: &Chain| store.certificate(&serial(chain)).await.unwrap().unwrap().id;
    let ids = (id_of(&chain).await, id_of(&intermediate).await);
    let dates = async || {
        let of = async |id| store.ocsp_answer(id).await.unwrap().unwrap().this_update;
        (of(ids.0).await, of(ids.1).await)
    };
    let before = dates().await;
    scene.clock.forward(DAY / 2 + DAY / 24);
    scene.signer(Mood::Fails("the token is gone"));
    authority.publish_due().await;
    let after = dates().await;
    assert_eq!(after.0, before.0, "it can't be signed");
    assert!(after.1 > before.1, "and the other is");
}

#[tokio::test]
async fn every_answer_that_is_signed_stands_in_the_journal() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    let intermediate = Chain::from_ders([&*chain.certificates()[1].der]).unwrap();
    let last = async || store.latest_entries(1, |kind| kind == "ocsp.signed").await.unwrap().pop();
    let ahead = asked_about(&scene, &chain, &intermediate, &[]);
    post(&scene, &authority, "/ocsp/intermediate/1", &ahead).await;
    post(&scene, &authority, "/ocsp/intermediate/1", &ahead).await;
    let entry = last().await.unwrap();
    assert_eq!(entry.body["serials"], serde_json::json!([serial(&chain)]), "signed once, and kept");
    let alone = asked_about(&scene, &chain, &intermediate, &["-sha256"]);
    for _ in 0..3 {
        post(&scene, &authority, "/ocsp/intermediate/1", &alone).await;
    }
    assert_eq!(last().await.unwrap(), entry, "strangers do not fill the journal");
    authority.publish_due().await;
    let entry = last().await.unwrap();
    assert_eq!((&entry.body["authority"], &entry.body["answers"]), (&"intermediate".into(), &3.into()));
}

#[tokio::test]
async fn nothing_is_said_of_a_certificate_that_is_not_here() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = publishing(&scene).await;
    let elsewhere = Scene::new(TestClock::standing());
    let (stranger, _its_store) = publishing(&elsewhere).await;
    let (own, foreign) = (issue(&authority).await, issue(&stranger).await);
    let mixed = Chain::from_ders([&*foreign.leaf().der, &*own.certificates()[1].der]).unwrap();
    ocsp(&scene, &authority, &mixed).await;
    let answered = std::fs::read(scene.path("answered.der")).unwrap();
    assert_eq!(answered, hermetic_x509::ocsp::Refusal::Unauthorized.to_der());
}

#[tokio::test]
async fn what_another_process_revokes_is_told() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let (before, after) = (issue(&authority).await, issue(&authority).await);
    let folder = tempfile::tempdir().unwrap();
    let another = scene.open_beside(&store, folder.path()).await;
    authority.revoke(&serial(&before), RevocationReason::Unspecified).await.unwrap();
    let (known, mut news) = authority.revocations().await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].serials, [before.leaf().serial.clone()]);
    assert_eq!(known[0].issuer, before.certificates()[1]);
    assert_eq!(news.since_last().await.unwrap(), []);
    another.revoke(&serial(&after), RevocationReason::Unspecified).await.unwrap();
    let told = news.since_last().await.unwrap();
    assert!(told.iter().any(|told| told.serials.contains(&after.leaf().serial)), "{told:?}");
    assert_eq!(news.since_last().await.unwrap(), []);
}

#[tokio::test]
async fn a_subordinate_authority_is_revoked_by_the_list_of_the_one_above() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    let subordinate = chain.certificates()[1].serial.to_string();
    let list = list_of(authority.revoke(&subordinate, RevocationReason::CaCompromise).await.unwrap());
    assert_eq!((list.authority, list.shard), (authority.authorities()[0].id(), 0));
    let root = store.revocation_lists(list.authority).await.unwrap();
    assert_eq!(root, [list]);
}

#[tokio::test]
async fn what_is_not_there_or_revoked_already_is_an_error_of_its_own() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = publishing(&scene).await;
    let chain = issue(&authority).await;
    let unknown = authority.revoke("00ff", RevocationReason::Unspecified).await.unwrap_err();
    assert!(matches!(unknown, AuthorityError::NoSuchCertificate(_)), "{unknown}");
    authority.revoke(&serial(&chain), RevocationReason::Unspecified).await.unwrap();
    let twice = authority.revoke(&serial(&chain), RevocationReason::KeyCompromise).await.unwrap_err();
    assert!(twice.to_string().contains("already, for unspecified") && twice.is_wrong_request(), "{twice}");
}

#[tokio::test]
async fn without_an_address_nothing_is_listed_and_the_revocation_stands() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let chain = issue(&authority).await;
    let revoked = authority.revoke(&serial(&chain), RevocationReason::Unspecified).await.unwrap();
    assert!(revoked.list.unwrap().is_none());
    authority.publish_due().await;
    for known in authority.authorities() {
        assert_eq!(store.revocation_lists(known.id()).await.unwrap(), []);
    }
}
