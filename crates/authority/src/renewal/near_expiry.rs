//! Telling of certificates in use that near their end and were not renewed.
//!
//! Each of a certificate's thresholds is told of once, by whichever process on the store sees it first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hermetic_store::{
    CertificateFilter, CertificateId, CertificateRecord, CertificateState, Order, Origin, StoreError,
};
use hermetic_x509::days_left;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::schedule;
use crate::{Authority, RenewAt, Terms};

/// How many are read at once.
const PAGE: usize = 100;

/// What ended longer ago is told of no more.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What was told already of which certificate.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<HashMap<CertificateId, Threshold>>);

/// How near its end a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Threshold {
    /// Past its renewal, and as near as one is to be warned of.
    Warning = 1,
    /// A twentieth of its life is left.
    Twentieth,
    /// A fiftieth.
    Fiftieth,
    /// Nothing.
    Over,
}

impl Threshold {
    fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Twentieth => "last twentieth",
            Self::Fiftieth => "last fiftieth",
            Self::Over => "expired",
        }
    }
}

impl Authority {
    /// Tells the journal of each certificate in use that has come nearer to its end than it may.
    pub(super) async fn tell_near_expiry(&self) {
        if let Err(error) = self.look_for_near_expiry().await {
            tracing::warn!(%error, "certificates near their end can't be looked for; tried again");
        }
    }

    async fn look_for_near_expiry(&self) -> Result<(), StoreError> {
        let (now, terms) = (self.now(), self.terms());
        let warning = SignedDuration::try_from(terms.expiry_warning).unwrap_or(SignedDuration::MAX);
        let filter = CertificateFilter {
            in_use: Some(true),
            state: Some(CertificateState::Issued),
            expires_before: Some(now.checked_add(warning).unwrap_or(Timestamp::MAX)),
            expires_after: Some(now.checked_sub(FORGOTTEN).unwrap_or(Timestamp::MIN)),
            ..CertificateFilter::default()
        };
        let mut after = None;
        loop {
            let page = self.store.search(&filter, Order::SoonestExpiry, after, PAGE).await?;
            for certificate in &page.certificates {
                if let Some(threshold) = threshold(certificate, &terms, now) {
                    self.tell(certificate, threshold, now).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn tell(
        &self,
        certificate: &CertificateRecord,
        threshold: Threshold,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let CertificateRecord { id, serial, subject, names, not_after, .. } = certificate;
        let told = |told: &Told| told.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied();
        if told(&self.inner.told).is_some_and(|told| told >= threshold) {
            return Ok(());
        }
        let days_left = days_left(*not_after, now);
        let body = json!({
            "serial": serial,
            "subject": subject,
            "names": names,
            "not_after": not_after,
            "threshold": threshold.as_str(),
            "days_left": days_left,
        });
        let key = format!("near_expiry/{}", id.0);
        let step = threshold as u8;
        if self.store.append_once(&key, step, now, "certificate.near_expiry", body).await? {
            let threshold = threshold.as_str();
            tracing::warn!(subject, serial, threshold, days_left, "a certificate in use nears its end");
        }
        self.inner.told.0.lock().unwrap_or_else(PoisonError::into_inner).insert(*id, threshold);
        Ok(())
    }
}

/// The last threshold that a certificate has passed. One whose time to renew is not past has passed none,
/// however short it lives; what was not issued here is renewed by nobody, and has no such time.
fn threshold(certificate: &CertificateRecord, terms: &Terms, now: Timestamp) -> Option<Threshold> {
    let CertificateRecord { at, not_before, not_after, origin, .. } = certificate;
    let made = if *origin == Origin::Issued { *at } else { *not_before };
    if *not_after <= now {
        return Some(Threshold::Over);
    }
    let is_waiting = |at: RenewAt| *origin == Origin::Issued && now < schedule::overdue(made, *not_after, at);
    if is_waiting(terms.renew_at) {
        return None;
    }
    Some(match schedule::last_resorts_past(made, *not_after, now) {
        0 => Threshold::Warning,
        1 => Threshold::Twentieth,
        _ => Threshold::Fiftieth,
    })
}
