//! Names, and the rules about which of them may be certified.

mod a_label;
mod canonical;
mod label;
mod network;
mod rule;
#[cfg(test)]
mod tests;
mod uri_prefix;

use std::fmt;

pub use a_label::to_a_labels;
pub use canonical::{CanonicalName, Domain, NameError};
pub use network::IpNetwork;
pub use rule::NameRule;
pub use uri_prefix::UriPrefix;

/// Which names may be certified: a denial wins over any allowance, and without allowances everything is
/// allowed that is not denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameRules {
    /// What may be certified; empty if anything.
    pub allow: Vec<NameRule>,
    /// What may not, whatever else is allowed.
    pub deny: Vec<NameRule>,
}

/// A name that may not be certified, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameRefusal {
    /// A rule denies it.
    #[error("{name} is denied: {rule}")]
    Denied {
        /// The name.
        name: CanonicalName,
        /// The rule.
        rule: NameRule,
    },
    /// No rule allows it.
    #[error("{name} is not among the allowed names: {}", Listed(.allowed))]
    NotAllowed {
        /// The name.
        name: CanonicalName,
        /// What is allowed.
        allowed: Vec<NameRule>,
    },
}

impl NameRules {
    /// Judges one name.
    pub fn judge(&self, name: &CanonicalName) -> Result<(), NameRefusal> {
        if let Some(rule) = self.deny.iter().find(|rule| rule.denies(name)) {
            return Err(NameRefusal::Denied { name: name.clone(), rule: rule.clone() });
        }
        if self.allow.is_empty() || self.allow.iter().any(|rule| rule.allows(name)) {
            return Ok(());
        }
        Err(NameRefusal::NotAllowed { name: name.clone(), allowed: self.allow.clone() })
    }
}

struct Listed<'a>(&'a [NameRule]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.0.iter().enumerate() {
            write!(f, "{}{rule}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
