//! Certificates for keys in certification requests, as OpenSSL writes them.

use hermetic_tls::Clock;
use hermetic_x509::{
    CertificationRequest, CertificationRequestError, Disapproval, NameRule, NameRules, Profile, ProfileKind,
    assemble,
};

use super::authorities::name;
use super::world::*;
use crate::{Authority, AuthorityError, NewAuthority, Profiles, Refusal, Request, Terms};

/// A request by OpenSSL with a fresh key of this kind, for these alternative names.
fn csr(scene: &Scene, key: &str, names: &str) -> Vec<u8> {
    let at = |name: &str| scene.path(name).to_str().unwrap().to_owned();
    let names = format!("subjectAltName={names}");
    let mut arguments = vec!["req", "-new", "-nodes", "-subj", "/CN=shop.example.com", "-addext", &names];
    arguments.extend(key.split(' '));
    let (out, keyout) = (at("leaf.csr"), at("leaf.key"));
    arguments.extend(["-out", &out, "-keyout", &keyout]);
    openssl(&arguments).unwrap();
    std::fs::read(scene.path("leaf.csr")).unwrap()
}

const P256: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";

fn bare(subject: &str) -> Request {
    Request::new(subject, ProfileKind::Server, Vec::new()).living(DAY)
}

async fn refusal(authority: &Authority, csr: &[u8], request: Request) -> Refusal {
    match authority.issue_request(csr, request).await {
        Err(AuthorityError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Only names below `example.com`.
fn rules(authority: &Authority) {
    let allow = vec![NameRule::subdomain("example.com").unwrap()];
    let deny = vec![NameRule::exact("admin.example.com").unwrap()];
    let web =
        Profile::built_in(ProfileKind::Server).derived("web").unwrap().with_names(NameRules { allow, deny });
    authority.follow(Terms { profiles: Profiles::with([web]), ..Terms::default() });
}

#[tokio::test]
async fn openssl_accepts_what_is_issued_for_its_own_keys() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    for key in [
        P256,
        "-newkey ec -pkeyopt ec_paramgen_curve:P-384",
        "-newkey rsa:2048",
        "-newkey rsa:3072",
        "-newkey ed25519",
    ] {
        let csr = csr(&scene, key, "DNS:shop.example.com,IP:127.0.0.1");
        let issued = authority.issue_request(&csr, bare(key)).await.unwrap();
        let chain = issued.chain().unwrap();
        let told: Vec<_> = chain.leaf().identities.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["dns:shop.example.com", "ip:127.0.0.1"]);
        openssl_accepts(scene.data.path(), &root_of(&authority), &chain, "sslserver", scene.clock.now())
            .unwrap();
        let record = store.certificate(&issued.serial().to_string()).await.unwrap().unwrap();
        assert_eq!((record.sealed_key, record.subject.as_str()), (None, key));
        assert_eq!(record.certificate.unwrap(), issued.certificate());
    }
}

#[tokio::test]
async fn names_of_request_and_certification_request_are_merged_and_judged_together() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    rules(&authority);
    let web = |subject: &str, extra: &str| Request {
        profile: "web".to_owned(),
        identities: vec![extra.parse().unwrap()],
        ..bare(subject)
    };
    let good = csr(&scene, P256, "DNS:shop.example.com");
    let issued = authority.issue_request(&good, web("shop", "dns:www.example.com")).await.unwrap();
    assert_eq!(issued.chain().unwrap().leaf().identities.len(), 2);

    for (csr, extra, told) in [
        (csr(&scene, P256, "DNS:evil.example.org"), "dns:www.example.com", "evil.example.org"),
        (csr(&scene, P256, "IP:10.0.0.1"), "dns:www.example.com", "10.0.0.1"),
        (csr(&scene, P256, "DNS:shop.example.com"), "dns:evil.example.org", "evil.example.org"),
        (csr(&scene, P256, "DNS:admin.example.com"), "dns:www.example.com", "denied"),
        (csr(&scene, P256, "DNS:*.example.com"), "dns:www.example.com", "*.example.com"),
    ] {
        let refused = refusal(&authority, &csr, web("evil", extra)).await;
        assert!(matches!(refused, Refusal::Disapproved(Disapproval::Profile { .. })), "{refused}");
        assert!(refused.to_string().contains(told), "{told}: {refused}");
    }
    assert_eq!(of_parties(&store).await.len(), 1);
}

