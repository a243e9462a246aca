//! The beginning of SPIFFE IDs.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use hermetic_tls::SpiffeId;

use super::NameError;

/// A SPIFFE ID and all that lie below it: `spiffe://example.org/payments/` is the beginning of
/// `spiffe://example.org/payments/api`, and never of `spiffe://example.org/payments-test`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UriPrefix(SpiffeId);

impl UriPrefix {
    /// Whether the ID is this one or lies below it: it only ends where a segment does.
    pub fn is_beginning_of(&self, id: &SpiffeId) -> bool {
        let rest = id.path().strip_prefix(self.0.path());
        id.trust_domain() == self.0.trust_domain()
            && rest.is_some_and(|rest| self.0.path().is_empty() || rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for UriPrefix {
    type Err = NameError;

    /// With or without a slash at its end.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let id = text.strip_suffix('/').unwrap_or(text).parse();
        id.map(Self).map_err(|_| NameError::UriPrefix(text.to_owned()))
    }
}

impl fmt::Display for UriPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.0)
    }
}
