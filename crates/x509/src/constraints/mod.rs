//! Name constraints: which names an authority may certify, written into its own certificate (RFC 5280
//! section 4.2.1.10).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod candidate;
mod directory;
mod host;
mod subtree;
#[cfg(test)]
mod tests;

use const_oid::db::rfc3280::EMAIL_ADDRESS;
use der::asn1::{Ia5StringRef, Utf8StringRef};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints as Written};
use x509_cert::ext::pkix::name::GeneralName;

pub use subtree::{NameSubtree, NameSubtreeError};

use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::extension::extension;
use candidate::Candidate;

/// Which names an authority may certify. They bind all that stands below it, however far down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConstraints {
    permitted: Vec<NameSubtree>,
    excluded: Vec<NameSubtree>,
}

/// A name that an authority may not certify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConstraintBreach {
    /// It lies in what is excluded.
    #[error("{name} lies in {subtree}, which the authority may not certify")]
    Excluded {
        /// The name.
        name: String,
        /// What is excluded.
        subtree: NameSubtree,
    },
    /// Names of its kind are permitted, but not this one.
    #[error("{0} is not among the names that the authority may certify")]
    NotPermitted(String),
    /// It can't be told where it lies.
    #[error("{0} is no name of its kind, or of a kind that constraints can't be held against")]
    Undecidable(String),
}

impl NameConstraints {
    /// These constraints; at least one subtree is needed. Where a kind of name has no permitted subtree, all
    /// of that kind are permitted.
    pub fn new(permitted: Vec<NameSubtree>, excluded: Vec<NameSubtree>) -> Result<Self, NameSubtreeError> {
        if permitted.is_empty() && excluded.is_empty() {
            return Err(NameSubtreeError::None);
        }
        Ok(Self { permitted, excluded })
    }

    /// What is permitted.
    pub fn permitted(&self) -> &[NameSubtree] {
        &self.permitted
    }

    /// What is excluded.
    pub fn excluded(&self) -> &[NameSubtree] {
        &self.excluded
    }

    /// All names of a certificate that break these constraints: its subject, addresses in that, and its
    /// alternative names.
    pub fn breaches(&self, subject: &DistinguishedName, names: &[GeneralName]) -> Vec<ConstraintBreach> {
        let subject_name = (!subject.is_empty()).then(|| Candidate::Directory(subject.parsed().clone()));
        let addresses = addresses(subject).map(|address| Candidate::email(&address));
        let alternative = names.iter().map(Candidate::of);
        subject_name
            .into_iter()
            .chain(addresses)
            .chain(alternative)
            .filter_map(|name| self.breach(&name))
            .collect()
    }

    fn breach(&self, name: &Candidate) -> Option<ConstraintBreach> {
        if matches!(name, Candidate::Other(_)) {
            return Some(ConstraintBreach::Undecidable(name.to_string()));
        }
        if let Some(subtree) = self.excluded.iter().find(|subtree| subtree.touches(name)) {
            return Some(ConstraintBreach::Excluded { name: name.to_string(), subtree: subtree.clone() });
        }
        let mut of_its_kind = self.permitted.iter().filter(|subtree| subtree.is_of_kind(name)).peekable();
        (of_its_kind.peek().is_some() && !of_its_kind.any(|subtree| subtree.holds(name)))
            .then(|| ConstraintBreach::NotPermitted(name.to_string()))
    }

    /// Reads the content of the extension.
    pub(crate) fn read(written: &Written) -> Result<Self, NameSubtreeError> {
        let subtrees = |list: &Option<Vec<GeneralSubtree>>| {
            list.iter().flatten().map(NameSubtree::read).collect::<Result<Vec<_>, _>>()
        };
        Self::new(subtrees(&written.permitted_subtrees)?, subtrees(&written.excluded_subtrees)?)
    }

    /// The extension; always critical.
    pub(crate) fn extension(&self) -> Result<Extension, EncodingError> {
        let subtrees = |list: &[NameSubtree]| {
            let written = list.iter().map(NameSubtree::write).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, EncodingError>((!written.is_empty()).then_some(written))
        };
        let permitted_subtrees = subtrees(&self.permitted)?;
        extension(true, &Written { permitted_subtrees, excluded_subtrees: subtrees(&self.excluded)? })
    }
}

/// The e-mail addresses within a subject, where old certificates have them.
fn addresses(subject: &DistinguishedName) -> impl Iterator<Item = String> {
    let attributes = subject.parsed().iter().filter(|attribute| attribute.oid == EMAIL_ADDRESS);
    attributes.map(|attribute| {
        let ia5 = attribute.value.decode_as::<Ia5StringRef<'_>>().map(|text| text.as_str().to_owned());
        let utf8 = || attribute.value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
        // What can't be read is no address, and lies in no permitted subtree.
        ia5.or_else(|_| utf8()).unwrap_or_default()
    })
}
