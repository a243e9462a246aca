//! The journal: what is told, and that nobody changes it unseen.

use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::world::*;
use crate::*;

/// The database itself, as an intruder with the file would have it.
fn behind_the_back(data: &Path) -> Connection {
    let connection = Connection::open(data.join("hermetic.db")).unwrap();
    connection.execute_batch("DROP TRIGGER journal_keeps; DROP TRIGGER journal_stays;").unwrap();
    connection
}

#[tokio::test]
async fn the_journal_refuses_to_be_rewritten_by_the_house_itself() {
    let world = World::new();
    let store = world.open().await;
    store.append(NOON, "test", json!({"n": 1})).await.unwrap();
    for sql in ["UPDATE journal SET kind = 'x'", "DELETE FROM journal"] {
        let refused = store.database.write(move |transaction| transaction.execute(sql, &[])).await;
        assert!(refused.unwrap_err().to_string().contains("only appended to"));
    }
}

#[tokio::test]
async fn an_exported_entry_can_be_checked_by_anybody() {
    let world = World::new();
    let store = world.open().await;
    let actor = Actor { who: Who::Party { identity: "dns:a".to_owned() }, from: "10.0.0.1".to_owned() };
    let body = json!({"b": [1, {"z": null, "a": "ä"}], "a": 1});
    let entry = store.on_behalf_of(actor).append(NOON, "te\"st", body).await.unwrap();
    let text = r#"{"at":"2026-09-21T14:13:20.123456Z","body":{"a":1,"b":[1,{"a":"ä","z":null}],"from":"10.0.0.1","result":"done","who":{"identity":"dns:a"}},"kind":"te\"st","number":1,"previous":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
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
            let world = World::new();
            let store = world.open().await;
            for n in 1..=6 {
                store.append(NOON, "test", json!({"n": n})).await.unwrap();
            }
            prop_assert_eq!(store.verify_journal().await.unwrap(), 6);
            if tamper(&behind_the_back(world.path()), number, &tampering) {
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
    fn any_body_reads_back_as_it_was_written(body in json_value(), kind in "[^\\x00]*") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let store = world.open().await;
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
