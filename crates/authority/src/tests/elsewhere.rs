//! A subordinate that OpenSSL's authority signs: its request goes out, its certificate comes back.

use std::path::PathBuf;

use hermetic_keys::{KeyAlgorithm, KeyAlgorithm::*};
use hermetic_tls::{Certificate, Chain, Clock};
use hermetic_x509::ProfileKind;

use super::authorities::name;
use super::world::*;
use crate::{Authority, AuthorityError, NewAuthority, Refusal, Request, State};

/// OpenSSL's root, and what it signs.
struct Elsewhere<'a> {
    scene: &'a Scene,
}

impl<'a> Elsewhere<'a> {
    fn new(scene: &'a Scene) -> Self {
        let this = Self { scene };
        this.run(
            "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -subj /CN=Elsewhere -days 3650 \
                  -set_serial 1 -addext keyUsage=critical,keyCertSign,cRLSign",
        );
        this
    }

    fn run(&self, arguments: &str) {
        let at = |name: &str| self.at(name).to_str().unwrap().to_owned();
        let arguments: Vec<_> = arguments
            .split_whitespace()
            .map(|word| {
                if word.ends_with(".key")
                    || word.ends_with(".crt")
                    || word.ends_with(".csr")
                    || word.ends_with(".ext")
                {
                    at(word)
                } else {
                    word.to_owned()
                }
            })
            .collect();
        openssl(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scene.path(name)
    }

    /// Signs a request with these extensions; gives the certificate and the root as PEM.
    fn sign(&self, request: &[u8], extensions: &str) -> String {
        self.sign_with(request, extensions, "")
    }

    /// The same with these options of OpenSSL's.
    fn sign_with(&self, request: &[u8], extensions: &str, options: &str) -> String {
        std::fs::write(self.at("sub.csr"), request).unwrap();
        std::fs::write(self.at("sub.ext"), extensions).unwrap();
        self.run(&format!("x509 -req -inform DER -in sub.csr -CA root.crt -CAkey root.key -set_serial 4711 -days 365 -out sub.crt -extfile sub.ext {options}"));
        self.read("sub.crt") + &self.read("root.crt")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }
}

const OF_AUTHORITY: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
    subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

/// OpenSSL signs from the system's time on, so ours is set to some minutes after it.
async fn scene() -> (Scene, Authority) {
    let scene = Scene::new(TestClock::standing());
    scene.clock.set(jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10));
    let (authority, _store) = scene.open().await;
    (scene, authority)
}

async fn pending(authority: &Authority, called: &str, key: KeyAlgorithm) -> Vec<u8> {
    let new = NewAuthority { key, ..NewAuthority::signed_elsewhere(name(called)) };
    let made = authority.create(new).await.unwrap();
    assert_eq!(made.state(authority.now()), State::PendingCertificate);
    authority.csr(&name(called), None).await.unwrap()
}

#[tokio::test]
async fn a_subordinate_that_openssl_signs_issues_what_openssl_accepts() {
    let (scene, authority) = scene().await;
    let elsewhere = Elsewhere::new(&scene);
    for key in [EcdsaP256, EcdsaP384, Rsa2048, Ed25519] {
        let called = key.name().to_ascii_lowercase();
        let request = pending(&authority, &called, key).await;
        let pem = elsewhere.sign(&request, OF_AUTHORITY);
        let imported = authority.import_certificate(&name(&called), None, pem.as_bytes()).await.unwrap();
        assert_eq!(imported.state(scene.clock.now()), State::Active);

        let request = Request { issuer: Some(name(&called)), ..super::world::request(ProfileKind::Server) };
        let chain = authority.issue(request).await.unwrap().chain().clone();
        assert_eq!(chain.certificates().len(), 2, "the root stays at home");
        let root = Chain::from_pem(&elsewhere.read("root.crt")).unwrap();
        openssl_accepts(scene.data.path(), &root, &chain, "sslserver", scene.clock.now()).unwrap();
    }
    let root = Chain::from_pem(&elsewhere.read("root.crt")).unwrap();
    let anchors = authority.trust_anchors().unwrap();
    let is_root = |certificate: &&Certificate| *certificate == root.leaf();
    assert_eq!(anchors.certificates().iter().filter(is_root).count(), 1, "who believes us believes it, once");
}

