//! The mark on a store that was restored. What was revoked or issued since the backup it does not know, so
//! it issues nothing, and signs no list and no answer, until it was reconciled.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::actor::Actor;
use crate::engine::{Query, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::journal::JournalHead;

/// The setting that is the mark.
const KEY: &str = "restored";

/// What a store knows of its restoration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// When it was restored, or found to be.
    pub at: Timestamp,
    /// Where the journal of the backup ended.
    pub backup: JournalHead,
    /// Where the journal of the store ended that was in its place, as far as that is known.
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

pub(crate) fn read(database: &mut dyn Query) -> Result<Option<Restored>, Fault> {
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

pub(crate) fn set(transaction: &mut Transaction<'_>, mark: &Restored) -> Result<(), Fault> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    transaction.execute(sql, &values![KEY, &serde_json::to_vec(mark)?]).map(drop)
}

/// Makes a store of what was put back: marked, in an epoch after its own and the one that was seen before, and
/// without what it had signed and who used it. `file` is the backup, where it was restored from one.
pub(crate) fn begin_anew(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    file: Option<&str>,
    seen_epoch: u64,
    mark: &Restored,
) -> Result<(), Fault> {
    set(transaction, mark)?;
    let own = transaction.first("SELECT value FROM setting WHERE key = 'epoch'", &[])?;
    let own = own.map(|mut row| row.take::<Vec<u8>>()).transpose()?;
    let epoch = raise_epoch(transaction, seen_epoch.max(own.map_or(1, |own| epoch(&own))))?;
    super::forget_what_was_signed(transaction)?;
    for table in ["certificate_use", "renewal"] {
        transaction.execute(&format!("DELETE FROM {table}"), &[])?;
    }
    let body = json!({ "file": file, "backup": mark.backup, "replaced": mark.replaced, "epoch": epoch });
    transaction.append(actor, mark.at, "store.restored", body).map(drop)
}

/// Makes the epoch a later one than this, and gives it.
pub(crate) fn raise_epoch(transaction: &mut Transaction<'_>, above: u64) -> Result<u64, Fault> {
    let next = above.saturating_add(1);
    let sql = "UPDATE setting SET value = $1 WHERE key = 'epoch'";
    transaction.execute(sql, &values![next.to_string().as_bytes()])?;
    Ok(next)
}

/// The epoch of a store, as its setting has it.
pub(crate) fn epoch(setting: &[u8]) -> u64 {
    std::str::from_utf8(setting).ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

pub(super) fn take_off(transaction: &mut Transaction<'_>) -> Result<(), Fault> {
    transaction.execute("DELETE FROM setting WHERE key = $1", &values![KEY]).map(drop)
}
