//! Authorities whose keys are ML-DSA (FIPS 204).

use hermetic_keys::KeyAlgorithm;
use hermetic_x509::{ProfileKind, take_apart};

use super::authorities::name;
use super::world::*;
use crate::{CertificateAuthority, NewAuthority, Request};

/// Whether one certificate bears the signature of another's key.
fn signed(by: &CertificateAuthority, der: &[u8]) -> bool {
    let certificate = take_apart(der).unwrap();
    let key = by.certificate().unwrap().key();
    key.verifies(key.algorithm().signature(), &certificate.to_be_signed, &certificate.signature)
}

#[tokio::test]
async fn an_estate_of_ml_dsa_authorities_issues_and_is_there_again_after_a_restart() {
    let scene = Scene::new(TestClock::standing());
    for key in [KeyAlgorithm::MlDsa44, KeyAlgorithm::MlDsa65, KeyAlgorithm::MlDsa87] {
        let called = |role: &str| name(&format!("{role}-{}", key.name().to_ascii_lowercase()));
        let (authority, store) = scene.open().await;
        let root = NewAuthority { key, ..NewAuthority::root(called("root")) };
        let root = authority.create(root).await.unwrap();
        let issuing = NewAuthority { key, ..NewAuthority::under(called("issuing"), called("root")) };
        authority.create(issuing).await.unwrap();
        drop((authority, store));

        let (authority, _store) = scene.open().await;
        let issuing = authority.authorities().into_iter().find(|a| *a.name() == called("issuing")).unwrap();
        assert_eq!(issuing.key_algorithm(), key);
        assert!(signed(&root, &issuing.chain().unwrap().leaf().der));
        let wanted = Request { issuer: Some(called("issuing")), ..request(ProfileKind::Server) };
        let leaf = authority.issue(wanted).await.unwrap();
        assert!(signed(&issuing, &leaf.chain().leaf().der));
    }
}
