//! Whether the roll-overs of an authority come by themselves.

use hermetic_x509::publication::AuthorityName;
use serde_json::json;

use super::RollOver;
use crate::Authority;
use crate::authorities::{Policy, State};
use crate::error::AuthorityError;

impl Authority {
    /// Has a running instance take the steps of an authority's roll-overs when they are due, or leave them to
    /// somebody; for all of its generations and those to come. Gives how far it is.
    pub async fn roll_over_by_itself(
        &self,
        name: &AuthorityName,
        by_itself: bool,
    ) -> Result<RollOver, AuthorityError> {
        let changed = self.changed_by_itself(name, by_itself).await;
        self.kept_if_refused(changed, "roll over by itself, or not", name).await?;
        self.roll_over(name)
    }

    async fn changed_by_itself(&self, name: &AuthorityName, by_itself: bool) -> Result<(), AuthorityError> {
        // Another node may have prepared a generation since the last look.
        self.refresh().await?;
        let (now, authorities) = (self.now(), self.authorities_now());
        let meant = authorities.named(name)?;
        // The one that is meant comes first: the journal names it.
        let mut generations = authorities.generations(name);
        generations.retain(|one| one.lasting_state(now) != State::Deleted);
        generations.sort_by_key(|one| one.id() != meant.id());
        let changes = generations.iter().filter(|one| one.policy().rolls_over != by_itself).map(|one| {
            let policy = Policy { rolls_over: by_itself, ..one.policy().clone() };
            Ok((one.generation().clone(), policy.write()?))
        });
        let changes = changes.collect::<Result<Vec<_>, AuthorityError>>()?;
        if changes.is_empty() {
            return Ok(());
        }
        let taken = self.store.change_authority(changes, json!({ "rolls_over": by_itself }), now).await;
        self.refresh().await?;
        self.inner.changed.notify_one();
        Ok(taken?)
    }
}
