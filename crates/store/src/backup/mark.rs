//! The mark on a store that was restored. What was revoked or issued since the backup it does not know, so
//! it issues nothing, and signs no list and no answer, until it was reconciled.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::engine::{Query, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::journal::JournalHead;

/// The setting that is the mark.
const KEY: &str = "restored";

/// What a store knows of its restoration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// When it was restored.
    pub at: Timestamp,
    /// Where the journal of the backup ended.
    pub backup: JournalHead,
    /// Where the journal of the store ended that was in its place, if that could be read.
    pub replaced: Option<JournalHead>,
}

impl Store {
    /// The mark of a store that was restored and not reconciled since.
    pub async fn restored(&self) -> Result<Option<Restored>, StoreError> {
        self.database.read(read).await
    }
}

/// Refuses what a store must not do that does not know what became of its certificates.
pub(crate) fn refuse_unless_reconciled(database: &mut dyn Query) -> Result<(), Fault> {
    match read(database)? {
        None => Ok(()),
        Some(restored) => Err(StoreError::NotReconciled(restored.at).into()),
    }
}

pub(super) fn read(database: &mut dyn Query) -> Result<Option<Restored>, Fault> {
    let Some(mut row) = database.first("SELECT value FROM setting WHERE key = $1", &values![KEY])? else {
        return Ok(None);
    };
    Ok(Some(serde_json::from_slice(&row.take::<Vec<u8>>()?)?))
}

/// The mark in a database file.
pub(super) fn in_file(database: &Connection) -> rusqlite::Result<Option<Restored>> {
    let value = database.query_row("SELECT value FROM setting WHERE key = ?1", [KEY], |row| row.get(0));
    let value: Option<Vec<u8>> = value.optional()?;
    Ok(value.and_then(|value| serde_json::from_slice(&value).ok()))
}

pub(super) fn set(transaction: &mut Transaction<'_>, mark: &Restored) -> Result<(), Fault> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    transaction.execute(sql, &values![KEY, &serde_json::to_vec(mark)?]).map(drop)
}

pub(super) fn take_off(transaction: &mut Transaction<'_>) -> Result<(), Fault> {
    transaction.execute("DELETE FROM setting WHERE key = $1", &values![KEY]).map(drop)
}
