//! Authorities disabled, enabled, deleted and restored.

use std::sync::Arc;

use hermetic_store::StoreError;
use hermetic_x509::publication::AuthorityName;
use jiff::SignedDuration;

use super::{Act, CertificateAuthority};
use crate::Authority;
use crate::error::AuthorityError;

/// How long a deleted authority can be restored: 7 to 30 days, as in AWS Private CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestoreWindow(u8);

/// Not a time in which an authority can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a deleted authority can be restored for {least} to {most} days, not for {0}", least = RestoreWindow::LEAST, most = RestoreWindow::MOST)]
pub struct RestoreWindowError(u64);

impl RestoreWindow {
    const LEAST: u8 = 7;
    const MOST: u8 = 30;

    /// So many days.
    pub fn days(days: u64) -> Result<Self, RestoreWindowError> {
        match u8::try_from(days) {
            Ok(days) if (Self::LEAST..=Self::MOST).contains(&days) => Ok(Self(days)),
            _ => Err(RestoreWindowError(days)),
        }
    }

    fn duration(self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.0))
    }
}

impl Default for RestoreWindow {
    fn default() -> Self {
        Self(Self::MOST)
    }
}

impl Authority {
    /// Has an authority issue nothing any more. It still tells of what it issued.
    pub async fn disable(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authority = self.allowed(name, generation, Act::Disable).await?;
        let taken = self.store.disable_authority(authority.generation(), now).await;
        self.after(&authority, Act::Disable, taken).await
    }

    /// Has a disabled authority issue again.
    pub async fn enable(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authority = self.allowed(name, generation, Act::Enable).await?;
        let taken = self.store.enable_authority(authority.generation(), now).await;
        self.after(&authority, Act::Enable, taken).await
    }

    /// Deletes an authority. For so long it can be restored; then its key is erased.
    pub async fn delete(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
        window: RestoreWindow,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authority = self.allowed(name, generation, Act::Delete).await?;
        let until = now.checked_add(window.duration()).unwrap_or(jiff::Timestamp::MAX);
        let taken = self.store.delete_authority(authority.generation(), until, now).await;
        self.after(&authority, Act::Delete, taken).await
    }

    /// Brings a deleted authority back to the state before. Where another generation signs meanwhile, it comes
    /// back retired.
    pub async fn restore(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authority = self.allowed(name, generation, Act::Restore).await?;
        let in_time = match authority.restorable_until() {
            Some(until) if until <= now => {
                Err(AuthorityError::TooLateToRestore { authority: authority.generation().clone(), until })
            }
            _ => Ok(()),
        };
        self.kept_if_refused(in_time, Act::Restore.words(), name).await?;
        let taken = self.store.restore_authority(authority.generation(), now).await;
        self.after(&authority, Act::Restore, taken).await
    }

    /// The generation that is meant, if this may be done with it.
    async fn allowed(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
        act: Act,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let allowed = self.meant(name, generation).and_then(|authority| {
            authority.allow(act, now)?;
            Ok(authority)
        });
        self.kept_if_refused(allowed, act.words(), name).await
    }

    /// How the generation stands after a step was taken, or who took another one first.
    pub(super) async fn after(
        &self,
        authority: &CertificateAuthority,
        act: Act,
        taken: Result<(), StoreError>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        self.refresh().await?;
        self.inner.changed.notify_one();
        let stands = self.generation(authority.generation())?;
        let Err(error) = taken else { return Ok(stands) };
        if let StoreError::State { .. } = error {
            stands.allow(act, self.now())?;
        }
        Err(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_authority_can_be_restored_for_a_week_to_a_month() {
        assert_eq!(RestoreWindow::default(), RestoreWindow::days(30).unwrap());
        RestoreWindow::days(7).unwrap();
        for days in [0, 6, 31, 300] {
            let told = RestoreWindow::days(days).unwrap_err().to_string();
            assert!(told.contains("7 to 30 days"), "{told}");
        }
    }
}
