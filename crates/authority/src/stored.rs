//! Certificates of the store that are served as they are: by a name in them or by their number, whoever made
//! them.
//!
//! A handle on one is followed: each round looks for what has taken its place. What an authority here issued
//! is kept renewed meanwhile by the same rounds as all else; what it is renewed to is then found in the store,
//! as what is imported is.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hermetic_store::{
    CertificateFilter, CertificateId, CertificateRecord, CertificateState, NameFilter, Order, Origin,
};
use hermetic_tls::{CredentialHandle, Identity};
use hermetic_x509::{CertificateDescription, describe};

use crate::Authority;
use crate::error::AuthorityError;
use crate::issuance::Accepted;
use crate::renewal::{Renewed, same_again};

/// How many certificates of a name are read at once.
const PAGE: usize = 100;

/// The purposes by which a server may show a certificate.
const SERVERS: [&str; 2] = ["serverAuth", "anyExtendedKeyUsage"];

/// Which certificate in the store is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Of those that are valid, good for a server, have this name, and were not replaced by another of it, the
    /// one that ends last.
    Named(Identity),
    /// The one with this serial number, in hex.
    Numbered(String),
}

/// All that are served.
#[derive(Debug, Default)]
pub(crate) struct Served(Mutex<Vec<Followed>>);

/// A certificate that is served, and what is served in its place later.
#[derive(Clone, Debug)]
struct Followed {
    which: Stored,
    current: CertificateId,
    handle: CredentialHandle,
    /// What keeps it renewed; `None` for what comes from elsewhere, and for what is meant by its number.
    renewal: Option<Accepted>,
    /// Whether it was told that nothing in the store is what is meant any more.
    is_told: bool,
}

impl Authority {
    /// The certificate in the store that is meant, with its key, and from now on whatever takes its place: what
    /// is renewed or imported again is swapped in. `None` where the store has none that is valid and whose key
    /// is there. Asked again for the same, it gives the same handle.
    pub async fn serve_stored(&self, which: &Stored) -> Result<Option<CredentialHandle>, AuthorityError> {
        if let Some(known) = self.inner.served.find(which) {
            return Ok(Some(known));
        }
        let Some(record) = self.stored(which).await? else { return Ok(None) };
        let Some(in_use) = self.reopen(&record).await? else { return Ok(None) };
        let followed = Followed {
            which: which.clone(),
            current: record.id,
            handle: CredentialHandle::new(in_use.credential),
            renewal: self.keep_stored_renewed(which, &record).await,
            is_told: false,
        };
        let handle = self.inner.served.keep(followed);
        self.inner.changed.notify_one();
        Ok(Some(handle))
    }

    /// All handles on certificates of the store that are followed.
    pub fn served_from_store(&self) -> Vec<CredentialHandle> {
        self.inner.served.all().into_iter().map(|followed| followed.handle).collect()
    }

    /// Puts what has taken the place of others into use.
    pub(crate) async fn follow_stored(&self) -> Vec<Renewed> {
        let mut renewed = Vec::new();
        for followed in self.inner.served.all() {
            match self.follow_one(&followed).await {
                Ok(Some(one)) => renewed.push(one),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(which = %followed.which, %error, "a served certificate can't be looked for in the store");
                }
            }
        }
        self.renew_of_stored_what_is_served();
        renewed
    }

    /// Renews what is served from the store, and nothing that was.
    pub(crate) fn renew_of_stored_what_is_served(&self) {
        let kept = self.inner.served.all().into_iter().filter_map(|followed| followed.renewal).collect();
        self.inner.upkeep.keep_of_stored(kept);
    }

    async fn follow_one(&self, followed: &Followed) -> Result<Option<Renewed>, AuthorityError> {
        let Some(record) = self.stored(&followed.which).await? else {
            // It is served on: its clients see what it is.
            if self.inner.served.tell(&followed.handle) {
                let which = followed.which.to_string();
                tracing::error!(
                    which,
                    "what is served was revoked or is over, and the store has nothing in its place"
                );
            }
            return Ok(None);
        };
        let renewal = self.keep_stored_renewed(&followed.which, &record).await;
        if record.id == followed.current {
            self.inner.served.now(&followed.handle, record.id, renewal);
            return Ok(None);
        }
        let Some(in_use) = self.reopen(&record).await? else { return Ok(None) };
        followed.handle.swap(in_use.credential);
        self.inner.served.now(&followed.handle, record.id, renewal);
        let subject = followed.which.to_string();
        tracing::info!(which = subject, serial = record.serial, "a newer certificate of the store is served");
        Ok(Some(Renewed { subject, handle: followed.handle.clone() }))
    }

    /// Has what an authority here issued renewed in its time. What can't be is told of as its end comes near.
    async fn keep_stored_renewed(&self, which: &Stored, record: &CertificateRecord) -> Option<Accepted> {
        if record.origin != Origin::Issued || matches!(which, Stored::Numbered(_)) {
            return None;
        }
        let request = same_again(record).ok()?;
        let accepted = Accepted::new(request, &self.terms().profiles).ok()?.for_stored();
        if self.inner.upkeep.current(&accepted).is_none() {
            let in_use = self.reopen(record).await.ok()??;
            let due = self.due(&in_use).ok()?;
            self.inner.upkeep.keep(accepted.clone(), in_use, due);
        }
        Some(accepted)
    }

    async fn stored(&self, which: &Stored) -> Result<Option<CertificateRecord>, AuthorityError> {
        match which {
            Stored::Numbered(serial) => {
                let serial = whole_bytes(serial);
                let found = self.store.certificate(&serial).await?;
                let now = self.now();
                let is_it = |record: &CertificateRecord| {
                    record.serial == serial
                        && record.state == CertificateState::Issued
                        && record.not_after > now
                };
                Ok(found.filter(is_it))
            }
            Stored::Named(name) => self.lasting_longest(name).await,
        }
    }

    async fn lasting_longest(&self, name: &Identity) -> Result<Option<CertificateRecord>, AuthorityError> {
        let now = self.now();
        let filter = CertificateFilter {
            name: Some(NameFilter::Exact(name.to_string())),
            state: Some(CertificateState::Issued),
            expires_after: Some(now),
            ..CertificateFilter::default()
        };
        let (mut replaced, mut best) = (HashSet::new(), None::<CertificateRecord>);
        let mut after = None;
        loop {
            // The newest first: whatever replaces another is seen before it.
            let page = self.store.search(&filter, Order::Newest, after, PAGE).await?;
            for record in page.certificates {
                replaced.extend(record.replaces);
                let can_be =
                    record.sealed_key.is_some() && record.not_before <= now && is_for_servers(&record);
                let lasts_longer = best.as_ref().is_none_or(|best| record.not_after > best.not_after);
                if can_be && lasts_longer && !replaced.contains(&record.id) {
                    best = Some(record);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(best);
            }
        }
    }
}

