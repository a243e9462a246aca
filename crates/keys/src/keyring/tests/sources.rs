//! Where the key-encryption key comes from.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::*;

#[tokio::test]
async fn a_fresh_key_file_is_for_its_owner_only() {
    let folder = Folder::new().await;
    let metadata = fs::metadata(folder.path()).unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o600, 32));
}

#[tokio::test]
async fn a_key_file_that_is_there_is_taken_and_not_replaced() {
    let folder = Folder::new().await;
    let before = fs::read(folder.path()).unwrap();
    let (_, record) = Keyring::create(&folder.source()).await.unwrap();
    assert_eq!(fs::read(folder.path()).unwrap(), before);
    Keyring::unlock(&folder.source(), &record).await.unwrap();
}

#[tokio::test]
async fn a_missing_key_file_is_not_made_where_something_is_sealed() {
    let folder = Folder::new().await;
    fs::remove_file(folder.path()).unwrap();
    let refused = Keyring::unlock(&folder.source(), &folder.record).await.unwrap_err();
    assert_eq!(refused, KeyringError::FileMissing(folder.path().display().to_string()));
    assert!(!folder.path().exists());
}

#[tokio::test]
async fn the_key_file_of_another_store_is_refused_before_anything_is_opened() {
    let (one, other) = (Folder::new().await, Folder::new().await);
    let refused = Keyring::unlock(&other.source(), &one.record).await.unwrap_err();
    assert_eq!(refused, KeyringError::WrongFile(other.path().display().to_string()));
}

#[tokio::test]
async fn a_file_of_something_else_is_refused() {
    let folder = Folder::new().await;
    for content in [&[0; 31][..], &[0; 33]] {
        fs::write(folder.path(), content).unwrap();
        let refused = Keyring::unlock(&folder.source(), &folder.record).await.unwrap_err();
        assert_eq!(refused, KeyringError::FileLength(folder.path().display().to_string()));
    }
}

#[tokio::test]
async fn a_passphrase_opens_what_it_sealed_and_another_is_refused() {
    let (keyring, record) = Keyring::create(&passphrase("eight or more")).await.unwrap();
    let sealed = keyring.seal(EDGE, b"secret").await.unwrap();
    // As the store keeps it.
    let record: KeyringRecord = record.to_string().parse().unwrap();
    let again = Keyring::unlock(&passphrase("eight or more"), &record).await.unwrap();
    assert_eq!(*again.open(EDGE, &sealed).await.unwrap(), b"secret");
    let refused = Keyring::unlock(&passphrase("Eight or more"), &record).await.unwrap_err();
    assert_eq!(refused, KeyringError::WrongPassphrase);
}

#[tokio::test]
async fn two_stores_under_one_passphrase_have_different_keys() {
    let [one, other] = [(); 2].map(|()| passphrase("eight or more"));
    let (one, one_record) = Keyring::create(&one).await.unwrap();
    let (_, other_record) = Keyring::create(&other).await.unwrap();
    assert_ne!(one_record.derivation(), other_record.derivation());
    let mixed = KeyringRecord::new(
        SourceKind::Passphrase,
        other_record.derivation().cloned(),
        one_record.check().to_vec(),
    );
    assert_eq!(one_record.to_string().parse(), Ok(one_record));
    let refused = Keyring::unlock(&passphrase("eight or more"), &mixed).await.unwrap_err();
    assert_eq!(refused, KeyringError::WrongPassphrase);
    drop(one);
}

#[tokio::test]
async fn a_short_passphrase_seals_nothing() {
    let refused = Keyring::create(&passphrase("seven c")).await.unwrap_err();
    assert_eq!(refused, KeyringError::ShortPassphrase);
}

#[tokio::test]
async fn a_passphrase_comes_from_a_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase");
    fs::write(&path, "eight or more\n").unwrap();
    let (_, record) = Keyring::create(&passphrase("eight or more")).await.unwrap();
    let of_file = KeySource::Passphrase(PassphraseSource::File(path.clone()));
    Keyring::unlock(&of_file, &record).await.unwrap();
    fs::remove_file(&path).unwrap();
    let refused = Keyring::unlock(&of_file, &record).await.unwrap_err();
    assert!(refused.to_string().starts_with(&path.display().to_string()), "{refused}");
}

#[tokio::test]
async fn another_kind_of_source_than_the_recorded_one_is_refused() {
    let folder = Folder::new().await;
    let refused = Keyring::unlock(&passphrase("eight or more"), &folder.record).await.unwrap_err();
    let (recorded, configured) = (SourceKind::File, SourceKind::Passphrase);
    assert_eq!(refused, KeyringError::OtherSource { recorded, configured });
}

#[tokio::test]
async fn a_credential_of_systemd_opens_what_it_sealed_and_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let credential = |name: &str, byte: u8| {
        fs::write(folder.path().join(name), [byte; 32]).unwrap();
        KeySource::Credential { directory: folder.path().to_owned(), name: name.to_owned() }
    };
    let (_, record) = Keyring::create(&credential("hermetic-key", 1)).await.unwrap();
    Keyring::unlock(&credential("hermetic-key", 1), &record).await.unwrap();
    let refused = Keyring::unlock(&credential("another", 2), &record).await.unwrap_err();
    assert_eq!(refused, KeyringError::WrongFile(folder.path().join("another").display().to_string()));
}

#[tokio::test]
async fn a_missing_credential_is_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        KeySource::Credential { directory: folder.path().to_owned(), name: "hermetic-key".to_owned() };
    let refused = Keyring::create(&source).await.unwrap_err();
    let path = folder.path().join("hermetic-key");
    assert_eq!(refused, KeyringError::FileMissing(path.display().to_string()));
}

/// Runs one test of this file alone, with systemd's variable set or not.
fn with_credentials_directory(test: &str, directory: Option<&str>) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("keyring::tests::sources::{test}"), "--ignored"]);
    child.env_remove("CREDENTIALS_DIRECTORY").envs(directory.map(|at| ("CREDENTIALS_DIRECTORY", at)));
    let output = child.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[test]
fn systemd_says_where_credentials_are() {
    with_credentials_directory("in_a_process_of_systemd", Some("/run/credentials/hermetic.service"));
    with_credentials_directory("in_another_process", None);
}

#[test]
#[ignore = "runs in a process of its own, from the test above"]
fn in_a_process_of_systemd() {
    let KeySource::Credential { directory, name } = KeySource::systemd_credential("hermetic-key").unwrap()
    else {
        panic!("another source");
    };
    assert_eq!(directory.join(name), PathBuf::from("/run/credentials/hermetic.service/hermetic-key"));
}

#[test]
#[ignore = "runs in a process of its own, from the test above"]
fn in_another_process() {
    let refused = KeySource::systemd_credential("hermetic-key").unwrap_err();
    assert_eq!(refused, KeyringError::NoCredentials("hermetic-key".to_owned()));
}
