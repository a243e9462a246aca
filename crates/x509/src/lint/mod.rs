//! The last look at bytes before they are signed: what RFC 5280 forbids, what the profile forbids, and what
//! was not meant.
//!
//! It reads the bytes anew and trusts nothing of the code that built them.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod bounds;
mod form;
mod intended;
mod keys;
mod names;
mod problem;
mod publication;
#[cfg(test)]
mod tests;
mod usage;

use std::fmt;

use const_oid::AssociatedOid;
use der::Decode;
use jiff::Timestamp;

use intended::Intended;
pub use problem::Problem;

use crate::certificate::{AuthorityCertificate, AuthorityDraft, LeafDraft, ToBeSigned};

/// Why bytes are not signed: all reasons at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintError(Vec<Problem>);

/// Looks at a leaf that is about to be signed. `issuers` are the authorities above it, the one that signs
/// first; there are none where it signs itself.
pub fn leaf(
    to_be_signed: &[u8],
    draft: &LeafDraft<'_>,
    issuers: &[AuthorityCertificate],
    now: Timestamp,
) -> Result<(), LintError> {
    lint(to_be_signed, Intended::Leaf(draft), issuers, now)
}

/// Looks at an authority that is about to be signed. `issuers` are the authorities above it, the one that
/// signs first; there are none above a root.
pub fn authority(
    to_be_signed: &[u8],
    draft: &AuthorityDraft<'_>,
    issuers: &[AuthorityCertificate],
    now: Timestamp,
) -> Result<(), LintError> {
    lint(to_be_signed, Intended::Authority(draft), issuers, now)
}

fn lint(
    to_be_signed: &[u8],
    intended: Intended<'_>,
    issuers: &[AuthorityCertificate],
    now: Timestamp,
) -> Result<(), LintError> {
    let certificate = ToBeSigned::from_der(to_be_signed)
        .map_err(|error| LintError(vec![Problem::Unreadable(error.to_string())]))?;
    let mut lint = Lint { certificate: &certificate, intended, issuers, problems: Vec::new() };
    lint.form(to_be_signed);
    lint.serial();
    lint.extensions();
    lint.names();
    lint.usage();
    lint.keys();
    lint.bounds(now);
    lint.publication();
    if lint.problems.is_empty() { Ok(()) } else { Err(LintError(lint.problems)) }
}

/// A certificate, what it should be, and what was found so far.
struct Lint<'a> {
    certificate: &'a ToBeSigned,
    intended: Intended<'a>,
    issuers: &'a [AuthorityCertificate],
    problems: Vec<Problem>,
}

impl Lint<'_> {
    fn add(&mut self, is_wrong: bool, problem: Problem) {
        if is_wrong {
            self.problems.push(problem);
        }
    }

    /// The content of an extension. Whether it should be there is looked at elsewhere; one that can't be
    /// read is a problem.
    fn extension<T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>>(&mut self) -> Option<T> {
        let found = self.certificate.extensions.iter().find(|extension| extension.extn_id == T::OID)?;
        let content = T::from_der(found.extn_value.as_bytes()).ok();
        self.add(content.is_none(), Problem::ExtensionUnreadable(T::OID));
        content
    }
}

impl LintError {
    /// All that was found, in the order of a certificate's parts.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for LintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused before signing")?;
        for (index, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for LintError {}
