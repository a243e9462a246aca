//! Durable state: authorities, certificates, secrets, and the hash-chained journal.
//!
//! The interface speaks of what the house does, never of SQL; SQLite stands behind it, and another
//! database can. What a call has answered is durable: it survives `kill -9` at any instant. A call whose
//! answer nobody waited for is done wholly or not at all. What several nodes might do at once is decided by
//! a constraint or a row count, never by a look before.
//!
//! Times are kept to the microsecond; finer ones are cut.

mod actor;
mod authorities;
mod backup;
mod certificates;
mod connections;
mod database;
mod engine;
mod error;
mod folder;
mod journal;
mod migration;
mod ocsp;
mod opening;
mod password;
mod place;
mod postgres_url;
mod renewals;
mod revocation_lists;
mod schema;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod tickets;
mod witness;
mod words;

pub use actor::{Actor, Who};
pub use authorities::{
    AuthorityCertificate, AuthorityId, AuthorityKey, AuthorityRecord, AuthorityState, Generation,
    NewAuthority, Stage, Standing,
};
pub use backup::{
    Backup, BackupRequest, Evidence, Manifest, Reconciled, Restoration, Restored, Trail, restore,
};
pub use certificates::{
    CertificateFilter, CertificateId, CertificateRecord, CertificateState, CertificateUse, Cursor,
    CursorError, ImportedCertificate, Intent, IssuedCertificate, Issuer, KeyFingerprint, KeyFingerprintError,
    NameFilter, Order, Origin, Outside, Page, Revocation, RevocationReason, Revoked,
};
pub use connections::{Connection, ConnectionOutcome};
pub use error::StoreError;
pub use journal::{Chain, JournalEntry, JournalHead, JournalHeadError, JournalProblem};
pub use migration::{Migrated, migrate};
pub use ocsp::{OcspAnswerRecord, SignedOcspAnswer};
pub use password::{PassfileError, PostgresLogin};
pub use place::StorePlace;
pub use postgres_url::{
    PostgresAddress, PostgresClientCertificate, PostgresRoots, PostgresTransport, PostgresUrl,
    PostgresUrlError,
};
pub use renewals::RenewalRecord;
pub use revocation_lists::{RevocationListDates, RevocationListRecord};
pub use tickets::TicketKeyRecord;

use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::database::Database;
use crate::folder::FolderLock;

/// The store. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<Database>,
    actor: Arc<Actor>,
}

impl Store {
    /// The same store, for what somebody else asks for: the journal names this actor. Without, it names this
    /// process.
    pub fn on_behalf_of(&self, actor: Actor) -> Self {
        Self { database: Arc::clone(&self.database), actor: Arc::new(actor) }
    }

    /// The hold on the data folder once more, for a process that takes over.
    pub fn lock_to_share(&self) -> Result<OwnedFd, StoreError> {
        let lock = self.database.lock().ok_or_else(|| {
            StoreError::Database("a store that was opened for reading has no hold on its folder".to_owned())
        })?;
        lock.to_share().map_err(|error| StoreError::Database(error.to_string()))
    }

    /// Says in the lock file again that this process has the folder: the one that shared it did not take over.
    pub fn sign_lock(&self) -> Result<(), StoreError> {
        let signed = self.database.lock().map(FolderLock::sign_again).transpose();
        signed.map(drop).map_err(|error| StoreError::Database(error.to_string()))
    }
}
