//! Durable state: intents, certificates, secrets, and the hash-chained journal.
//!
//! The interface speaks of what the house does, never of SQL; SQLite stands behind it, and another
//! database can. What a call has answered is durable: it survives `kill -9` at any instant.

mod journal;
mod record;

pub use journal::{JournalEntry, JournalProblem};
pub use record::{AuthorityRecord, CertificateId, CertificateRecord, CertificateState, Intent};

use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// The store. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the data folder.
    #[error("{} is in use by process {holder}; stop it, or choose another folder with `data`", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it.
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
    /// No intent or certificate of that id.
    #[error("the store has no {0}")]
    Missing(String),
    /// The journal was altered.
    #[error("the journal was altered: {0}")]
    Journal(JournalProblem),
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(String),
}

impl Store {
    /// Opens the store in a data folder, made where it is missing (mode 0700), and holds the folder's lock
    /// until the last clone is gone.
    pub async fn open(_data: &Path) -> Result<Self, StoreError> {
        todo!()
    }

    /// Opens the store for reading beside a running instance: takes no lock, writes nothing.
    pub async fn open_read_only(_data: &Path) -> Result<Self, StoreError> {
        todo!()
    }

    /// Records that a certificate is about to be signed. Durable when it returns.
    pub async fn intend(&self, _intent: Intent) -> Result<CertificateId, StoreError> {
        todo!()
    }

    /// Records the signed certificate of an intent. Durable when it returns.
    pub async fn issued(
        &self,
        _id: CertificateId,
        _certificate: CertificateRecord,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Settles what a crash left: every intent without a certificate becomes
    /// [`CertificateState::PresumedIssued`]. Gives how many there were.
    pub async fn sweep(&self, _now: Timestamp) -> Result<usize, StoreError> {
        todo!()
    }

    /// All certificates, newest first, presumed ones included.
    pub async fn certificates(&self) -> Result<Vec<CertificateRecord>, StoreError> {
        todo!()
    }

    /// The authority's own certificates and sealed keys, by name (`root`, `intermediate`).
    pub async fn authorities(&self) -> Result<Vec<AuthorityRecord>, StoreError> {
        todo!()
    }

    /// Keeps several authority records, all or none; an error where one of the names is there already.
    pub async fn create_authorities(&self, _records: Vec<AuthorityRecord>) -> Result<(), StoreError> {
        todo!()
    }

    /// Appends to the journal. Durable when it returns.
    pub async fn append(
        &self,
        _at: Timestamp,
        _kind: &str,
        _body: serde_json::Value,
    ) -> Result<JournalEntry, StoreError> {
        todo!()
    }

    /// Reads the journal from `from` on, at most `most` entries.
    pub async fn journal(&self, _from: u64, _most: usize) -> Result<Vec<JournalEntry>, StoreError> {
        todo!()
    }

    /// Checks the whole chain of the journal; gives how many entries it has.
    pub async fn verify_journal(&self) -> Result<u64, StoreError> {
        todo!()
    }
}
