//! Backups of a store in SQLite: a copy of the database in one file, with what it says of itself inside.
//!
//! Half a backup has no manifest, which is written last, and can't be restored.

mod learnt;
pub(crate) mod mark;
mod reconcile;
mod restore;

pub(crate) use learnt::Learnt;
pub use mark::Restored;
pub(crate) use mark::refuse_unless_reconciled;
pub use reconcile::{Evidence, Reconciled, Trail};
pub use restore::{Restoration, restore};

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use crate::Store;
use crate::actor::{Actor, Who};
use crate::database::off_the_runtime;
use crate::engine::{Transaction, values};
use crate::error::{Fault, StoreError};
use crate::journal::JournalHead;

/// The form of the manifest.
const SCHEMA: &str = "hermetic.backup/1";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its form.
    pub schema: String,
    /// The version of Hermetic that made it.
    pub version: String,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it, on which host.
    pub by: String,
    /// The epoch of the store: how often it was restored before, and one.
    pub epoch: u64,
    /// Where the journal ended.
    pub journal: JournalHead,
    /// What the private keys in it are sealed under, in words.
    pub keys_under: String,
    /// Whether the key that they are sealed under is in it, too.
    pub with_key: bool,
}

/// What is asked of a backup.
#[derive(Debug)]
pub struct BackupRequest {
    /// What the private keys in the store are sealed under, in words.
    pub keys_under: String,
    /// The file of that key, where it is to be in the backup.
    pub key: Option<Zeroizing<Vec<u8>>>,
    /// When.
    pub at: Timestamp,
}

/// A backup.
#[derive(Debug)]
pub struct Backup {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The file of the key that its private keys are sealed under, where it has it.
    pub key: Option<Zeroizing<Vec<u8>>>,
}

impl Store {
    /// Writes a copy of the store, as it is at one instant, into a file that is not there yet (mode 0600).
    /// Others may go on writing meanwhile. The journal tells of it.
    pub async fn back_up(&self, file: &Path, request: BackupRequest) -> Result<Manifest, StoreError> {
        let at = request.at;
        self.follow_journal(None).await?;
        create(file)?;
        let written = self.write_backup(file.to_owned(), request).await.inspect_err(|_| {
            // Half a backup is worth nothing, and would be in the way the next time.
            let _ = fs::remove_file(file);
        })?;
        let body = json!({
            "file": file.display().to_string(),
            "journal": written.journal,
            "with_key": written.with_key,
        });
        self.append(at, "store.backed_up", body).await?;
        Ok(written)
    }

    async fn write_backup(&self, file: PathBuf, request: BackupRequest) -> Result<Manifest, StoreError> {
        let into = file.display().to_string();
        self.database.read(move |reader| reader.query("VACUUM INTO $1", &values![into]).map(drop)).await?;
        let by = by(&self.actor);
        off_the_runtime(move || finish(&file, request, by)).await
    }
}

impl Backup {
    /// Reads what a backup says of itself. Blocks.
    pub fn read(file: &Path) -> Result<Self, StoreError> {
        let open = || {
            let backup = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            backup.query_row("SELECT manifest, key FROM backup", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
            })
        };
        let (manifest, key) = open().map_err(|error| unusable(file, error))?;
        let manifest: Manifest = serde_json::from_str(&manifest).map_err(|error| unusable(file, error))?;
        if manifest.schema != SCHEMA {
            return Err(unusable(
                file,
                format!("its form is `{}`; use the version that made it", manifest.schema),
            ));
        }
        Ok(Self { manifest, key: key.map(Zeroizing::new) })
    }
}

/// Writes the manifest into the copy, and brings it to the disk.
fn finish(file: &Path, request: BackupRequest, by: String) -> Result<Manifest, StoreError> {
    let failed = |error: rusqlite::Error| unwritable(file, error);
    let copy = Connection::open(file).map_err(failed)?;
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: request.at,
        by,
        epoch: epoch(&copy).map_err(failed)?,
        journal: head(&copy).map_err(failed)?,
        keys_under: request.keys_under,
        with_key: request.key.is_some(),
    };
    let text = serde_json::to_string(&manifest).map_err(|error| unwritable(file, error))?;
    let key = request.key.as_deref();
    copy.execute_batch("CREATE TABLE backup (manifest TEXT NOT NULL, key BLOB) STRICT")
        .and_then(|()| copy.execute("INSERT INTO backup VALUES (?1, ?2)", (text, key)))
        .map_err(failed)?;
    drop(copy);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let sync = |path: &Path| File::open(path)?.sync_all();
    sync(file).and_then(|()| sync(folder)).map_err(|error| unwritable(file, error))?;
    Ok(manifest)
}

/// Forgets revocation lists and OCSP answers: they may know less than what was given out since.
fn forget_what_was_signed(transaction: &mut Transaction<'_>) -> Result<(), Fault> {
    for table in ["revocation_list", "ocsp_answer"] {
        transaction.execute(&format!("DELETE FROM {table}"), &[])?;
    }
    Ok(())
}

/// Where the journal of a database ends.
fn head(database: &Connection) -> rusqlite::Result<JournalHead> {
    let last = "SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1";
    let found =
        database.query_row(last, [], |row| Ok(JournalHead { number: row.get(0)?, hash: row.get(1)? }));
    match found {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(JournalHead::beginning()),
        found => found,
    }
}

fn epoch(database: &Connection) -> rusqlite::Result<u64> {
    let value: Vec<u8> =
        database.query_row("SELECT value FROM setting WHERE key = 'epoch'", [], |row| row.get(0))?;
    Ok(mark::epoch(&value))
}

/// Who made it, in words.
fn by(actor: &Actor) -> String {
    let who = match &actor.who {
        Who::Instance { instance, .. } => instance.clone(),
        Who::Caller { user: Some(user), .. } => user.clone(),
        Who::Caller { user: None, uid, .. } => uid.to_string(),
        Who::Party { identity } => identity.clone(),
    };
    format!("{who}@{}", actor.from)
}

fn create(file: &Path) -> Result<(), StoreError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    created.map(drop).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Taken(file.to_owned()),
        _ => unwritable(file, error),
    })
}

fn unwritable(file: &Path, error: impl ToString) -> StoreError {
    StoreError::Backup { path: file.to_owned(), reason: format!("can't be written: {}", error.to_string()) }
}

fn unusable(file: &Path, error: impl ToString) -> StoreError {
    StoreError::Backup { path: file.to_owned(), reason: format!("is no whole backup: {}", error.to_string()) }
}
