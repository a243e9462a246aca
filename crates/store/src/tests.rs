use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const NOON: Timestamp = Timestamp::constant(1_790_000_000, 123_456_789);

fn data() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_microsecond(NOON.as_microsecond()).unwrap()
}

fn hours(count: i64) -> Timestamp {
    Timestamp::from_second(NOON.as_second() + count * 3600).unwrap()
}

fn intent(serial: &str) -> Intent {
    Intent {
        serial: serial.to_owned(),
        authority: "intermediate".to_owned(),
        to_be_signed: vec![0x30, 0x00],
        subject: "edge".to_owned(),
        identities: vec!["dns:localhost".to_owned(), "ip:127.0.0.1".to_owned()],
        not_before: hours(0),
        not_after: hours(24),
        at: now(),
    }
}

fn certificate(serial: &str) -> CertificateRecord {
    let intent = intent(serial);
    CertificateRecord {
        serial: intent.serial,
        state: CertificateState::Issued,
        authority: intent.authority,
        subject: intent.subject,
        identities: intent.identities,
        chain_pem: format!("-----BEGIN {serial}-----"),
        sealed_key: Some(vec![1, 2, 3]),
        not_before: intent.not_before,
        not_after: intent.not_after,
        at: now(),
    }
}

async fn issue(store: &Store, record: CertificateRecord) {
    let CertificateRecord { serial, subject, not_before, not_after, .. } = record.clone();
    let intent = Intent { subject, not_before, not_after, ..intent(&serial) };
    let id = store.intend(intent).await.unwrap();
    store.issued(id, record).await.unwrap();
}

fn authority(name: &str) -> AuthorityRecord {
    AuthorityRecord {
        name: name.to_owned(),
        chain_pem: "-----BEGIN".to_owned(),
        sealed_key: vec![7; 40],
        at: now(),
    }
}

/// The database itself, as an intruder with the file would have it.
fn behind_the_back(data: &Path) -> Connection {
    let connection = Connection::open(data.join("hermetic.db")).unwrap();
    connection.execute_batch("DROP TRIGGER journal_keeps; DROP TRIGGER journal_stays;").unwrap();
    connection
}

async fn kinds(store: &Store) -> Vec<String> {
    store.journal(1, 100).await.unwrap().into_iter().map(|entry| entry.kind).collect()
}

#[tokio::test]
async fn what_was_issued_is_there_after_reopening() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    issue(&store, certificate("0a")).await;
    store.create_authorities(vec![authority("root"), authority("intermediate")]).await.unwrap();
    drop(store);

    let store = Store::open(data.path()).await.unwrap();
    assert_eq!(store.certificates().await.unwrap(), [certificate("0a")]);
    assert_eq!(store.authorities().await.unwrap(), [authority("intermediate"), authority("root")]);
    let told = ["certificate.intended", "certificate.issued", "authority.created", "authority.created"];
    assert_eq!(kinds(&store).await, told);
    assert_eq!(store.verify_journal().await.unwrap(), 4);
}

#[tokio::test]
async fn a_folder_and_its_database_are_private() {
    let data = data();
    let folder = data.path().join("a/b");
    let store = Store::open(&folder).await.unwrap();
    store.append(NOON, "test", json!({})).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["lock", "hermetic.db", "hermetic.db-wal", "hermetic.db-shm"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let pragma = |name: &'static str| {
        store.database.write(move |transaction| {
            Ok(transaction
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))?)
        })
    };
    assert_eq!(pragma("synchronous").await.unwrap(), 2.into());
    assert_eq!(pragma("foreign_keys").await.unwrap(), 1.into());
    assert_eq!(pragma("journal_mode").await.unwrap(), "wal".to_owned().into());
}

#[tokio::test]
async fn a_second_instance_is_told_who_holds_the_folder() {
    let data = data();
    let first = Store::open(data.path()).await.unwrap();
    let Err(StoreError::Locked { path, holder }) = Store::open(data.path()).await else {
        panic!("two instances on one folder");
    };
    assert_eq!(path, data.path());
    let command = fs::read_to_string("/proc/self/comm").unwrap();
    assert_eq!(holder, format!("{} ({})", std::process::id(), command.trim_end()));

    drop(first);
    Store::open(data.path()).await.unwrap();
}

