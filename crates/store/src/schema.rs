//! The tables, as a list of steps: a database at step N has run the first N of them.
//!
//! Times are whole microseconds since 1970, so that the database can compare them.

use rusqlite::Connection;
use rusqlite::TransactionBehavior::Immediate;

use crate::error::{Fault, StoreError};

/// Never edit a step that has been released: add one.
const STEPS: &[&str] = &["
    CREATE TABLE certificate (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        serial       TEXT    NOT NULL UNIQUE,
        state        TEXT    NOT NULL CHECK (state IN ('intended', 'issued', 'presumed_issued')),
        authority    TEXT    NOT NULL,
        subject      TEXT    NOT NULL,
        identities   TEXT    NOT NULL CHECK (json_valid(identities)),
        to_be_signed BLOB    NOT NULL,
        chain_pem    TEXT    NOT NULL DEFAULT '',
        sealed_key   BLOB,
        not_before   INTEGER NOT NULL,
        not_after    INTEGER NOT NULL,
        at           INTEGER NOT NULL,
        CHECK ((state = 'issued') = (chain_pem <> ''))
    ) STRICT;
    CREATE INDEX certificate_by_subject ON certificate (subject, state, not_after);
    CREATE INDEX certificate_open ON certificate (id) WHERE state = 'intended';

    CREATE TABLE authority (
        name       TEXT    PRIMARY KEY,
        chain_pem  TEXT    NOT NULL,
        sealed_key BLOB    NOT NULL,
        at         INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE journal (
        number   INTEGER PRIMARY KEY,
        at       INTEGER NOT NULL,
        kind     TEXT    NOT NULL,
        body     TEXT    NOT NULL,
        previous TEXT    NOT NULL,
        hash     TEXT    NOT NULL
    ) STRICT;
    -- A guard against our own mistakes; against an intruder stands the chain of hashes.
    CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
    CREATE TRIGGER journal_stays BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
"];

/// Brings a database up to the last step, each in a transaction of its own.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    let done = step(connection)?;
    for (index, sql) in STEPS.iter().enumerate().skip(done) {
        let transaction = connection.transaction_with_behavior(Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", index + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a database that this version can't read as it is.
pub(crate) fn check(connection: &Connection) -> Result<(), Fault> {
    if step(connection)? < STEPS.len() {
        let reason = "made by an older version, or not finished; start `hermetic up` on it once";
        return Err(StoreError::Database(reason.to_owned()).into());
    }
    Ok(())
}

fn step(connection: &Connection) -> Result<usize, Fault> {
    let done: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done > STEPS.len() {
        let reason = "made by a newer version; use that version, or a copy from before it ran";
        return Err(StoreError::Database(reason.to_owned()).into());
    }
    Ok(done)
}
