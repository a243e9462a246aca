//! What can go wrong in the store.

use std::path::PathBuf;

use crate::journal::JournalProblem;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the data folder.
    #[error("{} is in use by process {holder}; stop it, or choose another folder with `data`", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it: its process id and, where it is known, its command's name.
        holder: String,
    },
    /// The folder or database can't be opened.
    #[error("{}: {reason}", path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A serial number that was used already.
    #[error("serial number {0} was used already")]
    SerialTaken(String),
    /// An authority of that name is there already.
    #[error("the store has an authority `{0}` already")]
    AuthorityExists(String),
    /// No intent or certificate of that id.
    #[error("the store has no {0}")]
    Missing(String),
    /// Several certificates answer to the beginning of a serial number.
    #[error("several serial numbers begin with {0}; give more of its digits")]
    Ambiguous(String),
    /// The journal was altered.
    #[error("the journal was altered: {0}")]
    Journal(JournalProblem),
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(String),
}

/// A failure inside the crate: SQLite's own, or one with a meaning. Keeps SQLite's type out of the
/// public interface, so that another database can stand behind it.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite's.
    Sqlite(rusqlite::Error),
    /// One with a meaning.
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(StoreError::Database(error.to_string()))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error,
            Fault::Sqlite(error) => Self::Database(error.to_string()),
        }
    }
}
