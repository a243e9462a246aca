//! What an authority was made to be: kept with it, so that its next generation is made the same way.

use hermetic_store::StoreError;
use hermetic_x509::{NameConstraints, NameSubtree};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::error::AuthorityError;

/// How long a root lives.
const ROOT_LIFE: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// How long an authority under another lives.
const SUBORDINATE_LIFE: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// What an authority was made to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its subject as it was asked for, as RFC 4514 writes it; `None` where it is made from its name and key.
    pub subject: Option<String>,
    /// How long each of its generations lives, if not cut by the one above.
    pub lifetime: SignedDuration,
    /// How many authorities may stand between it and a leaf; `None` if any number.
    pub path_length: Option<u8>,
    /// Which names it, and all below it, may certify; `None` if any.
    pub name_constraints: Option<NameConstraints>,
    /// Whether its next generation comes by itself, in time.
    pub rolls_over: bool,
    /// Whether a root's generation signs the next one, so that who trusts only the old one trusts it, too; one
    /// with a path length can't.
    pub cross_signs: bool,
}

/// The same as the store keeps it. What is left out is as the first start makes it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifetime_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_length: Option<KeptPathLength>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    permitted: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rolls_over: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cross_signs: Option<bool>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptPathLength {
    Any,
    AtMost(u8),
}

impl Policy {
    /// That of a root, where nobody asked for another.
    pub fn of_root() -> Self {
        Self {
            subject: None,
            lifetime: ROOT_LIFE,
            path_length: None,
            name_constraints: None,
            rolls_over: true,
            cross_signs: true,
        }
    }

    /// That of an authority under another, which signs leaves only.
    pub fn of_subordinate() -> Self {
        Self { lifetime: SUBORDINATE_LIFE, path_length: Some(0), ..Self::of_root() }
    }

    /// Reads what the store keeps; of a root or of another.
    pub(crate) fn read(kept: &serde_json::Value, of_root: bool) -> Result<Self, AuthorityError> {
        let kept = Kept::deserialize(kept).map_err(|error| unreadable(&error))?;
        let usual = if of_root { Self::of_root() } else { Self::of_subordinate() };
        Ok(Self {
            subject: kept.subject,
            lifetime: kept.lifetime_seconds.map_or(usual.lifetime, SignedDuration::from_secs),
            path_length: match kept.path_length {
                None => usual.path_length,
                Some(KeptPathLength::Any) => None,
                Some(KeptPathLength::AtMost(most)) => Some(most),
            },
            name_constraints: constraints(&kept.permitted, &kept.excluded)?,
            rolls_over: kept.rolls_over.unwrap_or(usual.rolls_over),
            cross_signs: kept.cross_signs.unwrap_or(usual.cross_signs),
        })
    }

    /// Writes what the store keeps.
    pub(crate) fn write(&self) -> Result<serde_json::Value, AuthorityError> {
        let texts = |subtrees: &[NameSubtree]| subtrees.iter().map(NameSubtree::to_string).collect();
        let constraints = self.name_constraints.as_ref();
        let kept = Kept {
            subject: self.subject.clone(),
            lifetime_seconds: Some(self.lifetime.as_secs()),
            path_length: Some(self.path_length.map_or(KeptPathLength::Any, KeptPathLength::AtMost)),
            permitted: constraints.map(|constraints| texts(constraints.permitted())).unwrap_or_default(),
            excluded: constraints.map(|constraints| texts(constraints.excluded())).unwrap_or_default(),
            rolls_over: Some(self.rolls_over),
            cross_signs: Some(self.cross_signs),
        };
        serde_json::to_value(kept).map_err(|error| unreadable(&error))
    }
}

fn constraints(permitted: &[String], excluded: &[String]) -> Result<Option<NameConstraints>, AuthorityError> {
    if permitted.is_empty() && excluded.is_empty() {
        return Ok(None);
    }
    let read = |texts: &[String]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>();
    let constraints = read(permitted).and_then(|permitted| NameConstraints::new(permitted, read(excluded)?));
    constraints.map(Some).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::fmt::Display) -> AuthorityError {
    let reason = format!("what it keeps of an authority can't be read: {error}");
    AuthorityError::Store(StoreError::Database(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let constraints =
            constraints(&["dns:example.com".to_owned()], &["ip:10.0.0.0/8".to_owned()]).unwrap();
        for path_length in [None, Some(0), Some(3)] {
            let policy = Policy {
                subject: Some("CN=Example,O=Example".to_owned()),
                path_length,
                name_constraints: constraints.clone(),
                cross_signs: false,
                ..Policy::of_root()
            };
            assert_eq!(Policy::read(&policy.write().unwrap(), false).unwrap(), policy);
        }
    }

    #[test]
    fn what_the_first_release_kept_nothing_of_is_as_its_first_start_made_it() {
        let nothing = serde_json::json!({});
        assert_eq!(Policy::read(&nothing, true).unwrap(), Policy::of_root());
        assert_eq!(Policy::read(&nothing, false).unwrap(), Policy::of_subordinate());
    }
}