#[tokio::test]
async fn the_folder_stays_held_until_the_last_clone_is_gone() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let clone = store.clone();
    drop(store);
    assert!(matches!(Store::open(data.path()).await, Err(StoreError::Locked { .. })));
    drop(clone);
    Store::open(data.path()).await.unwrap();
}

#[tokio::test]
async fn a_reader_beside_a_running_instance_sees_what_is_committed_and_changes_nothing() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let reader = Store::open_read_only(data.path()).await.unwrap();
    issue(&store, certificate("0a")).await;
    assert_eq!(reader.certificates().await.unwrap().len(), 1);
    assert!(matches!(reader.intend(intent("0b")).await, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn a_reader_works_when_no_instance_runs() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    issue(&store, certificate("0a")).await;
    drop(store);
    let reader = Store::open_read_only(data.path()).await.unwrap();
    assert_eq!(reader.certificates().await.unwrap().len(), 1);
    Store::open(data.path()).await.unwrap();
}

#[tokio::test]
async fn reading_where_nothing_is_says_so_and_makes_nothing() {
    let data = data();
    let error = Store::open_read_only(data.path()).await.unwrap_err();
    assert!(error.to_string().contains("nothing here yet"), "{error}");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let data = data();
    drop(Store::open(data.path()).await.unwrap());
    behind_the_back(data.path()).pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(data.path()).await.unwrap_err();
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test]
async fn what_is_no_database_is_an_error_with_its_path() {
    let data = data();
    fs::write(data.path().join("hermetic.db"), "garbage".repeat(1000)).unwrap();
    let error = Store::open(data.path()).await.unwrap_err();
    assert!(error.to_string().contains("hermetic.db: file is not a database"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_intents_with_one_serial_number_exactly_one_wins() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let attempts: Vec<_> = (0..16)
        .map(|_| (store.clone(), intent("0a")))
        .map(|(store, intent)| tokio::spawn(async move { store.intend(intent).await }))
        .collect();
    let mut won = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(_) => won += 1,
            Err(StoreError::SerialTaken(serial)) => assert_eq!(serial, "0a"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(kinds(&store).await, ["certificate.intended"]);
}

#[tokio::test]
async fn an_intent_becomes_a_certificate_once() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let id = store.intend(intent("0a")).await.unwrap();
    store.issued(id, certificate("0a")).await.unwrap();
    let again = CertificateRecord { chain_pem: "other".to_owned(), ..certificate("0a") };
    assert!(matches!(store.issued(id, again).await, Err(StoreError::Missing(_))));
    assert_eq!(store.certificates().await.unwrap(), [certificate("0a")]);
}

#[tokio::test]
async fn a_certificate_that_is_not_the_intended_one_is_not_recorded() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let id = store.intend(intent("0a")).await.unwrap();
    let others = [
        CertificateRecord { serial: "0b".to_owned(), ..certificate("0a") },
        CertificateRecord { subject: "app".to_owned(), ..certificate("0a") },
        CertificateRecord { identities: vec!["dns:evil".to_owned()], ..certificate("0a") },
        CertificateRecord { not_after: hours(48), ..certificate("0a") },
    ];
    for other in others {
        assert!(matches!(store.issued(id, other).await, Err(StoreError::Missing(_))));
    }
    assert!(matches!(store.issued(CertificateId(99), certificate("0a")).await, Err(StoreError::Missing(_))));
    store.issued(id, certificate("0a")).await.unwrap();
}

#[tokio::test]
async fn an_intent_left_by_a_crash_is_presumed_issued_and_stays_so() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    issue(&store, certificate("0a")).await;
    let id = store.intend(intent("0b")).await.unwrap();
    drop(store);

    let store = Store::open(data.path()).await.unwrap();
    assert_eq!(store.sweep(hours(1)).await.unwrap(), 1);
    assert_eq!(store.sweep(hours(1)).await.unwrap(), 0);
    let states: Vec<_> =
        store.certificates().await.unwrap().into_iter().map(|c| (c.serial, c.state)).collect();
    let expected =
        [("0b".to_owned(), CertificateState::PresumedIssued), ("0a".to_owned(), CertificateState::Issued)];
    assert_eq!(states, expected);
    assert!(matches!(store.issued(id, certificate("0b")).await, Err(StoreError::Missing(_))));
    assert!(matches!(store.intend(intent("0b")).await, Err(StoreError::SerialTaken(_))));
    let told = store.journal(4, 10).await.unwrap();
    assert_eq!(
        (told[0].kind.as_str(), &told[0].body["serial"]),
        ("certificate.presumed_issued", &json!("0b"))
    );
}

#[tokio::test]
async fn a_certificate_is_found_by_the_beginning_of_its_serial_number() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    for serial in ["0a11", "0a12", "0a1234"] {
        issue(&store, certificate(serial)).await;
    }
    let found = |prefix: &'static str| {
        let store = store.clone();
        async move { store.certificate(prefix).await.map(|found| found.map(|record| record.serial)) }
    };
    assert_eq!(found("0A11").await.unwrap().as_deref(), Some("0a11"));
    assert_eq!(found("0a12").await.unwrap().as_deref(), Some("0a12"));
    assert_eq!(found("0a123").await.unwrap().as_deref(), Some("0a1234"));
    assert_eq!(found("0b").await.unwrap(), None);
    assert_eq!(found("0a%").await.unwrap(), None);
    assert!(matches!(found("0a1").await, Err(StoreError::Ambiguous(_))));
}

