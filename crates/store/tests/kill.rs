//! `kill -9` in the midst of writing: what was answered is there, and the journal holds.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hermetic_store::{
    AuthorityCertificate, AuthorityKey, CertificateFilter, CertificateRecord, CertificateState, Generation,
    Intent, KeyFingerprint, NewAuthority, Order, Stage, Standing, Store, StoreError,
};
use jiff::Timestamp;

/// Tells the child process where to write.
const FOLDER: &str = "HERMETIC_TEST_KILL_FOLDER";

#[test]
fn what_was_answered_survives_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(data.path()).await.unwrap();
        store.create_authorities(vec![authority()]).await.unwrap();
    });
    let mut answered = Vec::new();
    for round in 0..5 {
        answered.extend(write_and_kill(data.path(), round));
    }

    runtime.block_on(async {
        let store = Store::open(data.path()).await.unwrap();
        let kept = all(&store).await.unwrap();
        for serial in &answered {
            assert!(kept.iter().any(|record| record.serial == *serial), "{serial} was lost");
        }
        assert_eq!(store.verify_journal().await.unwrap(), kept.len() as u64 + 1);
        assert_eq!(store.sweep(Timestamp::UNIX_EPOCH).await.unwrap(), kept.len());
        let kept = all(&store).await.unwrap();
        assert!(kept.iter().all(|record| record.state == CertificateState::PresumedIssued));
    });
}

/// Lets a child intend certificates, kills it after some answers, and gives the serials it announced.
fn write_and_kill(data: &Path, round: usize) -> Vec<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child_that_intends_without_end", "--nocapture"])
        .env(FOLDER, data)
        .env("ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut announced = || loop {
        let line = lines.next()?.unwrap();
        if let Some(serial) = line.strip_prefix("answered ") {
            return Some(serial.to_owned());
        }
    };
    let mut answered: Vec<_> = (0..5 + 3 * round).map(|_| announced().unwrap()).collect();
    child.kill().unwrap();
    answered.extend(std::iter::from_fn(announced));
    child.wait().unwrap();
    answered
}

#[test]
#[ignore = "the child of what_was_answered_survives_kill_9"]
fn child_that_intends_without_end() {
    let data = PathBuf::from(env::var_os(FOLDER).unwrap());
    let round = env::var("ROUND").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&data).await.unwrap();
        for number in 0_u64.. {
            let serial = format!("{round:0>2}{number:08x}");
            let intent = intent(&serial);
            store.intend(intent).await.unwrap();
            println!("answered {serial}");
        }
    });
}

fn authority() -> NewAuthority {
    NewAuthority {
        generation: Generation::first("root"),
        stage: Stage::Signing,
        parent: None,
        subject: "CN=root".to_owned(),
        key_algorithm: "P-256".to_owned(),
        key: AuthorityKey::Sealed(vec![0; 40]),
        standing: Standing::Certified(AuthorityCertificate {
            chain_pem: "-----BEGIN".to_owned(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::UNIX_EPOCH,
        }),
        crl_shards: 16,
        policy: serde_json::json!({}),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn intent(serial: &str) -> Intent {
    Intent {
        serial: serial.to_owned(),
        authority: Generation::first("root"),
        profile: "both".to_owned(),
        to_be_signed: vec![0; 512],
        subject: "edge".to_owned(),
        names: vec!["dns:localhost".to_owned()],
        key_algorithm: "P-256".to_owned(),
        key_fingerprint: KeyFingerprint([0; 32]),
        shard: 0,
        exportable: false,
        replaces: None,
        requester: "test".to_owned(),
        request_sha256: None,
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
        at: Timestamp::UNIX_EPOCH,
    }
}

/// All certificates, the newest first.
async fn all(store: &Store) -> Result<Vec<CertificateRecord>, StoreError> {
    let page = store.search(&CertificateFilter::default(), Order::Newest, None, 100_000).await?;
    Ok(page.certificates)
}
