//! One certificate of a chain, and what ties it to the next.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashSet;

use hermetic_tls::Certificate;

use super::ChainError;
use crate::details::CertificateDetails;
use crate::material::called;

/// A certificate, read in full.
pub(super) struct Link<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) details: CertificateDetails,
}

impl<'a> Link<'a> {
    pub(super) fn read(certificate: &'a Certificate) -> Result<Self, ChainError> {
        let unreadable = |why: String| ChainError::Unreadable { certificate: called(certificate), why };
        let details =
            CertificateDetails::read(&certificate.der).map_err(|error| unreadable(error.to_string()))?;
        // Section 4.1.1.2 of RFC 5280: what is outside of the signature could be anybody's.
        if details.inner_algorithm != details.signed.algorithm {
            return Err(unreadable("it names two ways of signing".to_owned()));
        }
        // Section 4.2: of two that differ, each reader would believe another.
        let mut seen = HashSet::new();
        if let Some(twice) = details.extensions.iter().find(|extension| !seen.insert(extension.extn_id)) {
            return Err(unreadable(format!("it has the extension {} twice", twice.extn_id)));
        }
        Ok(Self { certificate, details })
    }

    pub(super) fn name(&self) -> String {
        called(self.certificate)
    }

    /// Whether this one's name stands in the other as its issuer's.
    pub(super) fn is_named_by(&self, other: &Self) -> bool {
        self.details.is_named_by(&other.details)
    }

    /// Whether this one's key made the other's signature.
    pub(super) fn signed(&self, other: &Self) -> bool {
        self.details.signed(&other.details) == Some(true)
    }

    /// Whether it claims to have signed itself, and did not.
    pub(super) fn is_forged(&self) -> bool {
        self.details.is_self_issued() && self.details.signed(&self.details) == Some(false)
    }
}
