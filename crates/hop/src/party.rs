//! Parties, and the hops between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a party: a listener, an upstream, or somebody outside such as `client`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartyName(String);

/// One leg of a data path, by its two parties. Shown as `edge → app`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HopName {
    /// Who connects.
    pub from: PartyName,
    /// Whom it connects to.
    pub to: PartyName,
}

/// Text that is no party's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: 1 to 63 letters, digits, dots, hyphens and underscores")]
pub struct PartyNameError(String);

impl PartyName {
    /// The party that connects to a listener and is nobody we know.
    pub fn client() -> Self {
        Self("client".to_owned())
    }

    /// The instance itself, where it connects for its own sake: to its store, or to a webhook.
    pub fn hermetic() -> Self {
        Self("hermetic".to_owned())
    }

    /// The database of the store.
    pub fn store() -> Self {
        Self("store".to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HopName {
    /// The hop between these two.
    pub fn new(from: PartyName, to: PartyName) -> Self {
        Self { from, to }
    }
}

impl FromStr for PartyName {
    type Err = PartyNameError;

    fn from_str(text: &str) -> Result<Self, PartyNameError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
        if (1..=63).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PartyNameError(text.to_owned()))
        }
    }
}

impl TryFrom<String> for PartyName {
    type Error = PartyNameError;

    fn try_from(text: String) -> Result<Self, PartyNameError> {
        text.parse()
    }
}

impl From<PartyName> for String {
    fn from(name: PartyName) -> Self {
        name.0
    }
}

impl fmt::Display for PartyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for HopName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.from, self.to)
    }
}
