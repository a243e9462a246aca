//! The connections to SQLite: one that writes, one that reads beside it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::TransactionBehavior::Immediate;
use rusqlite::{Connection, OpenFlags, Transaction};

use crate::error::{Fault, StoreError};
use crate::folder::{self, FolderLock};
use crate::schema;

/// How long to wait for another process's hold on the database, such as a backup's.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Database {
    /// `None` where the store was opened for reading.
    writer: Option<Mutex<Connection>>,
    /// Apart from the writer, so that a long look at the journal delays no issuance.
    reader: Mutex<Connection>,
    /// Last, for fields are dropped in order and the lock outlives the connections.
    _lock: Option<FolderLock>,
}

impl Database {
    /// Opens the database of a folder and holds the folder's lock. Blocks.
    pub(crate) fn open(data: &Path) -> Result<Self, StoreError> {
        folder::make(data)?;
        let lock = FolderLock::take(data)?;
        let path = folder::private_database(data)?;
        let writer = writer(&path).map_err(|fault| unusable(&path, fault))?;
        let reader = reader(&path).map_err(|fault| unusable(&path, fault))?;
        Ok(Self { writer: Some(Mutex::new(writer)), reader: Mutex::new(reader), _lock: Some(lock) })
    }

    /// Opens the database of a folder for reading, lock or no lock. Blocks.
    pub(crate) fn open_read_only(data: &Path) -> Result<Self, StoreError> {
        let path = folder::database(data);
        if !path.exists() {
            let reason = "there is nothing here yet; start `hermetic up` first, or give its folder";
            return Err(StoreError::Open { path: data.to_owned(), reason: reason.to_owned() });
        }
        let reader = reader(&path).map_err(|fault| unusable(&path, fault))?;
        Ok(Self { writer: None, reader: Mutex::new(reader), _lock: None })
    }

    /// Runs `work` in one transaction and commits it to the disk before answering. It runs to its end
    /// even where the caller stops waiting: there is no half of it.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(self);
        off_the_runtime(move || {
            let Some(writer) = &database.writer else {
                return Err(Fault::from(StoreError::Database("it was opened for reading only".to_owned())));
            };
            // A panic while it was held has rolled its transaction back: the connection is sound.
            let mut connection = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(Immediate)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }

    /// Runs `work` on the reading connection.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(self);
        off_the_runtime(move || work(&database.reader.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

/// Runs what blocks on a thread for it.
pub(crate) async fn off_the_runtime<T: Send + 'static, E: Into<StoreError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(stopped) => Err(StoreError::Database(stopped.to_string())),
    }
}

fn writer(path: &Path) -> Result<Connection, Fault> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // With WAL only FULL makes a commit wait for the disk; NORMAL would lose the last ones with the power.
    connection.pragma_update(None, "synchronous", "full")?;
    // macOS answers an ordinary fsync before the disk has it; elsewhere this changes nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

fn reader(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    schema::check(&connection)?;
    Ok(connection)
}

fn unusable(path: &Path, fault: Fault) -> StoreError {
    let reason = match StoreError::from(fault) {
        StoreError::Database(reason) => reason,
        other => other.to_string(),
    };
    StoreError::Open { path: path.to_owned(), reason }
}
