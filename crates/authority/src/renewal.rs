//! Keeping certificates renewed: taken from the record or issued, then renewed before they run out.

use std::time::Duration;

use hermetic_store::CertificateRecord;
use hermetic_tls::{Chain, Credential, CredentialHandle, PrivateKey};
use jiff::Timestamp;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::error::AuthorityError;
use crate::issuance::{Issuance, Issued};
use crate::keyring::Owner;
use crate::request::Accepted;
use crate::{Authority, Request, lint, schedule};

/// How many renewals run at once.
const AT_ONCE: usize = 8;

/// How long a renewal may take before it counts as failed, so that a signer that never answers holds up
/// nobody else's.
const PATIENCE: Duration = Duration::from_secs(120);

/// The longest sleep. A clock that was set, or a machine that slept, is noticed after it.
const LONGEST_NAP: Duration = Duration::from_secs(60);

/// A certificate that was renewed.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What it is used as.
    pub subject: String,
    /// The handle whose credential was swapped.
    pub handle: CredentialHandle,
}

impl Authority {
    pub(crate) async fn start_maintaining(
        &self,
        request: Request,
    ) -> Result<CredentialHandle, AuthorityError> {
        let request = Accepted::new(request)?;
        if let Some(handle) = self.inner.upkeep.find(&request) {
            return Ok(handle);
        }
        let issued = match self.inner.issuance.recorded(&request).await? {
            Some(recorded) => recorded,
            None => self.inner.issuance.issue(&request).await?,
        };
        let due = self.inner.issuance.due(&issued.record)?;
        let handle = self.inner.upkeep.keep(request, issued, due);
        self.inner.changed.notify_one();
        Ok(handle)
    }

    pub(crate) async fn one_round(&self) -> Vec<Renewed> {
        // Two rounds at once would issue everything twice (certmagic#347).
        let _round = self.inner.round.lock().await;
        let due = self.inner.upkeep.due(self.inner.issuance.world.clock.now());
        let mut renewed = Vec::new();
        for batch in due.chunks(AT_ONCE) {
            let mut attempts = JoinSet::new();
            for request in batch {
                let (authority, request) = (self.clone(), request.clone());
                attempts.spawn(async move { authority.renew(&request).await });
            }
            while let Some(attempt) = attempts.join_next().await {
                renewed.extend(attempt.ok().flatten());
            }
        }
        renewed
    }

    pub(crate) async fn rounds_for_ever(&self) {
        loop {
            let now = self.inner.issuance.world.clock.now();
            let until_next = self.next_renewal().map(|next| next.duration_since(now));
            let nap = until_next.map_or(LONGEST_NAP, |wait| wait.try_into().unwrap_or_default());
            tokio::select! {
                () = sleep(nap.min(LONGEST_NAP)) => { self.renew_due().await; }
                // Something else may be due earlier now.
                () = self.inner.changed.notified() => {}
            }
        }
    }

    async fn renew(&self, request: &Accepted) -> Option<Renewed> {
        let issuance = &self.inner.issuance;
        let attempt = async {
            let issued = issuance.issue(request).await?;
            let due = issuance.due(&issued.record)?;
            Ok::<_, AuthorityError>((issued, due))
        };
        let reason = match timeout(PATIENCE, attempt).await {
            Ok(Ok((issued, due))) => {
                let handle = self.inner.upkeep.renewed(request, issued, due)?;
                let renewed = Renewed { subject: request.request().subject.clone(), handle };
                tracing::info!(subject = renewed.subject, next = %due, "renewed a certificate");
                // An error means that nobody listens.
                let _ = self.inner.renewals.send(renewed.clone());
                return Some(renewed);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} seconds", PATIENCE.as_secs()),
        };
        self.record_failure(request, reason).await;
        None
    }

    async fn record_failure(&self, request: &Accepted, reason: String) {
        let now = self.inner.issuance.world.clock.now();
        let Some(standing) = self.inner.upkeep.failed(request, reason.clone(), now) else { return };
        tracing::warn!(
            subject = standing.subject,
            reason,
            failures = standing.failures,
            in_use_until = %standing.not_after,
            next_attempt = %standing.next_renewal,
            "a certificate could not be renewed; the old one stays in use"
        );
        let body = json!({
            "subject": standing.subject,
            "identities": standing.identities,
            "reason": reason,
            "failures": standing.failures,
            "in_use_until": standing.not_after,
            "next_attempt": standing.next_renewal,
        });
        if let Err(error) = self.inner.issuance.store.append(now, "renewal.failed", body).await {
            tracing::error!(%error, "a failed renewal could not be written to the journal");
        }
    }
}

impl Issuance {
    /// When to renew this certificate. Drawn once for each, so that asking again does not move it.
    fn due(&self, record: &CertificateRecord) -> Result<Timestamp, AuthorityError> {
        let mut chance = [0; 8];
        self.world.randomness.fill(&mut chance)?;
        Ok(schedule::renewal(record.at, record.not_after, u64::from_be_bytes(chance)))
    }

    /// The recorded certificate that still serves this request.
    async fn recorded(&self, request: &Accepted) -> Result<Option<Issued>, AuthorityError> {
        let now = self.world.clock.now();
        for record in self.store.unexpired(&request.request().subject, now).await? {
            if !self.serves(&record, request, now) {
                continue;
            }
            match self.reopen(&record, request) {
                Ok(Some(credential)) => return Ok(Some(Issued { credential, record })),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(serial = record.serial, %error, "a recorded certificate can't be used");
                }
            }
        }
        Ok(None)
    }

    fn serves(&self, record: &CertificateRecord, request: &Accepted, now: Timestamp) -> bool {
        // One that would outlive what is asked for now was made under longer terms.
        let longest = jiff::SignedDuration::try_from(request.request().lifetime).ok();
        let longest = longest.and_then(|life| now.checked_add(life).ok()).unwrap_or(Timestamp::MAX);
        record.identities == request.identities_as_text()
            && record.authority == self.issuer.name()
            && record.not_before <= now
            && record.not_after <= longest
            && schedule::worth_keeping(record.at, record.not_after, now)
    }

    /// The credential of a record; `None` where it is another issuer's or for another usage.
    fn reopen(
        &self,
        record: &CertificateRecord,
        request: &Accepted,
    ) -> Result<Option<Credential>, AuthorityError> {
        let chain = Chain::from_pem(&record.chain_pem)?;
        let by_issuer = chain.certificates().get(1) == Some(self.issuer.certificate());
        if !by_issuer || !lint::serves(&chain.leaf().der, request.request().usage)? {
            return Ok(None);
        }
        let Some(sealed) = &record.sealed_key else { return Ok(None) };
        let key = self.keyring.open(Owner::Certificate(&record.serial), sealed)?;
        Ok(Some(Credential::new(chain, PrivateKey::from_pkcs8(key.to_vec())?)?))
    }
}
