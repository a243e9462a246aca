//! The certificate authorities of an estate, and what they certify: issued, renewed before it runs out, and
//! recorded before it is used.
//!
//! Private keys rest sealed, or in tokens. With the key to the seals in a file beside the database, which is
//! the default, this means only that a copied database is of no use; whoever can read the folder has the keys.

mod authorities;
mod error;
mod export;
mod file;
mod import;
mod issuance;
mod open;
pub mod posture;
mod renewal;
mod revocation;
mod self_sign;
mod settings;
mod stored;
#[cfg(test)]
mod tests;
mod tickets;

pub use authorities::{
    Act, Authorities, CertificateAuthority, KeyPlace, NewAuthority, NewSigner, Policy, RestoreWindow,
    RestoreWindowError, RollOver, Rotated, SignedBy, State, Step,
};
pub use error::AuthorityError;
pub use hermetic_x509::publication::{AuthorityName, AuthorityNameError};
pub use import::Imported;
pub use issuance::{Issued, Profiles, Refusal, Request};
pub use renewal::{Maintained, RenewalTally, Renewed};
pub use revocation::{RevocationNews, RevokedBy, RevokedNow, revoked_in};
pub use settings::{RenewAt, Settings, Terms};
pub use stored::Stored;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hermetic_store::{Actor, AuthorityId, Generation, Store};
use hermetic_tls::{Chain, Clock, CredentialHandle, Randomness, TicketKey, TrustAnchors};
use jiff::Timestamp;
use tokio::sync::{Notify, OwnedRwLockWriteGuard, RwLock, Semaphore, broadcast, watch};
use zeroize::Zeroizing;

use crate::authorities::{Failures, KeyHolder};
use crate::renewal::{Said, Tally, Told, Upkeep};
use crate::revocation::Listed;
use crate::stored::Served;

/// The authorities of an estate. Clones are the same.
#[derive(Clone, Debug)]
pub struct Authority {
    inner: Arc<Inner>,
    /// What is done by this clone, the journal says of its actor.
    store: Store,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    terms: ArcSwap<Terms>,
    world: World,
    keys: KeyHolder,
    /// As the store had them when they were read last.
    authorities: ArcSwap<Authorities>,
    /// Whom those believe who believe these authorities; told when that changes.
    anchors: watch::Sender<Option<TrustAnchors>>,
    /// Held while they are read.
    refreshing: tokio::sync::Mutex<()>,
    failures: Failures,
    /// Held by each issuance; closed while another process issues in our place.
    gate: Arc<RwLock<()>>,
    upkeep: Upkeep,
    /// What is served from the store as it is.
    served: Served,
    tally: Tally,
    /// What was told of near expiry, so that the store is not asked each time.
    told: Told,
    /// What the store was told of what is in use here.
    said: tokio::sync::Mutex<Said>,
    /// Held through a round of renewals.
    round: tokio::sync::Mutex<()>,
    /// Told when another certificate is kept renewed.
    changed: Notify,
    /// Until where it is known that what was revoked is in the lists. Held through a round of them.
    listed: tokio::sync::Mutex<Listed>,
    /// Told when a certificate is revoked.
    revoked: Notify,
    /// How many OCSP answers were signed for single requests, and do not stand in the journal yet.
    single_answers: tokio::sync::Mutex<BTreeMap<AuthorityId, u64>>,
    /// Places for OCSP answers that are signed for one request.
    answering: Semaphore,
    renewals: broadcast::Sender<Renewed>,
}

/// Nothing is issued until this is dropped.
#[derive(Debug)]
pub struct Pause {
    _closed: OwnedRwLockWriteGuard<()>,
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
    /// The same, acting for somebody else: the journal names them.
    pub fn on_behalf_of(&self, actor: Actor) -> Self {
        Self { inner: self.inner.clone(), store: self.store.on_behalf_of(actor) }
    }

    /// All generations of all certificate authorities; whoever signed another comes before it.
    pub fn authorities(&self) -> Vec<Arc<CertificateAuthority>> {
        self.authorities_now().all().to_vec()
    }

    /// The terms by which it issues now.
    pub fn terms(&self) -> Arc<Terms> {
        self.inner.terms.load_full()
    }

    /// Issues by these terms from now on.
    pub fn follow(&self, terms: Terms) {
        self.inner.terms.store(Arc::new(terms));
    }

    /// Whom those believe who believe these authorities: their roots, the published ones among them. An error
    /// where all of them are pending or deleted.
    pub fn trust_anchors(&self) -> Result<TrustAnchors, AuthorityError> {
        self.inner.anchors.borrow().clone().ok_or(AuthorityError::NoRoot)
    }