#[tokio::test]
async fn a_pending_authority_issues_nothing_and_says_what_it_waits_for() {
    let (_scene, authority) = scene().await;
    pending(&authority, "branch", EcdsaP256).await;
    let request = Request { issuer: Some(name("branch")), ..request(ProfileKind::Server) };
    let refused = authority.issue(request).await.unwrap_err();
    let AuthorityError::Refused(Refusal::AuthorityInactive { state, remedy, .. }) = refused else {
        panic!("{refused}");
    };
    assert_eq!(state, State::PendingCertificate);
    assert!(
        remedy.contains("hermetic ca csr branch") && remedy.contains("hermetic ca import branch"),
        "{remedy}"
    );
}

#[tokio::test]
async fn what_is_no_certificate_for_this_authority_is_refused_with_the_reason() {
    let (scene, authority) = scene().await;
    let elsewhere = Elsewhere::new(&scene);
    let request = pending(&authority, "branch", EcdsaP256).await;
    let right = elsewhere.sign(&request, OF_AUTHORITY);
    let sub = elsewhere.read("sub.crt");
    let root = elsewhere.read("root.crt");
    let leaf = elsewhere.sign(&request, "basicConstraints=critical,CA:FALSE\n");
    let lenient = elsewhere.sign(&request, &OF_AUTHORITY.replace("critical,CA", "CA"));
    let other = pending(&authority, "other", EcdsaP256).await;
    let others = elsewhere.sign(&other, OF_AUTHORITY);
    for (pem, told) in [
        (leaf.as_str(), "no authority"),
        (lenient.as_str(), "not critical"),
        (others.as_str(), "answers another request"),
        (sub.as_str(), "its root"),
        (root.as_str(), "answers another request"),
        ("nothing", "neither PEM"),
    ] {
        let refused = authority.import_certificate(&name("branch"), None, pem.as_bytes()).await.unwrap_err();
        assert!(refused.to_string().contains(told), "{told}: {refused}");
    }
    authority.import_certificate(&name("branch"), None, right.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn an_authority_that_is_signed_here_takes_no_certificate_from_elsewhere() {
    let (scene, authority) = scene().await;
    let elsewhere = Elsewhere::new(&scene);
    let request = authority.csr(&name("intermediate"), None).await.unwrap();
    let pem = elsewhere.sign(&request, OF_AUTHORITY);
    let refused =
        authority.import_certificate(&name("intermediate"), None, pem.as_bytes()).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::SignedHere { .. }), "{refused}");
}

#[tokio::test]
async fn a_newer_certificate_takes_the_place_of_one_that_ran_out() {
    let (scene, authority) = scene().await;
    let elsewhere = Elsewhere::new(&scene);
    let request = pending(&authority, "branch", EcdsaP256).await;
    let pem = elsewhere.sign(&request, OF_AUTHORITY);
    let imported = authority.import_certificate(&name("branch"), None, pem.as_bytes()).await.unwrap();
    let end = imported.not_after().unwrap();
    // Its life seen from beyond its end, and back when OpenSSL signs again.
    let now = scene.clock.now();
    scene.clock.set(end);
    assert_eq!(imported.state(scene.clock.now()), State::Expired);
    scene.clock.set(now);
    let again = authority.csr(&name("branch"), None).await.unwrap();
    let pem = elsewhere.sign(&again, OF_AUTHORITY);
    let renewed = authority.import_certificate(&name("branch"), None, pem.as_bytes()).await.unwrap();
    assert_eq!(renewed.state(now), State::Active);
    assert_eq!(renewed.certificate().unwrap().key(), imported.certificate().unwrap().key());
}

#[tokio::test]
async fn a_newer_certificate_under_another_subject_is_refused() {
    let (scene, authority) = scene().await;
    let elsewhere = Elsewhere::new(&scene);
    let request = pending(&authority, "branch", EcdsaP256).await;
    // The first may be called as whoever signs it pleases.
    let first = elsewhere.sign_with(&request, OF_AUTHORITY, "-subj /CN=Branch");
    let imported = authority.import_certificate(&name("branch"), None, first.as_bytes()).await.unwrap();
    assert_eq!(imported.subject(), "CN=Branch");
    let other = elsewhere.sign_with(&request, OF_AUTHORITY, "-subj /CN=Other");
    let refused = authority.import_certificate(&name("branch"), None, other.as_bytes()).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::OtherSubject { .. }), "{refused}");
    assert!(refused.to_string().contains("`CN=Other`, and what"), "{refused}");
    assert!(refused.to_string().contains("`hermetic ca csr branch`"), "{refused}");
    let again = authority.csr(&name("branch"), None).await.unwrap();
    let pem = elsewhere.sign(&again, OF_AUTHORITY);
    authority.import_certificate(&name("branch"), None, pem.as_bytes()).await.unwrap();
}
