//! The first start: a root, and the intermediate that issues.

use hermetic_store::StoreError;
use hermetic_x509::publication::AuthorityName;

use super::NewAuthority;
use crate::Authority;
use crate::error::AuthorityError;

impl Authority {
    /// Makes a root where there is no authority at all, and the usual issuer under it where that is missing:
    /// a crash may have come between both. Another node may be at it, too; then one of both makes each.
    pub(crate) async fn found(&self) -> Result<(), AuthorityError> {
        let (root, intermediate) = (AuthorityName::root(), AuthorityName::intermediate());
        if self.authorities_now().all().is_empty() {
            self.made_by_somebody(NewAuthority::root(root.clone())).await?;
        }
        let authorities = self.authorities_now();
        let is_wanted =
            self.terms().issuer == intermediate && authorities.generations(&intermediate).is_empty();
        let now = self.now();
        if is_wanted && authorities.issuing(&root, now).is_ok() {
            self.made_by_somebody(NewAuthority::under(intermediate, root)).await?;
        }
        Ok(())
    }

    async fn made_by_somebody(&self, new: NewAuthority) -> Result<(), AuthorityError> {
        match self.first_generation(new).await {
            Err(AuthorityError::Store(StoreError::AuthorityExists { .. })) => self.refresh().await,
            other => other.map(drop),
        }
    }
}
