//! Which certificates are kept renewed, and how each of them stands.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hermetic_tls::{CredentialHandle, Identity};
use jiff::Timestamp;

use crate::issuance::Issued;
use crate::request::Accepted;
use crate::schedule;

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
pub(crate) struct Upkeep(Mutex<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    request: Accepted,
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
    pub(crate) fn keep(&self, request: Accepted, issued: Issued, due: Timestamp) -> CredentialHandle {
        let mut entries = self.entries();
        if let Some(entry) = entries.iter().find(|entry| entry.request.is_for_the_same_as(&request)) {
            return entry.standing.handle.clone();
        }
        let handle = CredentialHandle::new(issued.credential);
        let standing = Maintained {
            subject: request.request().subject.clone(),
            identities: request.request().identities.clone(),
            not_after: issued.record.not_after,
            next_renewal: due,
            failures: 0,
            last_failure: None,
            handle: handle.clone(),
        };
        entries.push(Entry { request, standing });
        handle
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
        issued: Issued,
        due: Timestamp,
    ) -> Option<CredentialHandle> {
        self.change(request, |standing| {
            standing.handle.swap(issued.credential);
            standing.not_after = issued.record.not_after;
            standing.next_renewal = due;
            standing.failures = 0;
            standing.last_failure = None;
            standing.handle.clone()
        })
    }

    /// Keeps the old certificate in use, and the reason. Gives how it stands now.
    pub(crate) fn failed(&self, request: &Accepted, reason: String, now: Timestamp) -> Option<Maintained> {
        self.change(request, |standing| {
            standing.failures = standing.failures.saturating_add(1);
            standing.next_renewal = schedule::retry(now, standing.not_after, standing.failures);
            standing.last_failure = Some(reason);
            standing.clone()
        })
    }

    fn change<T>(&self, request: &Accepted, change: impl FnOnce(&mut Maintained) -> T) -> Option<T> {
        let mut entries = self.entries();
        let entry = entries.iter_mut().find(|entry| entry.request.is_for_the_same_as(request))?;
        Some(change(&mut entry.standing))
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        // Each change is whole before anything in it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
