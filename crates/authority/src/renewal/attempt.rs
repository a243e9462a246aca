//! One attempt to renew: the lease, another look, and only then the issuance.

use std::time::Duration;

use hermetic_store::CertificateId;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::{InUse, Renewed};
use crate::Authority;
use crate::error::AuthorityError;
use crate::issuance::{Accepted, IssuedCredential, Life};

/// How long a renewal may take before it counts as failed, so that a signer that never answers holds up
/// nobody else's.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// How long a node has a renewal for itself: longer than an attempt may take, so that no other begins before
/// it has come to its end.
const LEASE: SignedDuration = SignedDuration::from_secs(180);

/// How soon is looked again for what another node is about to issue.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// How long a start waits for a first certificate that another node is about to issue. Then it issues its
/// own: two certificates are better than none.
const FIRST: Duration = Duration::from_secs(10);

/// How often it looks meanwhile.
const FIRST_LOOK: Duration = Duration::from_millis(200);

/// Whose a renewal is.
pub(super) enum Claim {
    /// Nobody need issue: another has.
    Done(Box<InUse>),
    /// Ours; it must be given up.
    Ours,
    /// Another's, who is about to issue.
    Others,
}

impl Authority {
    /// The certificate for a request that is new here: the recorded one, or one that is issued under the lease.
    /// `None` where another has that for so long that it is to be issued without.
    pub(super) async fn first(&self, request: &Accepted) -> Result<Option<InUse>, AuthorityError> {
        if let Some(recorded) = self.recorded(request, None).await? {
            return Ok(Some(recorded));
        }
        let end = Instant::now() + FIRST;
        loop {
            match self.claim(request, None).await? {
                Claim::Done(in_use) => return Ok(Some(*in_use)),
                Claim::Others if Instant::now() < end => sleep(FIRST_LOOK).await,
                Claim::Others => return Ok(None),
                Claim::Ours => {
                    let issued = self.issue_accepted(request, Life::Ahead).await;
                    self.give_lease_up(&request.request().subject).await;
                    return Ok(Some(issued?.into()));
                }
            }
        }
    }

    /// Renews what is due. Gives what was put into use; a failure is kept with its reason.
    pub(super) async fn attempt(&self, request: &Accepted) -> Option<Renewed> {
        let subject = &request.request().subject;
        let current = self.inner.upkeep.current(request)?;
        let claim = match timeout(PATIENCE, self.claim(request, Some(current))).await {
            Ok(Ok(claim)) => claim,
            Ok(Err(error)) => return self.failed(request, error.to_string(), false).await,
            Err(_) => return self.failed(request, silent(), false).await,
        };
        match claim {
            Claim::Done(in_use) => self.take(request, *in_use),
            Claim::Others => {
                let again = self.now().checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
                self.inner.upkeep.look_again(request, again);
                None
            }
            Claim::Ours => match timeout(PATIENCE, self.issue_in_place_of(request, current)).await {
                Ok(Ok(issued)) => {
                    tracing::info!(subject, serial = %issued.issued.serial(), "renewed a certificate");
                    self.put_renewed_into_use(request, issued)
                }
                Ok(Err(error)) => self.failed(request, error.to_string(), true).await,
                Err(_) => self.failed(request, silent(), true).await,
            },
        }
    }

    /// Takes the lease of a renewal, unless another has it or was done before.
    pub(super) async fn claim(
        &self,
        request: &Accepted,
        current: Option<CertificateId>,
    ) -> Result<Claim, AuthorityError> {
        if let Some(newer) = self.recorded(request, current).await? {
            return Ok(Claim::Done(Box::new(newer)));
        }
        let subject = &request.request().subject;
        if !self.lease(subject).await? {
            return Ok(Claim::Others);
        }
        // Another may have had the lease, and given it up, between our look and our lease (certmagic#347).
        match self.recorded(request, current).await? {
            Some(newer) => {
                self.give_lease_up(subject).await;
                Ok(Claim::Done(Box::new(newer)))
            }
            None => Ok(Claim::Ours),
        }
    }

