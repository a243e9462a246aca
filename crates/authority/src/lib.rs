//! The certificate authority: a root and an intermediate of its own, leaf certificates for
//! listeners and identities, renewed before they run out and recorded before they are used.

mod signer;

pub use signer::{Signer, SignerError};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hermetic_store::{Store, StoreError};
use hermetic_tls::{Chain, Clock, Credential, CredentialHandle, Identity, Randomness, TrustAnchors};
use jiff::Timestamp;

/// The authority. Clones are the same.
#[derive(Clone, Debug)]
pub struct Authority {}

/// What the authority runs on.
#[derive(Clone, Debug)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance, for serial numbers and jitter.
    pub randomness: Arc<dyn Randomness>,
}

/// What a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is used as, such as a listener's name; what `cert list` shows.
    pub subject: String,
    /// The names in it; never empty.
    pub identities: Vec<Identity>,
    /// How it may be used.
    pub usage: Usage,
    /// How long it lives.
    pub lifetime: Duration,
}

/// How a certificate may be used (extended key usage).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// As a TLS server.
    Server,
    /// As a TLS client.
    Client,
    /// As both: a party of a path.
    Both,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signer failed.
    #[error("the signing key could not be used: {0}")]
    Signer(#[from] SignerError),
    /// A key at rest can't be opened.
    #[error("a private key in {path} can't be opened: {reason}")]
    SealedKey {
        /// The data folder.
        path: String,
        /// Why.
        reason: String,
    },
    /// The request asks for what is not issued.
    #[error("not issued: {0}")]
    Refused(String),
    /// A certificate could not be built or read back.
    #[error("a certificate could not be made: {0}")]
    Certificate(String),
}

impl Authority {
    /// Opens the authority of a data folder; makes root and intermediate at the first start, sweeps what a
    /// crash left, and writes the root to `<data>/ca.pem`.
    pub async fn open(_data: &Path, _store: Store, _world: World) -> Result<Self, AuthorityError> {
        todo!()
    }

    /// The root certificate.
    pub fn root(&self) -> Chain {
        todo!()
    }

    /// Whom those believe who believe this authority: its root.
    pub fn trust_anchors(&self) -> TrustAnchors {
        todo!()
    }

    /// Issues a certificate with a fresh ECDSA P-256 key.
    pub async fn issue(&self, _request: Request) -> Result<Credential, AuthorityError> {
        todo!()
    }

    /// Issues a certificate, or takes the recorded one that still has more than a third of its life,
    /// and keeps it renewed: the handle is swapped at two thirds of each life, with jitter.
    pub async fn maintain(&self, _request: Request) -> Result<CredentialHandle, AuthorityError> {
        todo!()
    }

    /// The instant at which something must be renewed next; `None` where nothing is maintained.
    pub fn next_renewal(&self) -> Option<Timestamp> {
        todo!()
    }

    /// Renews what is due now. Gives what was renewed; failures are logged, journaled and retried
    /// with back-off, and leave the old certificate in use.
    pub async fn renew_due(&self) -> Vec<Renewed> {
        todo!()
    }

    /// Waits for what is due and renews it, for ever. Runs on a runtime of its own.
    pub async fn keep_renewing(&self) {
        todo!()
    }
}

/// A certificate that was renewed.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What it is used as.
    pub subject: String,
    /// The handle whose credential was swapped.
    pub handle: CredentialHandle,
}