#[tokio::test]
async fn the_latest_certificate_of_a_subject_is_the_newest_issued_one() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    issue(&store, certificate("01")).await;
    issue(&store, CertificateRecord { not_after: hours(48), ..certificate("02") }).await;
    issue(&store, CertificateRecord { subject: "app".to_owned(), ..certificate("03") }).await;
    store.intend(intent("04")).await.unwrap();
    assert_eq!(store.latest("edge").await.unwrap().unwrap().serial, "02");
    assert_eq!(store.latest("nobody").await.unwrap(), None);

    let serials = |records: Vec<CertificateRecord>| -> Vec<_> {
        records.into_iter().map(|record| record.serial).collect()
    };
    assert_eq!(serials(store.unexpired("edge", hours(1)).await.unwrap()), ["02", "01"]);
    assert_eq!(serials(store.unexpired("edge", hours(24)).await.unwrap()), ["02"]);
}

#[tokio::test]
async fn authorities_are_kept_all_or_none() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    store.create_authorities(vec![authority("root")]).await.unwrap();
    let clash = store.create_authorities(vec![authority("intermediate"), authority("root")]).await;
    assert!(matches!(clash, Err(StoreError::AuthorityExists(name)) if name == "root"));
    assert_eq!(store.authorities().await.unwrap(), [authority("root")]);
    assert_eq!(store.verify_journal().await.unwrap(), 1);
}

#[tokio::test]
async fn the_journal_refuses_to_be_rewritten_by_the_house_itself() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    store.append(NOON, "test", json!({"n": 1})).await.unwrap();
    for sql in ["UPDATE journal SET kind = 'x'", "DELETE FROM journal"] {
        let refused = store.database.write(move |transaction| Ok(transaction.execute(sql, [])?)).await;
        assert!(refused.unwrap_err().to_string().contains("only appended to"));
    }
}

#[tokio::test]
async fn an_exported_entry_can_be_checked_by_anybody() {
    let data = data();
    let store = Store::open(data.path()).await.unwrap();
    let entry = store.append(NOON, "te\"st", json!({"b": [1, {"z": null, "a": "ä"}], "a": 1})).await.unwrap();
    let text = r#"{"at":"2026-09-21T14:13:20.123456Z","body":{"a":1,"b":[1,{"a":"ä","z":null}]},"kind":"te\"st","number":1,"previous":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
    assert_eq!(entry.hash, crate::journal::sha256(text.as_bytes()));
    assert_eq!(store.journal(1, 9).await.unwrap(), [entry]);
}

