//! The key-encryption key is changed.

use super::*;

fn other_file(old: &Folder) -> KeySource {
    KeySource::File(old.folder.path().join("other"))
}

#[tokio::test]
async fn what_is_rewrapped_opens_under_the_new_key_only() {
    let old = Folder::new().await;
    let source = passphrase("eight or more");
    let (new, record) = old.keyring.successor(&source).await.unwrap();
    let sealed = old.keyring.seal(EDGE, b"secret").await.unwrap();
    let rewrapped = new.rewrap(EDGE, &sealed, &old.keyring).await.unwrap();

    let unlocked = Keyring::unlock(&source, &record).await.unwrap();
    assert_eq!(*unlocked.open(EDGE, &rewrapped).await.unwrap(), b"secret");
    let refused = old.keyring.open(EDGE, &rewrapped).await.unwrap_err();
    assert!(matches!(refused, KeyringError::OtherKey { .. }), "{refused}");
}

#[tokio::test]
async fn what_is_rewrapped_keeps_its_ciphertext() {
    let old = Folder::new().await;
    let (new, _) = old.keyring.successor(&other_file(&old)).await.unwrap();
    let sealed = old.keyring.seal(EDGE, b"secret").await.unwrap();
    let rewrapped = new.rewrap(EDGE, &sealed, &old.keyring).await.unwrap();
    let data = |sealed| match Sealed::read(sealed).unwrap() {
        Sealed::Envelope { data, .. } => data.to_vec(),
        Sealed::Direct(_) => panic!("not enveloped"),
    };
    assert_eq!(data(&sealed), data(&rewrapped));
}

#[tokio::test]
async fn a_change_that_was_cut_short_can_be_begun_anew() {
    let old = Folder::new().await;
    let (new, _) = old.keyring.successor(&other_file(&old)).await.unwrap();
    let sealed = old.keyring.seal(EDGE, b"secret").await.unwrap();
    let once = new.rewrap(EDGE, &sealed, &old.keyring).await.unwrap();
    assert_eq!(new.rewrap(EDGE, &once, &old.keyring).await.unwrap(), once);
}

#[tokio::test]
async fn what_neither_sealed_is_not_rewrapped() {
    let (old, stranger) = (Folder::new().await, Folder::new().await);
    let (new, _) = old.keyring.successor(&other_file(&old)).await.unwrap();
    let sealed = stranger.keyring.seal(EDGE, b"secret").await.unwrap();
    let refused = new.rewrap(EDGE, &sealed, &old.keyring).await.unwrap_err();
    assert!(matches!(refused, KeyringError::OtherKey { .. }), "{refused}");
}

#[tokio::test]
async fn the_new_keyring_derives_the_same_secrets() {
    let old = Folder::new().await;
    let (new, record) = old.keyring.successor(&other_file(&old)).await.unwrap();
    let unlocked = Keyring::unlock(&other_file(&old), &record).await.unwrap();
    for keyring in [new, unlocked] {
        assert_eq!(keyring.secret("mock").unwrap(), old.keyring.secret("mock").unwrap());
    }
}
