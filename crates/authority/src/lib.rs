//! The certificate authority: a root and an intermediate of its own, leaf certificates for
//! listeners and identities, renewed before they run out and recorded before they are used.
//!
//! Private keys rest sealed under the key in `<data>/key`. With that file beside the database, this means
//! only that a copied database is of no use; whoever can read the folder has the keys.

mod error;
mod file;
mod hierarchy;
mod issuance;
mod issuer;
mod keyring;
mod lint;
mod profile;
mod public_key;
mod renewal;
mod request;
mod schedule;
mod serial;
mod signer;
mod tbs;
#[cfg(test)]
mod tests;
mod upkeep;
mod validity;

pub use error::AuthorityError;
pub use renewal::Renewed;
pub use request::{Request, Usage};
pub use signer::{LocalSigner, Signer, SignerError};
pub use upkeep::Maintained;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hermetic_store::Store;
use hermetic_tls::{Chain, Clock, Credential, CredentialHandle, Randomness, TrustAnchors};
use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

use crate::hierarchy::Hierarchy;
use crate::issuance::Issuance;
use crate::keyring::Keyring;
use crate::request::Accepted;
use crate::upkeep::Upkeep;
use crate::validity::Life;

/// How many renewals a slow listener may be behind before it misses some.
const RENEWALS_HELD: usize = 256;

/// The authority. Clones are the same.
#[derive(Clone, Debug)]
pub struct Authority {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: Chain,
    anchors: TrustAnchors,
    issuance: Issuance,
    upkeep: Upkeep,
    /// Held through a round of renewals.
    round: tokio::sync::Mutex<()>,
    /// Told when another certificate is kept renewed.
    changed: Notify,
    renewals: broadcast::Sender<Renewed>,
}

/// What the authority runs on.
#[derive(Clone, Debug)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance, for serial numbers and jitter. Keys never come from it.
    pub randomness: Arc<dyn Randomness>,
}

impl Authority {
    /// Opens the authority of a data folder; makes root and intermediate at the first start, sweeps what a
    /// crash left, and writes the root to `<data>/ca.pem`.
    pub async fn open(data: &Path, store: Store, world: World) -> Result<Self, AuthorityError> {
        Self::open_signing_through(data, store, world, |signer| Arc::new(signer)).await
    }

    /// Opens it with something around the intermediate's key, such as a signer that fails.
    async fn open_signing_through(
        data: &Path,
        store: Store,
        world: World,
        around: impl FnOnce(LocalSigner) -> Arc<dyn Signer>,
    ) -> Result<Self, AuthorityError> {
        let swept = store.sweep(world.clock.now()).await?;
        if swept > 0 {
            tracing::warn!(swept, "certificates were being issued at a crash; they are presumed issued");
        }
        let mut records = store.authorities().await?;
        let keyring = Keyring::of_folder(data, records.is_empty())?;
        if records.is_empty() {
            records = hierarchy::found(&store, &keyring, &world).await?;
        }
        let hierarchy = Hierarchy::load(&records, &keyring, around)?;
        hierarchy.publish(data)?;
        let Hierarchy { root, anchors, intermediate } = hierarchy;
        let inner = Inner {
            root,
            anchors,
            issuance: Issuance { store, world, keyring, issuer: intermediate },
            upkeep: Upkeep::default(),
            round: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            renewals: broadcast::Sender::new(RENEWALS_HELD),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The root certificate.
    pub fn root(&self) -> Chain {
        self.inner.root.clone()
    }

    /// The intermediate certificate, which signs all others.
    pub fn intermediate(&self) -> Chain {
        self.inner.issuance.issuer.chain().clone()
    }

    /// Whom those believe who believe this authority: its root.
    pub fn trust_anchors(&self) -> TrustAnchors {
        self.inner.anchors.clone()
    }

    /// Issues a certificate with a fresh ECDSA P-256 key. The chain goes from the leaf to the
    /// intermediate; it ends with its issuer, should that end earlier.
    pub async fn issue(&self, request: Request) -> Result<Credential, AuthorityError> {
        Ok(self.inner.issuance.issue(&Accepted::new(request)?).await?.credential)
    }

    /// Issues a certificate that ran out `ago` before now, to show what expiry does to a hop. By any clock
    /// that is right it vouches for nobody, and one that ends now or later is never signed this way. It is
    /// intended, recorded and journaled like every other; let its subject say what it is for.
    pub async fn issue_expired(&self, request: Request, ago: Duration) -> Result<Credential, AuthorityError> {
        let life = Life::Over { ago };
        Ok(self.inner.issuance.issue_for(&Accepted::new(request)?, life).await?.credential)
    }

    /// Issues a certificate, or takes the recorded one that still has more than a third of its life,
    /// and keeps it renewed: the handle is swapped at two thirds of each life, with jitter. Asked again
    /// for the same subject, identities and usage, it gives the same handle.
    pub async fn maintain(&self, request: Request) -> Result<CredentialHandle, AuthorityError> {
        self.start_maintaining(request).await
    }

    /// The instant at which something must be renewed next; `None` where nothing is maintained.
    pub fn next_renewal(&self) -> Option<Timestamp> {
        self.inner.upkeep.next()
    }

    /// How everything that is maintained stands, failures with their reasons.
    pub fn maintained(&self) -> Vec<Maintained> {
        self.inner.upkeep.standings()
    }

    /// Tells of each renewal from now on, so that whoever passes credentials on can. A receiver that lags
    /// (`RecvError::Lagged`) has missed some and should pass all of [`Authority::maintained`] on again.
    pub fn renewals(&self) -> broadcast::Receiver<Renewed> {
        self.inner.renewals.subscribe()
    }

    /// Renews what is due now. Gives what was renewed; failures are logged, journaled and retried
    /// with back-off, and leave the old certificate in use.
    ///
    /// Needs a tokio runtime with its timer; a signer that does not answer within two minutes has failed.
    pub async fn renew_due(&self) -> Vec<Renewed> {
        self.one_round().await
    }

    /// Waits for what is due and renews it, for ever. Runs on a runtime of its own.
    pub async fn keep_renewing(&self) {
        self.rounds_for_ever().await;
    }
}
