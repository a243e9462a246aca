//! First starts, later starts, and folders that are not as they were.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use hermetic_tls::PrivateKey;

use super::world::*;
use crate::{AuthorityError, Usage};

async fn reopened_with_key(scene: &Scene, key: Option<&[u8]>) -> String {
    drop(scene.open().await);
    match key {
        Some(bytes) => fs::write(scene.path("key"), bytes).unwrap(),
        None => fs::remove_file(scene.path("key")).unwrap(),
    }
    match scene.try_open().await {
        Err(AuthorityError::SealedKey { path, reason }) => {
            assert_eq!(path, scene.data.path().display().to_string());
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_start_on_a_folder_has_the_same_root() {
    let scene = Scene::new(TestClock::standing());
    let (first, store) = scene.open().await;
    let (root, intermediate) = (first.root(), first.intermediate());
    drop((first, store));
    let (second, store) = scene.open().await;
    assert_eq!((second.root(), second.intermediate()), (root, intermediate));
    let kinds: Vec<_> = store.journal(1, 9).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["authority.created"; 2]);
}

#[tokio::test]
async fn two_folders_have_two_roots() {
    let (one, two) = (Scene::new(TestClock::standing()), Scene::new(TestClock::standing()));
    let ((one, _s), (two, _t)) = (one.open().await, two.open().await);
    assert_ne!(one.root().leaf().subject, two.root().leaf().subject);
}

#[tokio::test]
async fn the_key_file_is_private_and_the_root_is_for_everybody() {
    let scene = Scene::new(TestClock::standing());
    let _open = scene.open().await;
    let mode = |name| fs::metadata(scene.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("key"), 0o600);
    assert_eq!(mode("ca.pem") & 0o600, 0o600);
    assert!(!scene.path("key.new").exists() && !scene.path("ca.pem.new").exists());
}

#[tokio::test]
async fn another_key_file_opens_nothing_and_says_so() {
    let scene = Scene::new(TestClock::standing());
    let reason = reopened_with_key(&scene, Some(&[7; 32])).await;
    assert!(reason.contains("not the one it was sealed with"), "{reason}");
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
    authority.issue(crate::tests::world::request(Usage::Server)).await.unwrap();
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
        assert_eq!(fs::read_to_string(scene.path("ca.pem")).unwrap(), authority.root().to_pem());
    }
}

#[tokio::test]
async fn a_key_at_rest_opens_to_the_key_of_its_certificate() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let before = authority.maintain(request(Usage::Both)).await.unwrap().load();
    drop((authority, _store));
    let (authority, _store) = scene.open().await;
    let after = authority.maintain(request(Usage::Both)).await.unwrap().load();
    assert_eq!(after.chain(), before.chain());
    let exposed = |key: &PrivateKey| key.expose_der().to_vec();
    assert_eq!(exposed(after.key()), exposed(before.key()));
}
