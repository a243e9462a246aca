//! The profiles by which certificates are made.

use std::collections::BTreeMap;

use hermetic_x509::{Profile, ProfileKind};

use super::Wanted;
use super::refusal::Refusal;

/// The profiles by name: the built-in ones, and those of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profiles(BTreeMap<String, Profile>);

impl Profiles {
    /// What stands in the place of a profile in the record of an authority's certificate.
    pub const OF_AUTHORITIES: &str = Wanted::OF_AUTHORITIES;

    /// The built-in ones and these.
    pub fn with(own: impl IntoIterator<Item = Profile>) -> Self {
        let built_in = ProfileKind::ALL.map(Profile::built_in);
        let all = built_in.into_iter().chain(own);
        Self(all.map(|profile| (profile.name().to_owned(), profile)).collect())
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Profile> {
        self.0.values()
    }

    /// The one of this name.
    pub fn named(&self, name: &str) -> Result<&Profile, Refusal> {
        self.0.get(name).ok_or_else(|| Refusal::NoSuchProfile {
            name: name.to_owned(),
            known: self.0.keys().cloned().collect(),
        })
    }
}

impl Default for Profiles {
    fn default() -> Self {
        Self::with([])
    }
}
