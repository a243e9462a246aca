//! Several authorities in one store: roots and what stands below them, with keys of every kind.

use hermetic_keys::KeyAlgorithm;
use hermetic_store::Store;
use hermetic_tls::Clock;
use hermetic_x509::publication::AuthorityName;
use hermetic_x509::{NameConstraints, ProfileKind};
use jiff::SignedDuration;

use super::world::*;
use crate::{Authority, AuthorityError, NewAuthority, Policy, Refusal, Request, SignedBy};

/// The kinds of keys that OpenSSL 3.0 judges, too.
const KEYS: [KeyAlgorithm; 6] = [
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::Ed25519,
];

pub(super) fn name(text: &str) -> AuthorityName {
    text.parse().unwrap()
}

/// An authority of this path length below another.
fn below(text: &str, above: &str, path_length: u8) -> NewAuthority {
    let new = NewAuthority::under(name(text), name(above));
    let policy = Policy { path_length: Some(path_length), ..new.policy.clone() };
    NewAuthority { policy, ..new }
}

fn by(issuer: &str) -> Request {
    Request { issuer: Some(name(issuer)), ..request(ProfileKind::Server) }
}

#[tokio::test]
async fn openssl_accepts_a_chain_of_three_authorities_with_keys_of_each_kind() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    for key in KEYS {
        let called = |role: &str| format!("{role}-{}", key.name().to_ascii_lowercase());
        let root = NewAuthority { key, ..NewAuthority::root(name(&called("root"))) };
        let root = authority.create(root).await.unwrap();
        let policy = NewAuthority { key, ..below(&called("policy"), &called("root"), 1) };
        authority.create(policy).await.unwrap();
        let issuing = NewAuthority { key, ..below(&called("issuing"), &called("policy"), 0) };
        let issuing = authority.create(issuing).await.unwrap();
        assert_eq!((issuing.key_algorithm(), issuing.policy().path_length), (key, Some(0)));

        let request = Request { key, ..by(&called("issuing")) };
        let chain = authority.issue(request).await.unwrap().chain().clone();
        assert_eq!(chain.certificates().len(), 3, "the leaf and two above it, without the root");
        let now = scene.clock.now();
        openssl_accepts(scene.data.path(), root.chain().unwrap(), &chain, "sslserver", now).unwrap();
    }
    store.verify_journal().await.unwrap();
}

#[tokio::test]
async fn all_authorities_are_there_again_after_a_restart_and_issue() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    authority.create(NewAuthority::root(name("other-root"))).await.unwrap();
    authority.create(below("other", "other-root", 0)).await.unwrap();
    let told = |authority: &Authority| -> Vec<_> {
        authority.authorities().iter().map(|a| (a.name().clone(), a.chain().cloned(), a.stage())).collect()
    };
    let before = told(&authority);
    drop((authority, store));
    let (authority, _store) = scene.open().await;
    assert_eq!(told(&authority), before);
    let chain = authority.issue(by("other")).await.unwrap().chain().clone();
    let root = authority.authorities().into_iter().find(|a| a.name() == &name("other-root")).unwrap();
    openssl_accepts(scene.data.path(), root.chain().unwrap(), &chain, "sslserver", scene.clock.now())
        .unwrap();
}

#[tokio::test]
async fn each_root_is_a_trust_anchor_and_the_ca_file_has_them_all() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let first = root_of(&authority);
    let second = authority.create(NewAuthority::root(name("second"))).await.unwrap();
    let anchors = authority.trust_anchors().unwrap();
    assert_eq!(anchors.certificates(), [first.leaf().clone(), second.chain().unwrap().leaf().clone()]);
    let file = std::fs::read_to_string(scene.path("ca.pem")).unwrap();
    assert_eq!(file, first.to_pem() + &second.chain().unwrap().to_pem());
}

