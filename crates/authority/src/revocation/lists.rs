//! Revocation lists, signed ahead: each is good until long after the next one is there.

use std::collections::BTreeMap;
use std::time::Duration;

use hermetic_store::{RevocationListRecord, Revoked};
use hermetic_tls::Serial;
use hermetic_x509::crl::{ListNumber, RevocationList, RevocationListDraft, Scope, Shard};
use hermetic_x509::publication::{AuthorityName, Site};
use hermetic_x509::{Revocation, assemble};
use jiff::{SignedDuration, Timestamp};

use super::news::Told;
use super::{reason_of, serial_of};
use crate::Authority;
use crate::authorities::{Act, CertificateAuthority};
use crate::error::AuthorityError;

/// How often a list is signed anew because another process was faster, before that is an error.
const TRIES: usize = 16;

/// From which journal entry on it is not known whether what was revoked is in the lists at this site; nothing
/// where that is not known of any.
pub(crate) type Listed = Option<(u64, Site)>;

impl Authority {
    /// Signs the lists that are missing, past half of their time, or without something that was revoked.
    /// Failures are logged, and tried again when this is called next. Of several processes one signs.
    pub async fn sign_due_lists(&self) {
        let Some(site) = self.terms().site.clone() else { return };
        let mut listed = self.inner.listed.lock().await;
        let known = listed.take().filter(|(_, at)| *at == site).map(|(from, _)| from);
        match self.round_of_lists(known).await {
            Ok(next) => *listed = next.map(|next| (next, site)),
            Err(error) => tracing::error!(%error, "revocation lists can't be looked at; tried again"),
        }
    }

    /// Of lists that hold for a while yet, only those are read of which something was revoked since `from`: an
    /// estate may have revoked a hundred thousand. Gives from where to look the next time, unless some list is
    /// not as it should be.
    async fn round_of_lists(&self, from: Option<u64>) -> Result<Option<u64>, AuthorityError> {
        // The place in the journal first: what is revoked meanwhile is looked at twice, and not never.
        let next = self.journal_end().await?;
        let revoked = match from {
            Some(from) if from <= next => Some(self.told_since(from).await?.revoked),
            _ => None,
        };
        let (dates, now, lifetime) =
            (self.store.revocation_list_dates().await?, self.now(), self.terms().crl_lifetime);
        let mut is_whole = true;
        for authority in self.authorities() {
            if !authority.state(now).allows(Act::SignRevocationList) {
                continue;
            }
            let good_until = good_until(&authority, now, lifetime);
            for shard in authority.shards().all() {
                let number = u32::from(shard.number());
                let of_it = |told: &Told| told.authority == authority.name().as_str() && told.shard == number;
                let is_touched = revoked.as_ref().is_none_or(|revoked| revoked.iter().any(of_it));
                let kept = dates
                    .iter()
                    .find(|kept| kept.authority == *authority.generation() && kept.shard == number);
                let holds = kept.is_some_and(|kept| !is_due(kept.next_update, good_until, now, lifetime));
                if holds && !is_touched {
                    continue;
                }
                if let Err(error) = self.current_list(&authority, shard).await {
                    let authority = authority.generation();
                    tracing::error!(%authority, %shard, %error, "a revocation list can't be signed; tried again");
                    is_whole = false;
                    // What keeps one from being signed keeps the others, too, such as a token that is gone.
                    break;
                }
            }
        }
        Ok(is_whole.then_some(next))
    }