/// What an intruder does to an entry.
#[derive(Clone, Debug)]
enum Tampering {
    At(i64),
    Kind(String),
    Body(String),
    Previous(u8),
    Hash(u8),
    Remove,
    RemoveAndRenumber,
    Swap,
}

fn tampering() -> impl Strategy<Value = Tampering> {
    prop_oneof![
        (1_i64..).prop_map(Tampering::At),
        ".{0,8}".prop_map(Tampering::Kind),
        ".{0,8}|[ ]?\\{\"n\": ?[0-9]\\}[ ]?|1,\"kind\":\"x\"".prop_map(Tampering::Body),
        any::<u8>().prop_map(Tampering::Previous),
        any::<u8>().prop_map(Tampering::Hash),
        Just(Tampering::Remove),
        Just(Tampering::RemoveAndRenumber),
        Just(Tampering::Swap),
    ]
}

/// Applies it; gives whether anything is different now.
fn tamper(database: &Connection, number: u64, tampering: &Tampering) -> bool {
    let set = |column: &str, value: &dyn rusqlite::ToSql| {
        let sql = format!("UPDATE journal SET {column} = ?1 WHERE number = ?2 AND {column} IS NOT ?1");
        database.execute(&sql, (value, number)).unwrap() == 1
    };
    let flipped = |column: &str, byte: u8| -> String {
        let sql = format!("SELECT {column} FROM journal WHERE number = ?1");
        let hash: String = database.query_row(&sql, [number], |row| row.get(0)).unwrap();
        let at = usize::from(byte) % hash.len();
        let other = if hash.as_bytes()[at] == b'0' { "1" } else { "0" };
        format!("{}{other}{}", &hash[..at], &hash[at + 1..])
    };
    match tampering {
        Tampering::At(at) => set("at", at),
        Tampering::Kind(kind) => set("kind", kind),
        Tampering::Body(body) => set("body", body),
        Tampering::Previous(byte) => set("previous", &flipped("previous", *byte)),
        Tampering::Hash(byte) => set("hash", &flipped("hash", *byte)),
        Tampering::Remove => {
            database.execute("DELETE FROM journal WHERE number = ?1", [number]).unwrap() == 1
        }
        Tampering::RemoveAndRenumber => {
            database.execute("DELETE FROM journal WHERE number = ?1", [number]).unwrap();
            let up = "UPDATE journal SET number = -number WHERE number > ?1";
            database.execute(up, [number]).unwrap();
            let down = "UPDATE journal SET number = -number - 1 WHERE number < 0";
            database.execute(down, []).unwrap() > 0
        }
        Tampering::Swap => database
            .execute_batch(&format!(
                "UPDATE journal SET number = -1 WHERE number = {number};
                 UPDATE journal SET number = {number} WHERE number = {number} + 1;
                 UPDATE journal SET number = {number} + 1 WHERE number = -1;"
            ))
            .is_ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_altered_entry_of_the_journal_is_found(number in 1_u64..6, tampering in tampering()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let data = data();
            let store = Store::open(data.path()).await.unwrap();
            for n in 1..=6 {
                store.append(NOON, "test", json!({"n": n})).await.unwrap();
            }
            prop_assert_eq!(store.verify_journal().await.unwrap(), 6);
            if tamper(&behind_the_back(data.path()), number, &tampering) {
                let found = store.verify_journal().await;
                prop_assert!(
                    matches!(found, Err(StoreError::Journal(JournalProblem::Gap(n) | JournalProblem::Altered(n))) if n == number),
                    "{:?}", found
                );
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_body_reads_back_as_it_was_written(body in json_value(), kind in ".*") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let data = data();
            let store = Store::open(data.path()).await.unwrap();
            let entry = store.append(NOON, &kind, body).await.unwrap();
            prop_assert_eq!(&entry.hash, &entry.digest());
            prop_assert_eq!(store.journal(1, 1).await.unwrap(), [entry]);
            prop_assert_eq!(store.verify_journal().await.unwrap(), 1);
            Ok(())
        })?;
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..5).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}
