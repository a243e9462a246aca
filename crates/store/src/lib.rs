//! Durable state: intents, certificates, secrets, and the hash-chained journal.
//!
//! The interface speaks of what the house does, never of SQL; SQLite stands behind it, and another
//! database can. What a call has answered is durable: it survives `kill -9` at any instant. A call whose
//! answer nobody waited for is done wholly or not at all.
//!
//! Times are kept to the microsecond; finer ones are cut.

mod authorities;
mod certificates;
mod database;
mod error;
mod folder;
mod instant;
mod journal;
mod record;
mod schema;
#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use journal::{JournalEntry, JournalProblem};
pub use record::{AuthorityRecord, CertificateId, CertificateRecord, CertificateState, Intent};

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::database::{Database, off_the_runtime};

/// The store. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<Database>,
}

impl Store {
    /// Opens the store in a data folder, made where it is missing (mode 0700), and holds the folder's lock
    /// until the last clone is gone.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let data = data.to_owned();
        let database = off_the_runtime(move || Database::open(&data)).await?;
        Ok(Self { database: Arc::new(database) })
    }

    /// Opens the store for reading beside a running instance: takes no lock, changes nothing.
    pub async fn open_read_only(data: &Path) -> Result<Self, StoreError> {
        let data = data.to_owned();
        let database = off_the_runtime(move || Database::open_read_only(&data)).await?;
        Ok(Self { database: Arc::new(database) })
    }

    /// Records that a certificate is about to be signed. Durable when it returns.
    pub async fn intend(&self, intent: Intent) -> Result<CertificateId, StoreError> {
        self.database.write(move |transaction| certificates::intend(transaction, &intent)).await
    }

    /// Records the signed certificate of an intent that is still open and says the same. Durable when it
    /// returns. The record's `state` is not looked at: it becomes [`CertificateState::Issued`].
    pub async fn issued(&self, id: CertificateId, certificate: CertificateRecord) -> Result<(), StoreError> {
        self.database.write(move |transaction| certificates::issued(transaction, id, &certificate)).await
    }

    /// Settles what a crash left: every intent without a certificate becomes
    /// [`CertificateState::PresumedIssued`]. Gives how many there were.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.database.write(move |transaction| certificates::sweep(transaction, now)).await
    }

    /// All certificates, newest first, presumed ones included.
    pub async fn certificates(&self) -> Result<Vec<CertificateRecord>, StoreError> {
        self.database.read(certificates::all).await
    }

    /// The certificate whose serial number is, or begins with, `serial` (hex); an error where several do.
    pub async fn certificate(&self, serial: &str) -> Result<Option<CertificateRecord>, StoreError> {
        let serial = serial.to_owned();
        self.database.read(move |connection| certificates::by_serial(connection, &serial)).await
    }

    /// The newest issued certificate of a subject.
    pub async fn latest(&self, subject: &str) -> Result<Option<CertificateRecord>, StoreError> {
        let subject = subject.to_owned();
        self.database.read(move |connection| certificates::latest(connection, &subject)).await
    }

    /// The issued certificates of a subject that have not run out at `now`, newest first.
    pub async fn unexpired(
        &self,
        subject: &str,
        now: Timestamp,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let subject = subject.to_owned();
        self.database.read(move |connection| certificates::unexpired(connection, &subject, now)).await
    }

    /// The authority's own certificates and sealed keys, by name (`root`, `intermediate`).
    pub async fn authorities(&self) -> Result<Vec<AuthorityRecord>, StoreError> {
        self.database.read(authorities::all).await
    }

    /// Keeps several authority records, all or none; an error where one of the names is there already.
    pub async fn create_authorities(&self, records: Vec<AuthorityRecord>) -> Result<(), StoreError> {
        self.database.write(move |transaction| authorities::create(transaction, &records)).await
    }

    /// Appends to the journal. Durable when it returns.
    pub async fn append(
        &self,
        at: Timestamp,
        kind: &str,
        body: serde_json::Value,
    ) -> Result<JournalEntry, StoreError> {
        let kind = kind.to_owned();
        self.database.write(move |transaction| journal::append(transaction, at, &kind, body)).await
    }

    /// Reads the journal from `from` on, at most `most` entries.
    pub async fn journal(&self, from: u64, most: usize) -> Result<Vec<JournalEntry>, StoreError> {
        self.database.read(move |connection| journal::entries(connection, from, most)).await
    }

    /// Checks the whole chain of the journal; gives how many entries it has.
    pub async fn verify_journal(&self) -> Result<u64, StoreError> {
        self.database.read(journal::verify).await
    }
}
