//! Roll-overs that come by themselves, in time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hermetic_store::StoreError;
use hermetic_x509::publication::AuthorityName;
use jiff::Timestamp;

use super::schedule::Due;
use crate::Authority;
use crate::authorities::Step;
use crate::error::AuthorityError;
use crate::renewal::schedule::retry;

/// What could not be done, and when it is tried again.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<HashMap<AuthorityName, Failure>>);

#[derive(Clone, Copy, Debug)]
struct Failure {
    count: u32,
    next_attempt: Timestamp,
}

impl Authority {
    /// Reads what others did to the authorities, takes every step of a roll-over that is due, and erases the
    /// keys of authorities whose time to be restored is over. Gives the steps that were taken. What fails is
    /// logged and tried again later.
    pub async fn roll_over_due(&self) -> Vec<(AuthorityName, Step)> {
        // A root may have run out since, too.
        self.refresh_or_warn().await;
        let mut taken = Vec::new();
        // A step may make another one due at once, but none twice: three of them make a whole roll-over.
        for _ in 0..3 {
            let due = self.due_steps();
            if due.is_empty() {
                break;
            }
            for (name, step) in due {
                if self.take_due(&name, step).await {
                    taken.push((name, step));
                }
            }
        }
        self.erase_deleted().await;
        taken
    }

    /// When something must be done next for an authority.
    pub(crate) fn next_step_at(&self) -> Option<Timestamp> {
        let now = self.now();
        self.steps(now).into_iter().map(|(_, due)| due.at).min()
    }

    fn due_steps(&self) -> Vec<(AuthorityName, Step)> {
        let now = self.now();
        let due = self.steps(now).into_iter().filter(|(_, due)| due.at <= now);
        due.map(|(name, due)| (name, due.step)).collect()
    }

    /// The next step of each authority that goes on by itself; not before it is tried again, where it failed.
    fn steps(&self, now: Timestamp) -> Vec<(AuthorityName, Due)> {
        let authorities = self.authorities_now();
        let mut names: Vec<&AuthorityName> = Vec::new();
        // Those above come first, so that what is below is made under the new one.
        for authority in authorities.all() {
            if !names.contains(&authority.name()) {
                names.push(authority.name());
            }
        }
        let failures = self.inner.failures.0.lock().unwrap_or_else(PoisonError::into_inner);
        let step = |name: &AuthorityName| {
            let goes_on = authorities.named(name).is_ok_and(|authority| authority.policy().rolls_over);
            let mut due = authorities.next(name, now).filter(|_| goes_on)?;
            if let Some(failure) = failures.get(name) {
                due.at = due.at.max(failure.next_attempt);
            }
            Some((name.clone(), due))
        };
        names.into_iter().filter_map(step).collect()
    }

    /// Takes a step; whether it was taken here.
    async fn take_due(&self, name: &AuthorityName, step: Step) -> bool {
        if step == Step::Activate
            && let Some(from) = self.not_spread_before(name).await
        {
            self.inner.failures.postpone(name, from);
            return false;
        }
        match self.step(name, step).await {
            Ok(authority) => {
                self.inner.failures.forget(name);
                tracing::info!(authority = %name, generation = authority.generation().generation, ?step, "an authority rolls over");
                true
            }
            Err(error) if is_taken(&error) => {
                // Another node was faster; how it stands now was read with the refusal.
                self.refresh_or_warn().await;
                false
            }
            Err(error) => {
                let now = self.now();
                let end = self.roll_over(name).ok().and_then(|it| it.signing?.not_after()).unwrap_or(now);
                let next_attempt = self.inner.failures.count(name, now, end);
                tracing::error!(authority = %name, ?step, %error, %next_attempt, "an authority can't roll over");
                false
            }
        }
    }

    /// What was made long ago may have been published just now, such as after a downtime: then it does not sign
    /// before that time.
    async fn not_spread_before(&self, name: &AuthorityName) -> Option<Timestamp> {
        let roll_over = self.roll_over(name).ok()?;
        let from = self.activation_from(&roll_over).await.ok()??;
        (from > self.now()).then_some(from)
    }

    /// Reads the authorities anew; where that fails, those that are known go on.
    async fn refresh_or_warn(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the authorities can't be read");
        }
    }

    async fn erase_deleted(&self) {
        match self.store.erase_deleted_authorities(self.now()).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "the keys of deleted authorities were erased");
                self.refresh_or_warn().await;
            }
            Err(error) => tracing::warn!(%error, "the keys of deleted authorities can't be erased"),
        }
    }
}

/// Whether a step failed since another node took it.
fn is_taken(error: &AuthorityError) -> bool {
    matches!(
        error,
        AuthorityError::Store(StoreError::AuthorityExists { .. } | StoreError::State { .. })
            | AuthorityError::OnItsWay { .. }
            | AuthorityError::NotSoFar { .. }
            | AuthorityError::NoneOnItsWay { .. }
    )
}

impl Failures {
    fn forget(&self, name: &AuthorityName) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Tries no step before this time, although none has failed.
    fn postpone(&self, name: &AuthorityName, until: Timestamp) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.insert(name.clone(), Failure { count: 0, next_attempt: until });
    }

    /// Counts a failure; gives when to try again.
    fn count(&self, name: &AuthorityName, now: Timestamp, end: Timestamp) -> Timestamp {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.get(name).map_or(1, |failure| failure.count.saturating_add(1));
        let next_attempt = retry(now, end, count);
        failures.insert(name.clone(), Failure { count, next_attempt });
        next_attempt
    }
}
