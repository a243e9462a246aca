//! Keeping certificates renewed: taken from the record or issued, then renewed before they run out.
//!
//! Of a fleet on one store, one node renews: it takes a lease upon the subject, and looks once more for what
//! another may have issued before it had the lease. The others take what it issued from the store.

mod at_once;
mod attempt;
mod look;
mod near_expiry;
mod recorded;
pub(crate) mod schedule;
mod tally;
mod upkeep;

pub(crate) use at_once::same_again;
pub(crate) use look::Said;
pub(crate) use near_expiry::Told;
pub use tally::RenewalTally;
pub(crate) use tally::Tally;
pub use upkeep::Maintained;
pub(crate) use upkeep::Upkeep;

use std::time::Duration;

use hermetic_store::CertificateId;
use hermetic_tls::{Credential, CredentialHandle};
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::error::AuthorityError;
use crate::issuance::{Accepted, IssuedCredential, Life};
use crate::{Authority, Request};

/// How many renewals run at once.
const AT_ONCE: usize = 8;

/// The longest sleep. A clock that was set, a machine that slept, and what other nodes did are noticed after it.
const LONGEST_NAP: Duration = Duration::from_secs(60);

/// A certificate that was renewed.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What it is used as.
    pub subject: String,
    /// The handle whose credential was swapped.
    pub handle: CredentialHandle,
}

/// A certificate in use, or about to be.
#[derive(Debug)]
pub(crate) struct InUse {
    pub(crate) credential: Credential,
    pub(crate) id: CertificateId,
    /// When it was made, which is after the start of its validity.
    pub(crate) made_at: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl Authority {
    pub(crate) async fn start_maintaining(
        &self,
        request: Request,
    ) -> Result<CredentialHandle, AuthorityError> {
        let request = self.accept(request).await?;
        if let Some(handle) = self.inner.upkeep.find(&request) {
            return Ok(handle);
        }
        let in_use = match self.first(&request).await? {
            Some(recorded) => recorded,
            None => self.issue_accepted(&request, Life::Ahead).await?.into(),
        };
        let due = self.due(&in_use)?;
        let handle = self.inner.upkeep.keep(request, in_use, due);
        self.inner.changed.notify_one();
        Ok(handle)
    }

    pub(crate) async fn one_round(&self) -> Vec<Renewed> {
        // Two rounds at once would issue everything twice (certmagic#347).
        let _round = self.inner.round.lock().await;
        let mut renewed = self.look_at_what_others_did().await;
        let due = self.inner.upkeep.due(self.now());
        for batch in due.chunks(AT_ONCE) {
            let mut attempts = JoinSet::new();
            for request in batch {
                let (authority, request) = (self.clone(), request.clone());
                attempts.spawn(async move { authority.attempt(&request).await });
            }
            while let Some(attempt) = attempts.join_next().await {
                renewed.extend(attempt.ok().flatten());
            }
        }
        renewed.extend(self.follow_stored().await);
        self.say_what_is_used().await;
        self.tell_near_expiry().await;
        renewed
    }

    pub(crate) async fn rounds_for_ever(&self) {
        // What is near its end already is told of at once.
        let mut look_at_once = true;
        loop {
            let now = self.now();
            let next = self.next_renewal().into_iter().chain(self.next_step_at()).min();
            let until_next = next.map(|next| next.duration_since(now));
            let nap = until_next.map_or(LONGEST_NAP, |wait| wait.try_into().unwrap_or_default());
            let nap = if look_at_once { Duration::ZERO } else { nap.min(LONGEST_NAP) };
            tokio::select! {
                () = sleep(nap) => {
                    look_at_once = false;
                    self.roll_over_due().await;
                    self.renew_due().await;
                    self.publish_due().await;
                }
                // Something else may be due earlier now.
                () = self.inner.changed.notified() => {}
            }
        }
    }
}

impl Authority {
    /// When to renew this certificate. Drawn once for each, so that asking again does not move it.
    pub(crate) fn due(&self, in_use: &InUse) -> Result<Timestamp, AuthorityError> {
        let mut chance = [0; 8];
        self.inner.world.randomness.fill(&mut chance)?;
        let at = self.terms().renew_at;
        Ok(schedule::renewal(in_use.made_at, in_use.not_after, at, u64::from_be_bytes(chance)))
    }

    /// Puts a newer certificate into use, and tells of it.
    fn put_into_use(&self, request: &Accepted, in_use: InUse) -> Result<Option<Renewed>, AuthorityError> {
        let due = self.due(&in_use)?;
        let Some(handle) = self.inner.upkeep.renewed(request, in_use, due) else { return Ok(None) };
        let renewed = Renewed { subject: request.request().subject.clone(), handle };
        // An error means that nobody listens.
        let _ = self.inner.renewals.send(renewed.clone());
        Ok(Some(renewed))
    }
}

impl From<IssuedCredential> for InUse {
    fn from(IssuedCredential { issued, credential }: IssuedCredential) -> Self {
        let (id, made_at, not_after) = (issued.id(), issued.made_at(), issued.not_after());
        Self { credential, id, made_at, not_after }
    }
}
