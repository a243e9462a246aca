mod before;
mod changing;
mod sources;

use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::passphrase::{Passphrase, PassphraseSource};

pub(super) const EDGE: Owner<'_> = Owner::Certificate("0a");

/// A folder with a key file in it, and the keyring of that.
pub(super) struct Folder {
    pub(super) folder: tempfile::TempDir,
    pub(super) keyring: Keyring,
    pub(super) record: KeyringRecord,
}

impl Folder {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (keyring, record) = Keyring::create(&KeySource::File(folder.path().join("key"))).await.unwrap();
        Self { folder, keyring, record }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    pub(super) fn source(&self) -> KeySource {
        KeySource::File(self.path())
    }
}

pub(super) fn passphrase(text: &str) -> KeySource {
    KeySource::Passphrase(PassphraseSource::Given(Passphrase::new(text).unwrap()))
}

#[tokio::test]
async fn the_key_of_one_does_not_open_as_anothers() {
    let keyring = Folder::new().await.keyring;
    let root = |generation| Owner::Authority { name: "root", generation };
    let owners = [EDGE, Owner::Certificate("0b"), root(1), root(2), Owner::Keyring];
    for owner in owners {
        let sealed = keyring.seal(owner, b"secret").await.unwrap();
        for other in owners {
            let opened = keyring.open(other, &sealed).await;
            match owner == other {
                true => assert_eq!(*opened.unwrap(), b"secret"),
                false => assert_eq!(opened.unwrap_err(), KeyringError::Altered, "{owner:?} {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn the_same_secret_is_sealed_under_another_data_key_each_time() {
    let keyring = Folder::new().await.keyring;
    let [one, other] =
        [keyring.seal(EDGE, b"secret").await.unwrap(), keyring.seal(EDGE, b"secret").await.unwrap()];
    let (Sealed::Envelope { id, wrapped, .. }, Sealed::Envelope { data, .. }) =
        (Sealed::read(&one).unwrap(), Sealed::read(&other).unwrap())
    else {
        panic!("not enveloped");
    };
    let mixed = Sealed::Envelope { id, wrapped, data }.write().unwrap();
    assert_eq!(keyring.open(EDGE, &mixed).await.unwrap_err(), KeyringError::Altered);
}

#[tokio::test]
async fn a_secret_stays_with_its_store_and_its_purpose() {
    let (one, other) = (Folder::new().await, Folder::new().await);
    let again = Keyring::unlock(&one.source(), &one.record).await.unwrap();
    assert_eq!(one.keyring.secret("mock").unwrap(), again.secret("mock").unwrap());
    assert_ne!(one.keyring.secret("mock").unwrap(), again.secret("another").unwrap());
    assert_ne!(one.keyring.secret("mock").unwrap(), other.keyring.secret("mock").unwrap());
}

#[tokio::test]
async fn what_another_store_sealed_is_refused_by_its_key() {
    let (one, other) = (Folder::new().await, Folder::new().await);
    let sealed = one.keyring.seal(EDGE, b"secret").await.unwrap();
    let refused = other.keyring.open(EDGE, &sealed).await.unwrap_err();
    assert_eq!(refused, KeyringError::OtherKey { sealed: one.keyring.id(), held: other.keyring.id() });
}

#[tokio::test]
async fn what_another_store_sealed_under_the_same_key_file_does_not_open_by_a_new_name() {
    let one = Folder::new().await;
    let (other, _) = Keyring::create(&one.source()).await.unwrap();
    let sealed = one.keyring.seal(EDGE, b"secret").await.unwrap();
    let Sealed::Envelope { wrapped, data, .. } = Sealed::read(&sealed).unwrap() else {
        panic!("not enveloped");
    };
    let renamed = Sealed::Envelope { id: other.id(), wrapped, data }.write().unwrap();
    assert_eq!(other.open(EDGE, &renamed).await.unwrap_err(), KeyringError::Altered);
}

#[tokio::test]
async fn nothing_secret_is_shown_when_debugged() {
    let folder = Folder::new().await;
    let shown = format!("{:?}", folder.keyring);
    assert_eq!(shown, format!("Keyring {{ id: {}, .. }}", folder.keyring.id()));
}

/// One keyring for all cases of a property: a folder for each would wait for the disk.
fn shared() -> (&'static Keyring, tokio::runtime::Runtime) {
    static SHARED: OnceLock<Keyring> = OnceLock::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    (SHARED.get_or_init(|| runtime.block_on(Folder::new()).keyring), runtime)
}

proptest! {
    #[test]
    fn nothing_that_was_altered_or_cut_opens(
        secret in prop::collection::vec(any::<u8>(), 0..64), at: prop::sample::Index, flip in 1_u8..,
    ) {
        let (keyring, runtime) = shared();
        let open = |sealed: &[u8]| runtime.block_on(keyring.open(EDGE, sealed));
        let sealed = runtime.block_on(keyring.seal(EDGE, &secret)).unwrap();
        prop_assert_eq!(&*open(&sealed).unwrap(), &secret);
        let at = at.index(sealed.len());
        let mut altered = sealed.clone();
        altered[at] ^= flip;
        prop_assert!(open(&altered).is_err());
        prop_assert!(open(&sealed[..at]).is_err());
    }

    #[test]
    fn no_bytes_open_or_panic(bytes in prop::collection::vec(any::<u8>(), 0..128)) {
        let (keyring, runtime) = shared();
        prop_assert!(runtime.block_on(keyring.open(EDGE, &bytes)).is_err());
    }

    #[test]
    fn a_record_that_is_read_is_written_the_same(
        text in "1 (file|passphrase|other) ([A-Za-z0-9+/]{4}){0,8}( .{0,40}| \\$argon2id\\$v=19\\$m=8,t=1,p=1\\$([A-Z]{4}){5}AA)?",
    ) {
        if let Ok(record) = text.parse::<KeyringRecord>() {
            prop_assert_eq!(record.to_string(), text);
        }
    }
}