/// The digits as the store has them: two for each byte, and no byte of nothing before the others.
fn whole_bytes(serial: &str) -> String {
    let digits = serial.trim_start_matches('0').to_ascii_lowercase();
    if digits.len().is_multiple_of(2) { digits } else { format!("0{digits}") }
}

/// Whether a server may show it: it says so, or does not say what it is for (RFC 5280 section 4.2.1.12).
fn is_for_servers(record: &CertificateRecord) -> bool {
    let described = record.certificate.as_deref().map(describe);
    described.is_some_and(|described| {
        described.is_ok_and(|CertificateDescription { purposes, .. }| {
            purposes.is_empty() || purposes.iter().any(|purpose| SERVERS.contains(&purpose.as_str()))
        })
    })
}

impl Served {
    fn find(&self, which: &Stored) -> Option<CredentialHandle> {
        self.followed()
            .iter()
            .find(|followed| followed.which == *which)
            .map(|followed| followed.handle.clone())
    }

    /// Follows it from now on. Where another was faster, its handle wins.
    fn keep(&self, new: Followed) -> CredentialHandle {
        let mut all = self.followed();
        if let Some(known) = all.iter().find(|followed| followed.which == new.which) {
            return known.handle.clone();
        }
        let handle = new.handle.clone();
        all.push(new);
        handle
    }

    fn all(&self) -> Vec<Followed> {
        self.followed().clone()
    }

    /// What a handle holds now.
    fn now(&self, handle: &CredentialHandle, current: CertificateId, renewal: Option<Accepted>) {
        if let Some(followed) = self.followed().iter_mut().find(|followed| followed.handle.is(handle)) {
            (followed.current, followed.renewal, followed.is_told) = (current, renewal, false);
        }
    }

    /// Gives whether nobody was told yet that what a handle holds is good no more; from now on somebody was.
    fn tell(&self, handle: &CredentialHandle) -> bool {
        let mut all = self.followed();
        let followed = all.iter_mut().find(|followed| followed.handle.is(handle));
        followed.is_some_and(|followed| !std::mem::replace(&mut followed.is_told, true))
    }

    /// Follows what this handle holds no more.
    pub(crate) fn release(&self, handle: &CredentialHandle) {
        self.followed().retain(|followed| !followed.handle.is(handle));
    }

    /// The certificates that are served, each with what is meant by it; but for those that are kept renewed.
    pub(crate) fn used(&self) -> Vec<(String, CertificateId)> {
        let all = self.followed();
        let unkept = all.iter().filter(|followed| followed.renewal.is_none());
        unkept.map(|followed| (followed.which.to_string(), followed.current)).collect()
    }

    fn followed(&self) -> MutexGuard<'_, Vec<Followed>> {
        // Each change is whole before anything in it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "stored {name}"),
            Self::Numbered(serial) => write!(f, "stored serial:{serial}"),
        }
    }
}
