//! Roll-over: another generation takes the place of the one that signs, ahead of its end.
//!
//! It is prepared (key and certificate are there, and nobody has them yet), published (it is handed out, so
//! that trust in it spreads), and activated (it signs, and the one before retires). Each step is one change in
//! the store that a row count decides, so of two nodes one takes it.

mod by_hand;
mod by_itself;
mod schedule;
mod upkeep;

use std::sync::Arc;

use hermetic_store::{Generation, Stage, StoreError};
use hermetic_x509::publication::AuthorityName;
use jiff::Timestamp;

pub use by_hand::Rotated;
pub use schedule::Step;
pub(crate) use upkeep::Failures;

use super::create::{NewSigner, leaves_room};
use super::{Authorities, CertificateAuthority, KeyPlace, NewAuthority, SignedBy, State};
use crate::Authority;
use crate::error::AuthorityError;
use schedule::{Due, Life, Member};

/// How far the roll-over of an authority is.
#[derive(Clone, Debug)]
pub struct RollOver {
    /// The generation that signs.
    pub signing: Option<Arc<CertificateAuthority>>,
    /// The one that will.
    pub successor: Option<Arc<CertificateAuthority>>,
    /// The step that comes next, and when; `None` where it waits for somebody.
    pub next: Option<(Step, Timestamp)>,
    /// Whether that step is taken by itself then.
    pub by_itself: bool,
}

impl Authority {
    /// How far the roll-over of an authority is.
    pub fn roll_over(&self, name: &AuthorityName) -> Result<RollOver, AuthorityError> {
        self.authorities_now().roll_over(name, self.now())
    }

    /// Makes the next generation of an authority; nobody has it yet. One that is signed elsewhere waits for its
    /// certificate then.
    pub async fn prepare(&self, name: &AuthorityName) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authorities = self.authorities_now();
        let before = authorities.named(name)?.clone();
        if before.lasting_state(now) != State::Expired {
            before.issues(now)?;
        }
        let generations = authorities.generations(name);
        if let Some(coming) = schedule::successor(&members(&generations, now)) {
            return Err(AuthorityError::OnItsWay { name: name.clone(), generation: coming.generation });
        }
        // The number of one that was deleted stays taken.
        let last = generations.iter().map(|one| one.generation().generation).max().unwrap_or_default();
        let generation = Generation { name: name.to_string(), generation: last.saturating_add(1) };
        let new = authorities.like(&before);
        // The old root's certificate for the new one takes a place below it, since their subjects differ (RFC
        // 5280 section 6.1.4 (l)): with a path length, what stands below would be one too many.
        let vouches = before.signed_by() == SignedBy::Itself
            && before.policy().cross_signs
            && leaves_room(&before, new.policy.path_length).is_ok();
        let vouching = Some(&before).filter(|before| vouches && before.issues(now).is_ok());
        self.make(generation, Stage::Prepared, new, vouching).await
    }

    /// Hands the prepared generation of an authority out, so that trust in it spreads.
    pub async fn publish(&self, name: &AuthorityName) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let coming = self.coming(name, Stage::Prepared)?;
        let now = self.now();
        let taken = self.store.publish_authority(coming.generation(), now).await;
        self.stepped(&coming, taken).await
    }

    /// Has the published generation of an authority sign from now on, and the one before retire.
    pub async fn activate(&self, name: &AuthorityName) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let coming = self.coming(name, Stage::Published)?;
        let now = self.now();
        let taken = self.store.activate_authority(coming.generation(), now).await;
        self.stepped(&coming, taken).await
    }

    /// Takes the next step of a roll-over; an error where it waits for somebody.
    pub async fn step(
        &self,
        name: &AuthorityName,
        step: Step,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        match step {
            Step::Prepare => self.prepare(name).await,
            Step::Publish => self.publish(name).await,
            Step::Activate => self.activate(name).await,
        }
    }

    /// The generation that is coming, if it is so far.
    fn coming(
        &self,
        name: &AuthorityName,
        stage: Stage,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authorities = self.authorities_now();
        let generations = authorities.generations(name);
        authorities.named(name)?;
        let members = members(&generations, now);
        let coming = schedule::successor(&members).and_then(|coming| {
            generations.iter().find(|one| one.generation().generation == coming.generation)
        });
        let Some(coming) = coming else { return Err(AuthorityError::NoneOnItsWay { name: name.clone() }) };
        let state = coming.state(now);
        if !state.allows(super::Act::Issue) || coming.stage() != stage {
            return Err(AuthorityError::NotSoFar {
                generation: coming.generation().clone(),
                state,
                stage: coming.stage(),
                wanted: stage,
            });
        }
        Ok(Arc::clone(coming))
    }

    async fn stepped(
        &self,
        coming: &CertificateAuthority,
        taken: Result<(), StoreError>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        self.refresh().await?;
        self.inner.changed.notify_one();
        taken?;
        self.generation(coming.generation())
    }
}

impl Authorities {
    /// How far the roll-over of an authority is at this time.
    pub fn roll_over(&self, name: &AuthorityName, now: Timestamp) -> Result<RollOver, AuthorityError> {
        let meant = self.named(name)?;
        let generations = self.generations(name);
        let members = members(&generations, now);
        let find = |member: Option<&Member>| {
            let number = member?.generation;
            generations.iter().find(|one| one.generation().generation == number).map(|one| Arc::clone(one))
        };
        Ok(RollOver {
            signing: find(schedule::signing(&members)),
            successor: find(schedule::successor(&members)),
            next: self.next(name, now).map(|due| (due.step, due.at)),
            by_itself: meant.policy().rolls_over,
        })
    }

    /// The next step of an authority.
    pub(super) fn next(&self, name: &AuthorityName, now: Timestamp) -> Option<Due> {
        let generations = self.generations(name);
        let above =
            generations.iter().find(|one| one.stage() == Stage::Signing).and_then(|one| self.above(one));
        let above = above.map(|above| members(&self.generations(above.name()), now)).unwrap_or_default();
        schedule::next(&members(&generations, now), &above)
    }

    /// The generation here that signed this one.
    fn above(&self, authority: &CertificateAuthority) -> Option<&Arc<CertificateAuthority>> {
        match authority.signed_by() {
            SignedBy::Authority(above) => self.by_id(above),
            SignedBy::Itself | SignedBy::Elsewhere => None,
        }
    }

    /// What is to be made so that another generation is like this one.
    fn like(&self, before: &CertificateAuthority) -> NewAuthority {
        let signer = match (before.signed_by(), self.above(before)) {
            (SignedBy::Itself, _) => NewSigner::Itself,
            (_, Some(above)) => NewSigner::Authority(above.name().clone()),
            (_, None) => NewSigner::Elsewhere,
        };
        let place = match before.key().token() {
            Some(name) => KeyPlace::of_token_key(name),
            None => KeyPlace::Store,
        };
        NewAuthority {
            name: before.name().clone(),
            signer,
            key: before.key_algorithm(),
            place,
            policy: before.policy().clone(),
            shards: before.shards(),
        }
    }
}

fn members(generations: &[&Arc<CertificateAuthority>], now: Timestamp) -> Vec<Member> {
    let member = |authority: &&Arc<CertificateAuthority>| Member {
        generation: authority.generation().generation,
        state: authority.lasting_state(now),
        stage: authority.stage(),
        at: authority.made_at(),
        life: authority.not_before().zip(authority.not_after()).map(|(begin, end)| Life { begin, end }),
    };
    generations.iter().map(member).collect()
}
