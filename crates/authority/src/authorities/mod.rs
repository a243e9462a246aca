//! The certificate authorities: made, certified, taken from state to state, and rolled over.

pub(crate) mod anchors;
mod certificate_authority;
mod certify;
mod create;
mod founding;
mod key_holder;
mod lifecycle;
mod policy;
mod refused;
mod rollover;
mod standing;
mod subject;

use std::sync::Arc;

use hermetic_store::{AuthorityId, AuthorityRecord, Generation, Stage, Store};
use hermetic_tls::Certificate;
use hermetic_x509::publication::AuthorityName;
use jiff::Timestamp;

pub use certificate_authority::{CertificateAuthority, SignedBy};
pub use create::{NewAuthority, NewSigner};
pub use key_holder::KeyPlace;
pub(crate) use key_holder::{Around, KeyHolder, generate, owner};
pub use lifecycle::{RestoreWindow, RestoreWindowError};
pub use policy::Policy;
pub(crate) use rollover::Failures;
pub use rollover::{RollOver, Rotated, Step};
pub use standing::{Act, State};

use crate::error::AuthorityError;
use crate::issuance::Refusal;

/// All generations of all authorities, as the store had them at one time.
#[derive(Debug, Default)]
pub struct Authorities {
    all: Vec<Arc<CertificateAuthority>>,
}

impl Authorities {
    /// Reads them from a store, be it open for reading only. Their keys stay closed.
    pub async fn of(store: &Store) -> Result<Self, AuthorityError> {
        Self::read(store.authorities().await?, &Self::default())
    }

    /// Makes sense of what the store has. What has not changed since `before` is taken from there, with its
    /// key opened.
    pub(crate) fn read(mut records: Vec<AuthorityRecord>, before: &Self) -> Result<Self, AuthorityError> {
        // Whoever signed another came before it.
        records.sort_by_key(|record| record.id);
        let mut all: Vec<Arc<CertificateAuthority>> = Vec::with_capacity(records.len());
        for record in records {
            let above = record.parent.and_then(|parent| find(&all, parent));
            let known = find(&before.all, record.id).filter(|known| {
                let same_above = record.parent.and_then(|parent| find(&before.all, parent));
                *known.record() == record && same_above.map(Arc::as_ptr) == above.map(Arc::as_ptr)
            });
            let authority = match known {
                Some(known) => known.clone(),
                None => Arc::new(CertificateAuthority::new(record, above.map(AsRef::as_ref))?),
            };
            all.push(authority);
        }
        Ok(Self { all })
    }

    /// All of them; whoever signed another comes before it.
    pub fn all(&self) -> &[Arc<CertificateAuthority>] {
        &self.all
    }

    /// The generation with this identity in the store.
    pub fn by_id(&self, id: AuthorityId) -> Option<&Arc<CertificateAuthority>> {
        find(&self.all, id)
    }

    /// One generation of an authority.
    pub(crate) fn generation(&self, generation: &Generation) -> Option<&Arc<CertificateAuthority>> {
        self.all.iter().find(|authority| authority.generation() == generation)
    }

    /// The generation that is meant: the one of this number, or the one that the name alone stands for.
    pub fn meant(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<&Arc<CertificateAuthority>, AuthorityError> {
        let Some(generation) = generation else { return Ok(self.named(name)?) };
        let generation = Generation { name: name.to_string(), generation };
        self.generation(&generation).ok_or(AuthorityError::NoSuchGeneration(generation))
    }

    /// The certificate of a generation and those above it up to a root, as far as they are known here.
    pub fn path_of<'a>(&'a self, authority: &'a CertificateAuthority) -> Vec<&'a Certificate> {
        let mut path: Vec<&Certificate> = Vec::new();
        let mut link = Some(authority);
        while let Some(authority) = link {
            let chain = authority.chain().into_iter().flat_map(|chain| chain.certificates());
            // Behind a root stand certificates by which the root before it vouches for it.
            let of_itself = if authority.signed_by() == SignedBy::Itself { 1 } else { usize::MAX };
            path.extend(chain.take(of_itself));
            link = match authority.signed_by() {
                SignedBy::Authority(above) => self.by_id(above).map(AsRef::as_ref),
                SignedBy::Itself | SignedBy::Elsewhere => None,
            };
        }
        path
    }

    /// All generations of an authority, the first one first.
    pub fn generations(&self, name: &AuthorityName) -> Vec<&Arc<CertificateAuthority>> {
        let mut generations: Vec<_> = self.all.iter().filter(|authority| authority.name() == name).collect();
        generations.sort_by_key(|authority| authority.generation().generation);
        generations
    }

    /// The generation that is meant by the name alone: the one that signs, or will; else the last.
    pub(crate) fn named(&self, name: &AuthorityName) -> Result<&Arc<CertificateAuthority>, Refusal> {
        let generations = self.generations(name);
        let signs = |authority: &&&Arc<CertificateAuthority>| {
            authority.stage() == Stage::Signing
                && authority.record().state != hermetic_store::AuthorityState::Deleted
        };
        let meant = generations.iter().find(signs).or(generations.last()).copied();
        meant.ok_or_else(|| Refusal::NoSuchAuthority { name: name.clone(), known: self.names() })
    }

    /// The generation of an authority that issues at this time, or why none does.
    pub(crate) fn issuing(
        &self,
        name: &AuthorityName,
        now: Timestamp,
    ) -> Result<&Arc<CertificateAuthority>, Refusal> {
        let authority = self.named(name)?;
        authority.issues(now)?;
        Ok(authority)
    }

    /// The names, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.all.iter().map(|authority| authority.name().to_string()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The authority that has this key.
    pub(crate) fn with_key(&self, key: &hermetic_keys::PublicKey) -> Option<&Arc<CertificateAuthority>> {
        self.all.iter().find(|authority| authority.has_key(key))
    }
}

fn find(all: &[Arc<CertificateAuthority>], id: AuthorityId) -> Option<&Arc<CertificateAuthority>> {
    all.iter().find(|authority| authority.id() == id)
}
