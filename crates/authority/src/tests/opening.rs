//! First starts, later starts, and folders that are not as they were.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use hermetic_tls::PrivateKey;
use hermetic_x509::ProfileKind;

use super::world::*;
use crate::AuthorityError;

async fn reopened_with_key(scene: &Scene, key: Option<&[u8]>) -> String {
    drop(scene.open().await);
    match key {
        Some(bytes) => fs::write(scene.path("key"), bytes).unwrap(),
        None => fs::remove_file(scene.path("key")).unwrap(),
    }
    match scene.try_open().await {
        Err(AuthorityError::Keyring(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_start_on_a_folder_has_the_same_root() {
    let scene = Scene::new(TestClock::standing());
    let (first, store) = scene.open().await;
    let (root, intermediate) = (root_of(&first), first.issuer().unwrap());
    drop((first, store));
    let (second, store) = scene.open().await;
    assert_eq!((root_of(&second), second.issuer().unwrap()), (root, intermediate));
    let kinds: Vec<_> = store.journal(1, 9).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        ["authority.created", "certificate.intended", "certificate.issued", "authority.created"]
    );
}

#[tokio::test]
async fn two_folders_have_two_roots() {
    let (one, two) = (Scene::new(TestClock::standing()), Scene::new(TestClock::standing()));
    let ((one, _s), (two, _t)) = (one.open().await, two.open().await);
    assert_ne!(root_of(&one).leaf().subject, root_of(&two).leaf().subject);
}

#[tokio::test]
async fn the_key_file_is_private_and_the_root_is_for_everybody() {
    let scene = Scene::new(TestClock::standing());
    let _open = scene.open().await;
    let mode = |name| fs::metadata(scene.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("key"), 0o600);
    assert_eq!(mode("ca.pem") & 0o600, 0o600);
    let names: Vec<_> = fs::read_dir(scene.data.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!names.iter().any(|name| name.extension().is_some_and(|end| end == "new")), "{names:?}");
}

#[tokio::test]
async fn another_key_file_opens_nothing_and_says_so() {
    let scene = Scene::new(TestClock::standing());
    let reason = reopened_with_key(&scene, Some(&[7; 32])).await;
    assert!(reason.contains("is not the one that the store's keys are sealed under"), "{reason}");
    let store = hermetic_store::Store::open(scene.data.path()).await.unwrap();
    let last = store.latest_entries(1, |_| true).await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), &last.body["result"]), ("request.refused", &reason.into()));
}

#[tokio::test]
async fn a_cut_key_file_opens_nothing_and_says_so() {
    let scene = Scene::new(TestClock::standing());
    let reason = reopened_with_key(&scene, Some(&[7; 31])).await;
    assert!(reason.contains("does not hold 32 bytes"), "{reason}");
}

#[tokio::test]
async fn a_lost_key_file_is_not_made_anew() {
    let scene = Scene::new(TestClock::standing());
    let reason = reopened_with_key(&scene, None).await;
    assert!(reason.contains("is missing"), "{reason}");
    assert!(!scene.path("key").exists());
}

#[tokio::test]
async fn a_crash_before_the_authorities_were_recorded_leaves_a_folder_that_starts() {
    let scene = Scene::new(TestClock::standing());
    fs::write(scene.path("key"), [7; 32]).unwrap();
    fs::write(scene.path("key.new"), [8; 3]).unwrap();
    let (authority, store) = scene.open().await;
    authority.issue(crate::tests::world::request(ProfileKind::Server)).await.unwrap();
    assert_eq!(store.authorities().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_root_file_that_was_lost_or_changed_is_written_again() {
    let scene = Scene::new(TestClock::standing());
    drop(scene.open().await);
    for damage in [None, Some("another root")] {
        match damage {
            None => fs::remove_file(scene.path("ca.pem")).unwrap(),
            Some(text) => fs::write(scene.path("ca.pem"), text).unwrap(),
        }
        let (authority, _store) = scene.open().await;
        assert_eq!(fs::read_to_string(scene.path("ca.pem")).unwrap(), root_of(&authority).to_pem());
    }
}

#[tokio::test]
async fn a_key_at_rest_opens_to_the_key_of_its_certificate() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let before = authority.maintain(request(ProfileKind::Both)).await.unwrap().load();
    drop((authority, _store));
    let (authority, _store) = scene.open().await;
    let after = authority.maintain(request(ProfileKind::Both)).await.unwrap().load();
    assert_eq!(after.chain(), before.chain());
    let exposed = |key: &PrivateKey| key.expose_der().to_vec();
    assert_eq!(exposed(after.key()), exposed(before.key()));
}