#[tokio::test]
async fn a_request_with_a_broken_signature_is_refused() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let pem = csr(&scene, P256, "DNS:shop.example.com");
    let der = scene.path("leaf.der");
    let (from, to) = (scene.path("leaf.csr"), der.to_str().unwrap().to_owned());
    openssl(&["req", "-in", from.to_str().unwrap(), "-outform", "DER", "-out", &to]).unwrap();
    let mut broken = std::fs::read(der).unwrap();
    authority.issue_request(&pem, bare("shop")).await.unwrap();
    *broken.last_mut().unwrap() ^= 1;
    let refused = refusal(&authority, &broken, bare("shop")).await;
    let expected = Refusal::CertificationRequest(CertificationRequestError::BrokenSignature);
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn a_weak_key_is_refused() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let csr = csr(&scene, "-newkey rsa:1024", "DNS:shop.example.com");
    let refused = refusal(&authority, &csr, bare("shop")).await;
    assert!(matches!(refused, Refusal::CertificationRequest(CertificationRequestError::Key(_))), "{refused}");
    assert!(refused.to_string().contains("1024"), "{refused}");
}

#[tokio::test]
async fn a_key_that_another_party_has_is_refused_and_its_own_is_not() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let csr = csr(&scene, P256, "DNS:shop.example.com");
    authority.issue_request(&csr, bare("shop")).await.unwrap();
    authority.issue_request(&csr, bare("shop")).await.unwrap();
    let refused = refusal(&authority, &csr, bare("somebody else")).await;
    assert_eq!(refused, Refusal::KeyUsedBefore { subject: "shop".to_owned() });
    assert_eq!(of_parties(&store).await.len(), 2);
}

#[tokio::test]
async fn the_key_of_an_authority_is_refused() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.create(NewAuthority::signed_elsewhere(name("pending"))).await.unwrap();
    for it in ["root", "intermediate", "pending"] {
        let csr = authority.csr(&name(it), None).await.unwrap();
        let refused = refusal(&authority, &csr, bare("shop")).await;
        assert!(matches!(refused, Refusal::Disapproved(Disapproval::ForAnAuthority(_))), "{refused}");
    }
    // The same keys in requests that do not ask to be an authority.
    for it in authority.authorities() {
        let key = it.signer(&authority.inner.keys).await.unwrap();
        let subject = "CN=shop".parse().unwrap();
        let names = ["shop.example.com".parse().unwrap()];
        let tbs = CertificationRequest::of_party(&subject, &names, key.public_key()).unwrap();
        let signature = key.sign(&tbs).await.unwrap();
        let csr = assemble(&tbs, key.algorithm(), &signature, key.public_key()).unwrap();
        assert_eq!(refusal(&authority, &csr, bare("shop")).await, Refusal::KeyOfAuthority(it.name().clone()));
    }
}

#[tokio::test]
async fn a_refused_request_stands_in_the_journal_with_its_reason() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let csr = csr(&scene, P256, "DNS:shop.example.com");
    let request = Request { requester: "somebody".to_owned(), profile: "nowhere".to_owned(), ..bare("shop") };
    refusal(&authority, &csr, request).await;
    let entry = store.journal(1, 100).await.unwrap().pop().unwrap();
    assert_eq!(entry.kind, "request.refused");
    assert_eq!((&entry.body["subject"], &entry.body["requester"]), (&"shop".into(), &"somebody".into()));
    assert!(entry.body["result"].as_str().unwrap().contains("no profile `nowhere`"), "{}", entry.body);
}
