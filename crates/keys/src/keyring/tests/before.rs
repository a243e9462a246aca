//! Stores from before there were envelopes. What is opened here, the release before sealed.

use jiff::Timestamp;

use super::*;

const SEALED_FOR_AUTHORITY: &str =
    "015555a9c508a3389e26a067575f36d3922c30d50a26fcb171da63849146dfef2d2066a5b5469f29";
const SEALED_FOR_CERTIFICATE: &str =
    "011bec27e97a661b47a28cdf76e4d8b5f5d192dadf28fbbdab392af44f7821c4934d4603b7de0d9fd5dc";
const SEALED_FOR_TICKETS: &str = "01f2b44390181a5523b41d329efcbcc1d80ae40c6ac40a8c4e07f7f8a52e93a84a412b873b";
const SECRET: &str = "2ecc8f3c29395bcc3d2734eb01762353533545704d47f4285350495d8396307e";

const ROOT: Owner<'_> = Owner::Authority { name: "root", generation: 1 };

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// A folder with the key file of those stores.
fn folder() -> (tempfile::TempDir, KeySource) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, (0..32).collect::<Vec<u8>>()).unwrap();
    (folder, KeySource::File(path))
}

#[tokio::test]
async fn what_a_release_before_sealed_opens_and_its_secrets_are_the_same() {
    let (_folder, source) = folder();
    let (adopted, record) = Keyring::adopt(&source).await.unwrap();
    let unlocked = Keyring::unlock(&source, &record).await.unwrap();
    for keyring in [adopted, unlocked] {
        let tickets = Owner::Tickets(Timestamp::from_second(1_700_000_000).unwrap());
        for (owner, sealed, secret) in [
            (ROOT, SEALED_FOR_AUTHORITY, &b"authority's"[..]),
            (EDGE, SEALED_FOR_CERTIFICATE, b"certificate's"),
            (tickets, SEALED_FOR_TICKETS, b"tickets'"),
        ] {
            assert_eq!(*keyring.open(owner, &bytes(sealed)).await.unwrap(), secret);
        }
        assert_eq!(
            keyring.open(EDGE, &bytes(SEALED_FOR_AUTHORITY)).await.unwrap_err(),
            KeyringError::Altered
        );
        assert_eq!(*keyring.secret("mock").unwrap(), *bytes(SECRET));
    }
}

#[tokio::test]
async fn what_a_release_before_sealed_gets_an_envelope_when_it_is_rewrapped() {
    let (folder, source) = folder();
    let (old, _) = Keyring::adopt(&source).await.unwrap();
    let (new, _) = old.successor(&KeySource::File(folder.path().join("other"))).await.unwrap();
    let sealed = new.rewrap(ROOT, &bytes(SEALED_FOR_AUTHORITY), &old).await.unwrap();
    assert_eq!(*new.open(ROOT, &sealed).await.unwrap(), b"authority's");
    assert_eq!(*new.secret("mock").unwrap(), *bytes(SECRET));
}

#[tokio::test]
async fn a_store_from_before_is_never_given_a_new_key_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let refused = Keyring::adopt(&KeySource::File(path.clone())).await.unwrap_err();
    assert_eq!(refused, KeyringError::FileMissing(path.display().to_string()));
    assert!(!path.exists());
}

#[tokio::test]
async fn a_store_from_before_has_a_key_file_and_nothing_else() {
    let refused = Keyring::adopt(&passphrase("eight or more")).await.unwrap_err();
    let told = refused.to_string();
    assert!(told.contains("under a key file, but a passphrase is configured"), "{told}");
}
