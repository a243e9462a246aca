//! What other processes on the store did to certificates that are used here.

use hermetic_store::CertificateId;

use jiff::{SignedDuration, Timestamp};

use super::Renewed;
use crate::Authority;
use crate::error::AuthorityError;
use crate::issuance::Accepted;

/// How often the store is told that nothing has changed, so that it knows when a node was seen last.
const SAID_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What a process uses, as it told the store, and when.
pub(crate) type Said = Option<(Vec<(String, CertificateId)>, Timestamp)>;

impl Authority {
    /// Takes what others issued in place of what is used here. What was revoked is due at once.
    pub(super) async fn look_at_what_others_did(&self) -> Vec<Renewed> {
        let mut taken = Vec::new();
        for (request, current) in self.inner.upkeep.all() {
            match self.look_at(&request, current).await {
                Ok(renewed) => taken.extend(renewed),
                Err(error) => {
                    // What is due will fail the same way, and tell of it.
                    tracing::debug!(%error, "the store can't be asked for newer certificates");
                    break;
                }
            }
        }
        taken
    }

    async fn look_at(
        &self,
        request: &Accepted,
        current: CertificateId,
    ) -> Result<Option<Renewed>, AuthorityError> {
        let now = self.now();
        let records = self.store.unexpired(&request.request().subject, now).await?;
        if let Some(newer) = self.newest_of(&records, request, Some(current), now).await? {
            return Ok(self.take(request, newer));
        }
        if !records.iter().any(|record| record.id == current) {
            self.inner.upkeep.revoked(request, now);
        }
        Ok(None)
    }

    /// Says in the store which certificates this process uses, where it has not just said the same.
    pub(super) async fn say_what_is_used(&self) {
        let uses = [self.inner.upkeep.used(), self.inner.served.used()].concat();
        let now = self.now();
        let mut said = self.inner.said.lock().await;
        let is_known =
            said.as_ref().is_some_and(|(known, at)| *known == uses && now.duration_since(*at) < SAID_AGAIN);
        if is_known {
            return;
        }
        match self.store.use_certificates(uses.clone(), now).await {
            Ok(()) => *said = Some((uses, now)),
            Err(error) => {
                tracing::warn!(%error, "the store can't be told which certificates are in use; told again");
            }
        }
    }
}
