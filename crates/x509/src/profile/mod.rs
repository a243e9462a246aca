//! Profiles: what may be certified, for whom, for how long and with which keys.

mod approval;
mod breach;
mod kind;
mod lifetime;
#[cfg(test)]
mod tests;

use hermetic_keys::KeyAlgorithm;

pub use approval::{Approved, Disapproval, IssuanceRequest};
pub use breach::ProfileBreach;
pub use kind::{Naming, ProfileKind};
pub use lifetime::{LifetimeBounds, LifetimeBoundsError};

use crate::name::NameRules;

/// The kinds of keys that built-in profiles take. No TLS stack of today verifies ML-DSA, so a profile has to
/// ask for it.
const KEY_ALGORITHMS: [KeyAlgorithm; 6] = [
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::Ed25519,
];

/// What may be certified, for whom, for how long and with which keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    name: String,
    kind: ProfileKind,
    key_algorithms: Vec<KeyAlgorithm>,
    lifetime: LifetimeBounds,
    names: NameRules,
    is_exportable: bool,
}

/// A profile can't be so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A built-in one is called so.
    #[error("a profile can't be called `{0}`: that one is built in; choose another name")]
    BuiltIn(String),
    /// No certificate could be issued.
    #[error("the profile `{0}` takes no key; name at least one kind")]
    NoKeys(String),
}

impl Profile {
    /// The built-in profile of a kind: any names, any lifetime that the kind allows, keys never shown.
    pub fn built_in(kind: ProfileKind) -> Self {
        Self {
            name: kind.name().to_owned(),
            kind,
            key_algorithms: KEY_ALGORITHMS.to_vec(),
            lifetime: kind.lifetime(),
            names: NameRules::default(),
            is_exportable: false,
        }
    }

    /// The built-in profile of this name.
    pub fn named(name: &str) -> Option<Self> {
        ProfileKind::ALL.into_iter().find(|kind| kind.name() == name).map(Self::built_in)
    }

    /// A profile of another name that begins as this one is.
    pub fn derived(&self, name: &str) -> Result<Self, ProfileError> {
        if Self::named(name).is_some() {
            return Err(ProfileError::BuiltIn(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), ..self.clone() })
    }

    /// The same with these kinds of keys.
    pub fn with_key_algorithms(self, key_algorithms: Vec<KeyAlgorithm>) -> Result<Self, ProfileError> {
        if key_algorithms.is_empty() {
            return Err(ProfileError::NoKeys(self.name));
        }
        Ok(Self { key_algorithms, ..self })
    }

    /// The same with these lifetimes.
    #[must_use]
    pub fn with_lifetime(self, lifetime: LifetimeBounds) -> Self {
        Self { lifetime, ..self }
    }

    /// The same with these rules about names.
    #[must_use]
    pub fn with_names(self, names: NameRules) -> Self {
        Self { names, ..self }
    }

    /// The same, with keys that may be exported, or not.
    #[must_use]
    pub fn with_export(self, is_exportable: bool) -> Self {
        Self { is_exportable, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The built-in profile that it derives from.
    pub fn kind(&self) -> ProfileKind {
        self.kind
    }

    /// The kinds of keys that it takes.
    pub fn key_algorithms(&self) -> &[KeyAlgorithm] {
        &self.key_algorithms
    }

    /// How long its certificates live.
    pub fn lifetime(&self) -> LifetimeBounds {
        self.lifetime
    }

    /// Which names it takes.
    pub fn names(&self) -> &NameRules {
        &self.names
    }

    /// Whether a private key that was made here may leave.
    pub fn is_exportable(&self) -> bool {
        self.is_exportable
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::built_in(ProfileKind::default())
    }
}
