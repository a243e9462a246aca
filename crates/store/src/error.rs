//! What can go wrong in the store.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::certificates::RevocationReason;
use crate::journal::JournalProblem;

/// What can go wrong.
#[derive(Clone, Debug, thiserror::Error)]
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
    /// A key that a certificate of another subject has, or that was revoked as compromised.
    #[error(
        "the key has been certified for `{subject}`; make a new one for each subject, and after a compromise"
    )]
    KeyTaken {
        /// What that certificate is used as.
        subject: String,
    },
    /// An authority of that name and generation is there already.
    #[error("the store has an authority `{name}` of generation {generation} already")]
    AuthorityExists {
        /// Its name.
        name: String,
        /// Its generation.
        generation: u32,
    },
    /// A certificate that is there already.
    #[error("the store has this certificate already, as serial number {0}")]
    CertificateExists(String),
    /// What is there is in another state than what was asked for needs.
    #[error("{what} is {is}; for this it must be {wanted}")]
    State {
        /// Which authority or certificate.
        what: String,
        /// The state it is in.
        is: String,
        /// The states in which it could be done.
        wanted: String,
    },
    /// A certificate that was revoked before.
    #[error("the certificate with serial number {serial} was revoked at {at} already, for {reason}")]
    AlreadyRevoked {
        /// Its serial number.
        serial: String,
        /// When it was revoked.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// What was asked for is not there.
    #[error("the store has no {0}")]
    Missing(String),
    /// Several certificates answer to the beginning of a serial number.
    #[error("several serial numbers begin with {0}; give more of its digits")]
    Ambiguous(String),
    /// The journal was altered.
    #[error("the journal was altered: {0}")]
    Journal(JournalProblem),
    /// A store that was restored, and does not know what happened since its backup.
    #[error(
        "the store was put back to an earlier state at {0} and does not know what was issued and revoked since; \
         tell it by `hermetic store reconcile`"
    )]
    NotReconciled(Timestamp),
    /// A journal that lacks what was seen in it: an earlier copy of the store is in its place.
    #[error(
        "the journal lacks entry {entry} as this node has seen it: an earlier copy of the store is in its place; \
         start `hermetic` anew, and tell it what happened since by `hermetic store reconcile`"
    )]
    PutBack {
        /// The last entry that was seen.
        entry: u64,
    },
    /// A store that is not the one that this node has used before.
    #[error(
        "this is not the store that was used here before; if that is meant, remove {}", .0.display()
    )]
    AnotherStore(PathBuf),
    /// A store is where a backup should go.
    #[error("there is a store already in {}; with --replace it is put aside", .0.display())]
    StoreThere(PathBuf),
    /// A file that would be overwritten.
    #[error("{} is there already, and is not overwritten", .0.display())]
    Taken(PathBuf),
    /// Something is where nothing must be.
    #[error("{0} has a store already; choose an empty place, or put what is there aside")]
    NotEmpty(String),
    /// Another process has the store open.
    #[error("the store is in use on {node}; stop every instance first")]
    InUse {
        /// The host.
        node: String,
    },
    /// A backup that can't be written or used.
    #[error("{} {reason}", path.display())]
    Backup {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No room is left for what was to be kept. Nothing of it is there.
    #[error("no room is left for the store: {0}; make room, then try again")]
    Full(String),
    /// The database can't be reached now; a later call may find it.
    #[error("the store can't be reached: {0}; try again once it answers")]
    Unavailable(String),
    /// The connection was lost in a commit, and could not be made again in time to see whether it came
    /// through. It was done wholly or not at all.
    #[error(
        "the connection was lost in the middle ({0}); whether it was done is not known: look before doing it again"
    )]
    OutcomeUnknown(String),
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(String),
}

/// A failure inside the crate: says what becomes of the transaction that it happened in.
#[derive(Debug)]
pub(crate) enum Fault {
    /// One with a meaning. The transaction is sound, and goes on without what failed if that changed nothing.
    Refused(StoreError),
    /// The database's own. The transaction is over.
    Broken(StoreError),
    /// The connection is gone, and the transaction with it. It can be done again on another.
    Lost(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(StoreError::Database(error.to_string()))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) | Fault::Broken(error) => error,
            Fault::Lost(reason) => Self::Unavailable(reason),
        }
    }
}