    /// Takes the renewal of a subject's certificate upon this process. Gives whether it did.
    pub(super) async fn lease(&self, subject: &str) -> Result<bool, AuthorityError> {
        let now = self.now();
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        Ok(self.store.lease(subject, until, now).await?)
    }

    pub(super) async fn give_lease_up(&self, subject: &str) {
        if let Err(error) = self.store.renewed(subject).await {
            tracing::warn!(subject, %error, "a renewal's lease could not be given up; it ends by itself");
        }
    }

    /// Issues a certificate in the place of another, under a lease, which is given up once it is recorded.
    pub(super) async fn issue_in_place_of(
        &self,
        request: &Accepted,
        current: CertificateId,
    ) -> Result<IssuedCredential, AuthorityError> {
        let issued = self.issue_accepted(&request.in_place_of(current), Life::Ahead).await?;
        self.give_lease_up(&request.request().subject).await;
        Ok(issued)
    }

    pub(super) fn put_renewed_into_use(
        &self,
        request: &Accepted,
        issued: IssuedCredential,
    ) -> Option<Renewed> {
        self.inner.tally.renewed();
        self.used_from_now_on(request, issued.into())
    }

    /// Takes what another node has issued.
    pub(super) fn take(&self, request: &Accepted, in_use: InUse) -> Option<Renewed> {
        self.inner.tally.taken();
        tracing::info!(
            subject = request.request().subject,
            serial = %in_use.credential.leaf().serial,
            "took a certificate that another process renewed"
        );
        self.used_from_now_on(request, in_use)
    }

    fn used_from_now_on(&self, request: &Accepted, in_use: InUse) -> Option<Renewed> {
        self.put_into_use(request, in_use).unwrap_or_else(|error| {
            // Only chance can fail here; the next look finds it in the store.
            tracing::error!(%error, "a renewed certificate could not be put into use");
            None
        })
    }

    /// Keeps a failure with its reason, in the store too where the lease was ours.
    async fn failed(&self, request: &Accepted, reason: String, was_leased: bool) -> Option<Renewed> {
        let now = self.now();
        self.inner.tally.failed(now);
        let standing = self.inner.upkeep.failed(request, reason.clone(), now)?;
        tracing::warn!(
            subject = standing.subject,
            reason,
            failures = standing.failures,
            in_use_until = %standing.not_after,
            next_attempt = %standing.next_renewal,
            "a certificate could not be renewed; the old one stays in use"
        );
        if was_leased {
            let kept = self.store.renewal_failed(&standing.subject, &reason, standing.next_renewal).await;
            if let Err(error) = kept {
                tracing::error!(%error, "why a renewal failed could not be kept in the store");
            }
        }
        let body = json!({
            "subject": standing.subject,
            "serial": standing.handle.load().leaf().serial.to_string(),
            "identities": standing.identities,
            "reason": reason,
            "failures": standing.failures,
            "in_use_until": standing.not_after,
            "next_attempt": standing.next_renewal,
        });
        if let Err(error) = self.store.append(now, "renewal.failed", body).await {
            tracing::error!(%error, "a failed renewal could not be written to the journal");
        }
        None
    }

    /// Keeps why a certificate could not be renewed that nobody here keeps renewed.
    pub(super) async fn failed_at_once(&self, subject: &str, serial: &str, error: &AuthorityError) {
        let now = self.now();
        self.inner.tally.failed(now);
        let reason = error.to_string();
        if let Err(error) = self.store.renewal_failed(subject, &reason, now).await {
            tracing::error!(%error, "why a renewal failed could not be kept in the store");
        }
        let body = json!({ "subject": subject, "serial": serial, "reason": reason });
        if let Err(error) = self.store.append(now, "renewal.failed", body).await {
            tracing::error!(%error, "a failed renewal could not be written to the journal");
        }
    }
}

fn silent() -> String {
    format!("no answer within {} seconds", PATIENCE.as_secs())
}