    /// The lists of an authority as they were signed last, by shard, be they stale.
    pub async fn revocation_lists(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<Vec<RevocationListRecord>, AuthorityError> {
        let authority = self.meant(name, generation)?;
        Ok(self.store.revocation_lists(authority.id()).await?)
    }

    /// The list of a shard with all that is revoked by now: the one that is there, or one that is signed now and
    /// durable when this returns. `None` where no address is configured at which it would be published.
    pub(super) async fn current_list(
        &self,
        authority: &CertificateAuthority,
        shard: Shard,
    ) -> Result<Option<RevocationListRecord>, AuthorityError> {
        let Some(scope) = self.scope(authority, shard) else { return Ok(None) };
        let lifetime = self.terms().crl_lifetime;
        for _ in 0..TRIES {
            let (now, number) = (self.now(), shard.number().into());
            let kept = self.store.revocation_list(authority.id(), number).await?;
            // One more list tells of a certificate that has run out (RFC 5280 section 3.3).
            let after = before(now, lifetime);
            let revoked = entries(&self.store.revoked_of_shard(authority.id(), number, after).await?);
            let good_until = good_until(authority, now, lifetime);
            if let Some(kept) = &kept
                && !is_due(kept.next_update, good_until, now, lifetime)
                && tells(kept, &scope, &revoked)
            {
                return Ok(Some(kept.clone()));
            }
            let last = kept.map(|kept| ListNumber::new(kept.number));
            let number = ListNumber::after(last, now);
            let dates = (now, good_until);
            let list = self.signed(authority, (shard, scope.clone()), number, dates, &revoked).await?;
            if self.store.put_revocation_list(list.clone(), now).await? {
                return Ok(Some(list));
            }
        }
        Err(AuthorityError::Certificate(format!(
            "the revocation list {shard} of {} is signed by other processes all the time",
            authority.generation()
        )))
    }

    fn scope(&self, authority: &CertificateAuthority, shard: Shard) -> Option<Scope> {
        let terms = self.terms();
        let site = terms.site.as_ref()?;
        Some(site.scope(authority.publisher(), authority.shards(), shard))
    }

    async fn signed(
        &self,
        authority: &CertificateAuthority,
        (shard, scope): (Shard, Scope),
        number: ListNumber,
        (this_update, next_update): (Timestamp, Timestamp),
        revoked: &BTreeMap<Serial, Revocation>,
    ) -> Result<RevocationListRecord, AuthorityError> {
        let signer = authority.signer(&self.inner.keys).await?;
        let issuer = authority.certificate_to_sign_by()?;
        let signature = signer.algorithm();
        let draft =
            RevocationListDraft { issuer, signature, scope, number, this_update, next_update, revoked };
        let to_be_signed = draft.to_der()?;
        let signature = signer.sign(&to_be_signed).await?;
        let der = assemble(&to_be_signed, signer.algorithm(), &signature, signer.public_key())?;
        let (authority, shard, number) = (authority.id(), shard.number().into(), number.value());
        Ok(RevocationListRecord { authority, shard, number, this_update, next_update, der })
    }
}

/// Whether it is time for the next list: half of its time is over, and the next would be good for longer.
fn is_due(next_update: Timestamp, good_until: Timestamp, now: Timestamp, lifetime: Duration) -> bool {
    let left = next_update.duration_since(now);
    let half = SignedDuration::try_from(lifetime / 2).unwrap_or(SignedDuration::MAX);
    // One that is good for longer than the configuration says by now is due, too.
    (left <= half && next_update < good_until) || next_update > good_until
}

/// Whether it tells of all these, at this place.
fn tells(kept: &RevocationListRecord, scope: &Scope, revoked: &BTreeMap<Serial, Revocation>) -> bool {
    let Ok(list) = RevocationList::read(&kept.der) else { return false };
    list.scope() == scope && revoked.keys().all(|serial| list.revoked().contains_key(serial))
}

fn entries(revoked: &[Revoked]) -> BTreeMap<Serial, Revocation> {
    let entry = |revoked: &Revoked| {
        let revocation = Revocation { at: revoked.at, reason: reason_of(revoked.reason) };
        Some((serial_of(&revoked.serial)?, revocation))
    };
    revoked.iter().filter_map(entry).collect()
}

/// Nobody believes it past the end of who signed it.
fn good_until(authority: &CertificateAuthority, now: Timestamp, lifetime: Duration) -> Timestamp {
    let end = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
    authority.not_after().map_or(end, |not_after| not_after.min(end))
}

fn before(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}