#[tokio::test]
async fn a_name_is_given_once() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let again = authority.create(NewAuthority::root(name("root"))).await.unwrap_err().to_string();
    assert!(again.contains("`root`"), "{again}");
    assert_eq!(authority.authorities().len(), 2);
}

#[tokio::test]
async fn a_path_length_holds_for_all_below() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.create(below("a", "root", 1)).await.unwrap();
    for (path_length, allowed) in [(1, "at most 0"), (5, "at most 0")] {
        let refused = authority.create(below("b", "a", path_length)).await.unwrap_err();
        assert!(matches!(refused, AuthorityError::Refused(Refusal::PathLength { .. })), "{refused}");
        assert!(refused.to_string().contains(allowed), "{refused}");
    }
    authority.create(below("b", "a", 0)).await.unwrap();
    let refused = authority.create(below("c", "b", 0)).await.unwrap_err().to_string();
    assert!(refused.contains("none below it"), "{refused}");
}

#[tokio::test]
async fn what_an_authority_above_excludes_no_authority_below_certifies() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let permitted = vec!["dns:example.com".parse().unwrap(), "ip:127.0.0.0/8".parse().unwrap()];
    let excluded = vec!["dns:secret.example.com".parse().unwrap(), "ip:0:0:0:0:0:0:0:0/0".parse().unwrap()];
    let constraints = NameConstraints::new(permitted, excluded).unwrap();
    let constrained = below("constrained", "root", 1);
    let policy = Policy { name_constraints: Some(constraints), ..constrained.policy.clone() };
    authority.create(NewAuthority { policy, ..constrained }).await.unwrap();
    authority.create(below("issuing", "constrained", 0)).await.unwrap();

    let named = |names: &[&str]| Request {
        identities: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..by("issuing")
    };
    let chain =
        authority.issue(named(&["dns:shop.example.com", "ip:127.0.0.1"])).await.unwrap().chain().clone();
    let root = root_of(&authority);
    openssl_accepts(scene.data.path(), &root, &chain, "sslserver", scene.clock.now()).unwrap();
    for outside in
        ["dns:example.org", "dns:a.secret.example.com", "dns:*.example.com", "ip:10.0.0.1", "ip:::1"]
    {
        let refused = authority.issue(named(&[outside])).await.unwrap_err().to_string();
        assert!(
            refused.contains("may not certify") || refused.contains("may certify"),
            "{outside}: {refused}"
        );
    }
}

#[tokio::test]
async fn an_authority_ends_with_the_one_above() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let root = NewAuthority::root(name("short"));
    let lifetime = SignedDuration::from_hours(24 * 30);
    let policy = Policy { lifetime, ..root.policy.clone() };
    let root = authority.create(NewAuthority { policy, ..root }).await.unwrap();
    let under = authority.create(below("under", "short", 0)).await.unwrap();
    assert_eq!(under.not_after(), root.not_after());
    assert_eq!(under.signed_by(), SignedBy::Authority(root.id()));
}

#[tokio::test]
async fn the_certificate_of_a_subordinate_is_on_record_like_any_other() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let intermediate = authority.issuer().unwrap();
    let record = on_record(&store, &intermediate.leaf().serial.to_string()).await;
    assert_eq!(
        (record.0.as_str(), record.1.as_deref()),
        ("authority intermediate", Some(&*intermediate.leaf().der))
    );
}

async fn on_record(store: &Store, serial: &str) -> (String, Option<Vec<u8>>) {
    let record = store.certificate(serial).await.unwrap().unwrap();
    (record.subject, record.certificate)
}

#[tokio::test]
async fn a_subject_that_was_asked_for_stands_in_the_certificate() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let root = NewAuthority::root(name("example"));
    let policy = Policy { subject: Some("CN=Example Root,O=Example".to_owned()), ..root.policy.clone() };
    let root = authority.create(NewAuthority { policy, ..root }).await.unwrap();
    assert_eq!(root.subject(), "CN=Example Root,O=Example");
}
