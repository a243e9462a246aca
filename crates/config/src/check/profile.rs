//! Profiles: each like one that is there, its bounds in order, its rules about names that it can have.

use std::time::Duration;

use hermetic_keys::KeyAlgorithm;
use hermetic_x509::{LifetimeBounds, Profile, ProfileKind, Purpose};

use super::lifetime::signed;
use super::{Check, entries};
use crate::model::Name;
use crate::nearest::nearest;
use crate::written;
use crate::written::table::{At, Optional};
use crate::written::value::List;

/// The profiles that are known.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    /// The built-in ones, and those of the configuration that hold.
    holding: Vec<Profile>,
    /// Those that don't, so that a mistake in one is told once and not again wherever it is named.
    broken: Vec<Name>,
}

impl Profiles {
    /// The built-in ones. Those of TLS live as long as `[authority]` says, as far as their kind allows.
    pub(super) fn built_in(lifetime: Duration) -> Self {
        let of_kind = |kind: ProfileKind| {
            let profile = Profile::built_in(kind);
            let of_tls =
                kind.purposes().contains(Purpose::Server) || kind.purposes().contains(Purpose::Client);
            let bounds = profile.lifetime();
            let usual = signed(lifetime).clamp(bounds.least(), bounds.most());
            match LifetimeBounds::new(bounds.least(), usual, bounds.most()) {
                Ok(bounds) if of_tls => profile.with_lifetime(bounds),
                _ => profile,
            }
        };
        Self { holding: ProfileKind::ALL.map(of_kind).to_vec(), broken: Vec::new() }
    }

    /// All that hold.
    pub(super) fn into_holding(self) -> Vec<Profile> {
        self.holding
    }

    pub(super) fn named(&self, name: &Name) -> Option<&Profile> {
        self.holding.iter().find(|profile| profile.name() == name.as_str())
    }

    pub(super) fn is_broken(&self, name: &Name) -> bool {
        self.broken.contains(name)
    }

    /// A hint towards one of them.
    pub(super) fn hint(&self, name: &Name) -> String {
        let names = self.holding.iter().map(Profile::name);
        match nearest(name.as_str(), names.clone()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are: {}", names.collect::<Vec<_>>().join(", ")),
        }
    }
}

impl Check<'_, '_> {
    /// Takes up the profiles that are written: first those that are like a known one, then those that are
    /// like these, and so on.
    pub(super) fn profiles(&mut self, written: &written::File) {
        let profiles = entries(&written.profile);
        let again = self.distinct_names("profile", profiles.iter().filter_map(|at| at.value.name.written()));
        self.profiles.broken.extend(again.into_iter().map(|name| name.value.clone()));
        let mut waiting: Vec<&At<written::Profile>> = profiles.iter().collect();
        loop {
            let before = waiting.len();
            waiting.retain(|profile| !self.take_up(profile));
            if waiting.len() == before {
                break;
            }
        }
        for profile in &waiting {
            self.unlike_any(profile, &waiting);
        }
        let unlike = waiting.iter().filter_map(|at| at.value.name.written());
        self.profiles.broken.extend(unlike.map(|name| name.value.clone()));
    }

    /// Whether this profile is done with: it holds, or it doesn't and that was told.
    fn take_up(&mut self, at: &At<written::Profile>) -> bool {
        let name = at.value.name.written().map(|name| name.value.clone());
        let like = match &at.value.like {
            Optional::Absent => Some(Profile::default().name().parse().ok()),
            Optional::Wrong => None,
            Optional::Written(like) => Some(Some(like.value.clone())),
        };
        let taken = match like.flatten() {
            None => None,
            Some(like) if self.profiles.broken.contains(&like) => None,
            Some(like) => match self.profiles.named(&like).cloned() {
                None => return false,
                Some(parent) => self.profile(&at.value, &parent),
            },
        };
        match taken {
            Some(profile) if !name.iter().any(|name| self.profiles.broken.contains(name)) => {
                self.profiles.holding.push(profile);
            }
            _ => self.profiles.broken.extend(name),
        }
        true
    }

    /// Tells why a profile is like none that holds: nobody has that name, or they are like each other.
    fn unlike_any(&mut self, at: &At<written::Profile>, waiting: &[&At<written::Profile>]) {
        let Some(like) = at.value.like.written() else { return };
        let named = |name: &Name| {
            waiting.iter().find(|at| at.value.name.written().is_some_and(|written| written.value == *name))
        };
        if named(&like.value).is_none() {
            let message = format!("no profile is called `{}`", like.value);
            self.problems.tell(like.at, message, self.profiles.hint(&like.value));
            return;
        }
        // From one to the next it comes back to this one, or is caught in a ring without it, told there.
        let next = |at: &&&At<written::Profile>| named(&at.value.like.written()?.value);
        let mut chain = std::iter::successors(named(&like.value), next).take(waiting.len());
        if let Some(name) = at.value.name.written()
            && chain.any(|one| one.value.name.written().is_some_and(|one| one.value == name.value))
        {
            let message = format!("`{}` would be like itself by way of `{}`", name.value, like.value);
            self.problems.tell(like.at, message, "write one of them `like` a built-in profile");
        }
    }

    fn profile(&mut self, written: &written::Profile, parent: &Profile) -> Option<Profile> {
        let name = written.name.written()?;
        let derived = match parent.derived(name.value.as_str()) {
            Ok(derived) => Some(derived),
            Err(error) => {
                self.problems.tell_error(name.at, &error);
                None
            }
        };
        let keys = self.key_algorithms(&written.keys, parent);
        let lifetime = match &written.lifetime {
            Optional::Absent => Some(parent.lifetime()),
            Optional::Wrong => None,
            Optional::Written(bounds) => self.lifetime(&bounds.value, parent),
        };
        let names = self.name_rules(written, parent);
        let export = written.export.or(parent.is_exportable());
        let derived = derived?.with_key_algorithms(keys?).ok()?;
        Some(derived.with_lifetime(lifetime?).with_names(names?).with_export(export?))
    }

    fn key_algorithms(
        &mut self,
        written: &Optional<List<KeyAlgorithm>>,
        parent: &Profile,
    ) -> Option<Vec<KeyAlgorithm>> {
        let keys = match written {
            Optional::Absent => return Some(parent.key_algorithms().to_vec()),
            Optional::Wrong => return None,
            Optional::Written(keys) => keys,
        };
        if keys.value.0.is_empty() {
            let hint = "name at least one kind, such as \"P-256\", or take `keys` out";
            self.problems.tell(keys.at, "a profile that takes no key certifies nothing", hint);
            return None;
        }
        Some(keys.value.0.iter().map(|key| key.value).collect())
    }
}
