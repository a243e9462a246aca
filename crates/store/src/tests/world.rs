//! A place for a store, and what is put into it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

use super::postgres::Postgres;
use crate::*;

pub(super) const NOON: Timestamp = Timestamp::constant(1_790_000_000, 123_456_789);

/// A scenario, on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($world:ident: World) $scenario:block)*) => {$(
        $(#[$about])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn scenario($world: World) $scenario

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                scenario(World::new()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                scenario(World::in_postgres()).await;
            }
        }
    )*};
}
pub(super) use on_both;

/// A place for a store.
#[derive(Debug)]
pub(super) struct World {
    data: TempDir,
    /// A data folder for a second node.
    other: TempDir,
    pub(super) server: Option<Postgres>,
}

impl World {
    pub(super) fn new() -> Self {
        Self { data: tempfile::tempdir().unwrap(), other: tempfile::tempdir().unwrap(), server: None }
    }

    pub(super) fn in_postgres() -> Self {
        Self::at(Postgres::start())
    }

    pub(super) fn at(server: Postgres) -> Self {
        Self { server: Some(server), ..Self::new() }
    }

    pub(super) fn path(&self) -> &Path {
        self.data.path()
    }

    pub(super) fn place(&self) -> StorePlace {
        StorePlace::of(self.path(), self.server.as_ref().map(|server| server.url()).as_ref())
    }

    pub(super) async fn open(&self) -> Store {
        Store::open(self.place()).await.unwrap()
    }

    /// A second one beside it: in PostgreSQL a node with a data folder of its own.
    pub(super) async fn beside(&self) -> Store {
        match &self.server {
            None => Store::open_beside(self.path()).await.unwrap(),
            Some(server) => {
                Store::open(StorePlace::of(self.other.path(), Some(&server.url()))).await.unwrap()
            }
        }
    }

    /// One with an authority that signs.
    pub(super) async fn with_authority(&self) -> Store {
        let store = self.open().await;
        store.create_authorities(vec![authority("root"), authority("intermediate")]).await.unwrap();
        store
    }

    /// Keeps a copy of a database that nobody has open, as whoever copies files or dumps does.
    pub(super) fn copy(&self) -> PathBuf {
        let copy = self.path().join("copy");
        match &self.server {
            None => drop(std::fs::copy(self.path().join("hermetic.db"), &copy).unwrap()),
            Some(server) => server.dump(&copy),
        }
        copy
    }

    /// Puts a copy in the place of the database, past the store.
    pub(super) fn put_back(&self, copy: &Path) {
        match &self.server {
            None => drop(std::fs::copy(copy, self.path().join("hermetic.db")).unwrap()),
            Some(server) => server.restore(copy),
        }
    }

    /// Runs statements past the store, as an intruder who has the database.
    pub(super) fn behind_the_back(&self, sql: &str) {
        match &self.server {
            None => {
                let connection = rusqlite::Connection::open(self.path().join("hermetic.db")).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Some(server) => drop(server.sql(sql)),
        }
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_microsecond(NOON.as_microsecond()).unwrap()
}

pub(super) fn hours(count: i64) -> Timestamp {
    Timestamp::from_second(NOON.as_second() + count * 3600).unwrap()
}

pub(super) fn authority(name: &str) -> NewAuthority {
    NewAuthority {
        generation: Generation::first(name),
        stage: Stage::Signing,
        parent: (name != "root").then(|| Generation::first("root")),
        subject: format!("CN={name}"),
        key_algorithm: "P-256".to_owned(),
        key: AuthorityKey::Sealed(vec![7; 40]),
        standing: Standing::Certified(certified()),
        crl_shards: 16,
        policy: json!({}),
        at: now(),
    }
}

pub(super) fn certified() -> AuthorityCertificate {
    let chain_pem = "-----BEGIN".to_owned();
    AuthorityCertificate { chain_pem, not_before: hours(0), not_after: hours(10_000) }
}

/// The bytes that are signed for a serial number: a sequence of an octet string.
pub(super) fn to_be_signed(serial: &str) -> Vec<u8> {
    let length = u8::try_from(serial.len()).unwrap();
    [&[0x30, length + 2, 0x04, length], serial.as_bytes()].concat()
}

/// The certificate of these bytes: a sequence of them and a signature.
pub(super) fn signed(to_be_signed: &[u8]) -> Vec<u8> {
    let length = u8::try_from(to_be_signed.len()).unwrap();
    [&[0x30, length + 4], to_be_signed, &[0x03, 0x02, 0x00, 0x2a]].concat()
}

pub(super) fn intent(serial: &str) -> Intent {
    Intent {
        serial: serial.to_owned(),
        authority: Generation::first("intermediate"),
        profile: "both".to_owned(),
        to_be_signed: to_be_signed(serial),
        subject: "edge".to_owned(),
        names: vec!["dns:localhost".to_owned(), "ip:127.0.0.1".to_owned()],
        key_algorithm: "P-256".to_owned(),
        key_fingerprint: KeyFingerprint::of(serial.as_bytes()),
        shard: 3,
        exportable: false,
        replaces: None,
        requester: "test".to_owned(),
        request_sha256: None,
        not_before: hours(0),
        not_after: hours(24),
        at: now(),
    }
}

pub(super) fn certificate(serial: &str) -> IssuedCertificate {
    IssuedCertificate {
        certificate: signed(&to_be_signed(serial)),
        sealed_key: Some(vec![1, 2, 3]),
        at: now(),
    }
}

pub(super) async fn issue(store: &Store, intent: Intent) -> CertificateId {
    let serial = intent.serial.clone();
    let id = store.intend(intent).await.unwrap();
    store.issued(id, certificate(&serial)).await.unwrap();
    id
}

pub(super) fn imported(serial: &str) -> ImportedCertificate {
    ImportedCertificate {
        origin: Outside::Imported,
        serial: serial.to_owned(),
        profile: "server".to_owned(),
        subject: "legacy".to_owned(),
        names: vec!["dns:legacy.example.com".to_owned()],
        key_algorithm: "RSA-2048".to_owned(),
        key_fingerprint: KeyFingerprint([9; 32]),
        certificate: signed(&to_be_signed(serial)),
        issuers_pem: "-----BEGIN ELSEWHERE".to_owned(),
        sealed_key: Some(vec![4, 5, 6]),
        exportable: true,
        replaces: None,
        requester: "test".to_owned(),
        not_before: hours(0),
        not_after: hours(48),
        at: now(),
    }
}

pub(super) fn serials(records: &[CertificateRecord]) -> Vec<&str> {
    records.iter().map(|record| record.serial.as_str()).collect()
}

pub(super) async fn kinds(store: &Store) -> Vec<String> {
    store.journal(1, 1000).await.unwrap().into_iter().map(|entry| entry.kind).collect()
}

/// Sweeps until it has settled as many: PostgreSQL takes a moment to see that a process is gone.
pub(super) async fn swept(store: &Store, intents: usize) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let mut settled = 0;
    while settled < intents && std::time::Instant::now() < end {
        settled += store.sweep(hours(1)).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(settled, intents);
}

/// All certificates, the newest first.
pub(super) async fn all(store: &Store) -> Result<Vec<CertificateRecord>, StoreError> {
    let page = store.search(&CertificateFilter::default(), Order::Newest, None, 100_000).await?;
    Ok(page.certificates)
}
