//! Which certificates are kept renewed, and how each of them stands.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hermetic_store::CertificateId;
use hermetic_tls::{CredentialHandle, Identity};
use jiff::Timestamp;

use super::{InUse, schedule};
use crate::issuance::Accepted;

/// How a certificate that is kept renewed stands.
#[derive(Clone, Debug)]
pub struct Maintained {
    /// What it is used as.
    pub subject: String,
    /// The names in it.
    pub identities: Vec<Identity>,
    /// The end of the certificate in use.
    pub not_after: Timestamp,
    /// When it is renewed, or when that is tried again.
    pub next_renewal: Timestamp,
    /// How many attempts have failed since the last that did not.
    pub failures: u32,
    /// Why the last attempt failed; `None` once one succeeded.
    pub last_failure: Option<String>,
    /// The certificate in use.
    pub handle: CredentialHandle,
}

/// All certificates that are kept renewed. The handle is the only place from which one is served: a
/// second cache beside it went on serving an expired one (caddyserver/caddy#7589).
#[derive(Debug, Default)]
pub(crate) struct Upkeep {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    request: Accepted,
    /// The certificate in use, and when it was made.
    current: CertificateId,
    made_at: Timestamp,
    standing: Maintained,
}

impl Upkeep {
    /// The handle of what is kept for such a request already; the request's lifetime is the newest's.
    pub(crate) fn find(&self, request: &Accepted) -> Option<CredentialHandle> {
        let mut entries = self.entries();
        let entry = entries.iter_mut().find(|entry| entry.request.is_for_the_same_as(request))?;
        entry.request = request.clone();
        Some(entry.standing.handle.clone())
    }

    /// Keeps a certificate from now on. Where another was faster with the same request, its handle wins.
    pub(crate) fn keep(&self, request: Accepted, in_use: InUse, due: Timestamp) -> CredentialHandle {
        let mut entries = self.entries();
        if let Some(entry) = entries.iter().find(|entry| entry.request.is_for_the_same_as(&request)) {
            return entry.standing.handle.clone();
        }
        let handle = CredentialHandle::new(in_use.credential);
        let standing = Maintained {
            subject: request.request().subject.clone(),
            identities: request.identities(),
            not_after: in_use.not_after,
            next_renewal: due,
            failures: 0,
            last_failure: None,
            handle: handle.clone(),
        };
        entries.push(Entry { request, current: in_use.id, made_at: in_use.made_at, standing });
        handle
    }

    /// Keeps what this handle holds renewed no more.
    pub(crate) fn release(&self, handle: &CredentialHandle) {
        self.entries().retain(|entry| !entry.standing.handle.is(handle));
    }

    /// What is due, the nearest to its end first.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<Accepted> {
        let entries = self.entries();
        let mut due: Vec<_> = entries.iter().filter(|entry| entry.standing.next_renewal <= now).collect();
        due.sort_by_key(|entry| entry.standing.not_after);
        due.into_iter().map(|entry| entry.request.clone()).collect()
    }

    /// The instant at which something is due next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.entries().iter().map(|entry| entry.standing.next_renewal).min()
    }

    /// How they all stand.
    pub(crate) fn standings(&self) -> Vec<Maintained> {
        self.entries().iter().map(|entry| entry.standing.clone()).collect()
    }

    /// Puts a newer certificate into use.
    pub(crate) fn renewed(
        &self,
        request: &Accepted,
        in_use: InUse,
        due: Timestamp,
    ) -> Option<CredentialHandle> {
        self.change(request, |entry| {
            (entry.current, entry.made_at) = (in_use.id, in_use.made_at);
            let standing = &mut entry.standing;
            standing.handle.swap(in_use.credential);
            standing.not_after = in_use.not_after;
            standing.next_renewal = due;
            standing.failures = 0;
            standing.last_failure = None;
            standing.handle.clone()
        })
    }

    /// Keeps the old certificate in use, and the reason. Gives how it stands now.
    pub(crate) fn failed(&self, request: &Accepted, reason: String, now: Timestamp) -> Option<Maintained> {
        self.change(request, |Entry { made_at, standing, .. }| {
            standing.failures = standing.failures.saturating_add(1);
            standing.next_renewal =
                schedule::retry_renewal(*made_at, standing.not_after, now, standing.failures);
            standing.last_failure = Some(reason);
            standing.clone()
        })
    }

    /// Looks again then for what another process is about to issue.
    pub(crate) fn look_again(&self, request: &Accepted, at: Timestamp) {
        self.change(request, |entry| entry.standing.next_renewal = at);
    }

    /// Has what was revoked renewed at once. Where that failed already, it is tried again in its time.
    pub(crate) fn revoked(&self, request: &Accepted, now: Timestamp) {
        self.change(request, |entry| {
            let standing = &mut entry.standing;
            if standing.failures == 0 {
                standing.next_renewal = standing.next_renewal.min(now);
            }
        });
    }

    /// The certificate in use for a request.
    pub(crate) fn current(&self, request: &Accepted) -> Option<CertificateId> {
        self.change(request, |entry| entry.current)
    }

    /// The request that a certificate in use was issued for.
    pub(crate) fn request_of(&self, current: CertificateId) -> Option<Accepted> {
        let entries = self.entries();
        entries.iter().find(|entry| entry.current == current).map(|entry| entry.request.clone())
    }

    /// All requests, each with the certificate in use.
    pub(crate) fn all(&self) -> Vec<(Accepted, CertificateId)> {
        self.entries().iter().map(|entry| (entry.request.clone(), entry.current)).collect()
    }

    /// Keeps of what is served from the store these renewed, and no others.
    pub(crate) fn keep_of_stored(&self, needed: Vec<Accepted>) {
        self.entries().retain(|entry| {
            !entry.request.is_for_stored()
                || needed.iter().any(|needed| needed.is_for_the_same_as(&entry.request))
        });
    }

    /// All certificates that are kept renewed, and as what.
    pub(crate) fn used(&self) -> Vec<(String, CertificateId)> {
        self.entries().iter().map(|entry| (entry.standing.subject.clone(), entry.current)).collect()
    }

    fn change<T>(&self, request: &Accepted, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut entries = self.entries();
        let entry = entries.iter_mut().find(|entry| entry.request.is_for_the_same_as(request))?;
        Some(change(entry))
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        // Each change is whole before anything in it can panic.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