    /// Waits until whom to believe changes, `known` being what is known of it; for ever, if it never does.
    pub async fn trust_anchors_changed(&self, known: &TrustAnchors) {
        let mut anchors = self.inner.anchors.subscribe();
        // The sender lives as long as `self`.
        let _ = anchors.wait_for(|now| now.as_ref().is_some_and(|now| now != known)).await;
    }

    /// The authority that issues where nobody is named, with those above it, without the root.
    pub fn issuer(&self) -> Result<Chain, AuthorityError> {
        let now = self.now();
        let issuer = self.authorities_now().issuing(&self.terms().issuer, now)?.clone();
        Ok(Chain::from_ders(issuer.handed_out(now).map(|certificate| &*certificate.der))?)
    }

    /// A secret for a purpose: the same from start to start, and on every node.
    pub fn secret(&self, purpose: &str) -> Result<Zeroizing<[u8; 32]>, AuthorityError> {
        Ok(self.inner.keys.keyring().secret(purpose)?)
    }

    /// Issues a certificate, or takes the recorded one whose time to renew is not yet there, and keeps it
    /// renewed: the handle is swapped at [`Terms::renew_at`] of each life, with jitter. Asked again for the
    /// same, it gives the same handle. Of several processes on one store one issues, and the others take what
    /// it issued.
    pub async fn maintain(&self, request: Request) -> Result<CredentialHandle, AuthorityError> {
        self.start_maintaining(request).await
    }

    /// Waits for what is being issued, and issues nothing more until the answer is dropped, since another
    /// process does. Whoever asks for a certificate meanwhile waits.
    pub async fn pause(&self) -> Pause {
        Pause { _closed: self.inner.gate.clone().write_owned().await }
    }

    /// Renews or follows what this handle holds no more: nobody needs it. A renewal that is under way still
    /// ends on record.
    pub fn release(&self, handle: &CredentialHandle) {
        self.inner.upkeep.release(handle);
        self.inner.served.release(handle);
        self.renew_of_stored_what_is_served();
    }

    /// The keys of session tickets that are in use now or will be next, as the store has them; those that
    /// are missing are made. To be asked for again before the next period begins, by
    /// [`TicketKey::wanted_at`]: so the nodes of a fleet have each in time.
    pub async fn ticket_keys(&self) -> Result<Vec<TicketKey>, AuthorityError> {
        tickets::keys(&self.store, self.inner.keys.keyring(), self.now()).await
    }

    /// The instant at which something must be renewed next; `None` where nothing is maintained.
    pub fn next_renewal(&self) -> Option<Timestamp> {
        self.inner.upkeep.next()
    }

    /// How everything that is maintained stands, failures with their reasons.
    pub fn maintained(&self) -> Vec<Maintained> {
        self.inner.upkeep.standings()
    }

    /// How renewals went since the start.
    pub fn renewal_tally(&self) -> RenewalTally {
        self.inner.tally.now()
    }

    /// Tells of each renewal from now on, so that whoever passes credentials on can. A receiver that lags
    /// (`RecvError::Lagged`) has missed some and should pass all of [`Authority::maintained`] on again.
    pub fn renewals(&self) -> broadcast::Receiver<Renewed> {
        self.inner.renewals.subscribe()
    }

    /// Takes what other processes renewed, renews what is due now, tells the store what is in use and the
    /// journal what is near its end. Gives what was put into use; failures are logged, journaled and retried
    /// with back-off, and leave the old certificate in use.
    ///
    /// Needs a tokio runtime with its timer; a signer that does not answer within two minutes has failed.
    pub async fn renew_due(&self) -> Vec<Renewed> {
        self.one_round().await
    }

    /// Waits for what is due and does it, for ever: renewals, roll-overs of
    /// authorities, revocation lists and OCSP answers. Runs on a runtime
    /// of its own.
    pub async fn keep_renewing(&self) {
        self.rounds_for_ever().await;
    }

    /// Signs the revocation lists and OCSP answers that are due.
    pub async fn publish_due(&self) {
        self.sign_due_lists().await;
        self.sign_due_answers().await;
    }

    fn now(&self) -> Timestamp {
        self.inner.world.clock.now()
    }

    fn authorities_now(&self) -> Arc<Authorities> {
        self.inner.authorities.load_full()
    }

    /// The generation that is meant: the one of this number, or the one that the name alone stands for.
    pub fn meant(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        Ok(self.authorities_now().meant(name, generation)?.clone())
    }

    fn generation(&self, generation: &Generation) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let authorities = self.authorities_now();
        let found = authorities.generation(generation).cloned();
        found.ok_or_else(|| AuthorityError::NoSuchGeneration(generation.clone()))
    }
}
