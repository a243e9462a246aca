//! Roll-overs that somebody takes step by step.

use std::sync::Arc;

use hermetic_store::{Generation, Stage, StoreError};
use hermetic_x509::publication::AuthorityName;
use jiff::Timestamp;

use super::schedule::Life;
use super::{CertificateAuthority, RollOver, Step};
use crate::Authority;
use crate::authorities::State;
use crate::error::AuthorityError;

/// What the journal calls the publication of a generation.
const PUBLISHED: &str = "authority.published";

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// Which one.
    pub step: Step,
    /// The generation that took it.
    pub authority: Arc<CertificateAuthority>,
    /// How far the roll-over is now.
    pub roll_over: RollOver,
    /// From when on the next generation may sign, so that whoever follows what is published believes it;
    /// `None` where activation is not the next step.
    pub activation_from: Option<Timestamp>,
}

impl Authority {
    /// Takes the next step of a roll-over. The next generation is not activated before trust in it could
    /// spread, unless just that step is asked for.
    pub async fn rotate(&self, name: &AuthorityName, asked: Option<Step>) -> Result<Rotated, AuthorityError> {
        let taken = self.stepped_by_hand(name, asked).await;
        let (step, authority) = self.kept_if_refused(taken, "roll over", name).await?;
        let roll_over = self.roll_over(name)?;
        let activation_from = self.activation_from(&roll_over).await?;
        Ok(Rotated { step, authority, roll_over, activation_from })
    }

    async fn stepped_by_hand(
        &self,
        name: &AuthorityName,
        asked: Option<Step>,
    ) -> Result<(Step, Arc<CertificateAuthority>), AuthorityError> {
        let step = match asked {
            Some(step) => step,
            None => self.next_by_hand(name).await?,
        };
        Ok((step, self.step(name, step).await?))
    }

    async fn next_by_hand(&self, name: &AuthorityName) -> Result<Step, AuthorityError> {
        let roll_over = self.roll_over(name)?;
        let Some((step, _)) = roll_over.next else {
            return Err(self.what_it_waits_for(name, &roll_over));
        };
        match self.activation_from(&roll_over).await? {
            Some(from) if from > self.now() => {
                let generation = roll_over.successor.map_or(0, |coming| coming.generation().generation);
                Err(AuthorityError::NotSpread { name: name.clone(), generation, from })
            }
            _ => Ok(step),
        }
    }

    fn what_it_waits_for(&self, name: &AuthorityName, roll_over: &RollOver) -> AuthorityError {
        let waits = match (&roll_over.successor, self.meant(name, None)) {
            (Some(coming), _) => coming.clone(),
            (None, Ok(meant)) => meant,
            (None, Err(error)) => return error,
        };
        let state = waits.lasting_state(self.now());
        let mut remedy = state.remedy(name.as_str());
        if state == State::PendingCertificate {
            let number = waits.generation().generation;
            remedy = format!(
                "have `hermetic ca csr {name} --generation {number}` signed, and give it the certificate with \
                 `hermetic ca import {name} --generation {number} FILE`"
            );
        }
        AuthorityError::Waits { generation: waits.generation().clone(), state, remedy }
    }

    /// From when on the next generation may sign, so that whoever follows what is published believes it; `None`
    /// where it is not published.
    pub(super) async fn activation_from(
        &self,
        roll_over: &RollOver,
    ) -> Result<Option<Timestamp>, AuthorityError> {
        let (Some(signing), Some(coming)) = (&roll_over.signing, &roll_over.successor) else {
            return Ok(None);
        };
        let life = signing.not_before().zip(signing.not_after());
        let (Some((begin, end)), Stage::Published) = (life, coming.stage()) else { return Ok(None) };
        let published = self.published_at(coming.generation()).await?;
        Ok(Some(Life { begin, end }.spread(published.unwrap_or(coming.made_at()))))
    }

    async fn published_at(&self, wanted: &Generation) -> Result<Option<Timestamp>, StoreError> {
        let is_it = |body: &serde_json::Value| {
            body.get("name") == Some(&wanted.name.as_str().into())
                && body.get("generation") == Some(&wanted.generation.into())
        };
        // The journal is long and read from its end: it is mostly the last publication or the one before.
        let mut most = 1;
        loop {
            let entries = self.store.latest_entries(most, |kind| kind == PUBLISHED).await?;
            let found = entries.iter().rev().find(|entry| is_it(&entry.body));
            if found.is_some() || entries.len() < most {
                return Ok(found.map(|entry| entry.at));
            }
            most *= 2;
        }
    }
}
