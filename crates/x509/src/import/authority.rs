//! Whether the certificate of an authority of ours, signed here or elsewhere, may be taken up.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_CERTIFICATE_POLICIES, ID_CE_EXT_KEY_USAGE,
    ID_CE_INHIBIT_ANY_POLICY, ID_CE_ISSUER_ALT_NAME, ID_CE_KEY_USAGE, ID_CE_NAME_CONSTRAINTS,
    ID_CE_POLICY_MAPPINGS, ID_CE_SUBJECT_ALT_NAME, ID_CE_SUBJECT_DIRECTORY_ATTRIBUTES,
    ID_CE_SUBJECT_KEY_IDENTIFIER, ID_PE_SUBJECT_INFO_ACCESS,
};
use hermetic_keys::PublicKey;
use jiff::Timestamp;
use x509_cert::ext::pkix::BasicConstraints;

use super::ChainError;
use super::chain;
use super::link::Link;
use crate::certificate::{AuthorityCertificate, AuthorityCertificateError};
use crate::material::Certified;

/// Extensions that may be critical in the certificate of an authority, as AWS Private CA has them: whoever
/// does not know a critical one refuses all that is below it.
const CRITICAL: [ObjectIdentifier; 13] = [
    ID_CE_AUTHORITY_KEY_IDENTIFIER,
    ID_CE_BASIC_CONSTRAINTS,
    ID_CE_CERTIFICATE_POLICIES,
    ID_CE_EXT_KEY_USAGE,
    ID_CE_INHIBIT_ANY_POLICY,
    ID_CE_ISSUER_ALT_NAME,
    ID_CE_KEY_USAGE,
    ID_CE_NAME_CONSTRAINTS,
    ID_CE_POLICY_MAPPINGS,
    ID_CE_SUBJECT_ALT_NAME,
    ID_CE_SUBJECT_DIRECTORY_ATTRIBUTES,
    ID_CE_SUBJECT_KEY_IDENTIFIER,
    ID_PE_SUBJECT_INFO_ACCESS,
];

/// What an authority is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// It signs its own certificate.
    Root,
    /// Another authority signs it.
    Subordinate,
}

/// The certificate of an authority that may be taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportableAuthority {
    /// The certificate and those behind it, up to the root.
    pub certified: Certified,
    /// What it says of how far the authority reaches; issuing keeps to it.
    pub authority: AuthorityCertificate,
}

/// Why a certificate may not become that of an authority.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityImportError {
    /// It, or one behind it, is not as it should be.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It is not that of an authority.
    #[error(transparent)]
    NotAnAuthority(#[from] AuthorityCertificateError),
    /// It was made for another key.
    #[error("the certificate `{0}` is not for the key of this authority; it answers another request")]
    KeyOfAnother(String),
    /// A root must sign for itself.
    #[error("`{0}` is signed by another authority, and this one is to be a root")]
    NotSelfSigned(String),
    /// A subordinate must not sign for itself.
    #[error("`{0}` is self-signed, and this authority is to be signed by another")]
    SelfSigned(String),
    /// Those who don't know the extension may overlook that it is about an authority.
    #[error("the basic constraints of `{0}` are not critical")]
    BasicConstraintsNotCritical(String),
    /// The chain does not reach a root.
    #[error("the chain ends with `{last}`, and its root `{needed}` is missing")]
    NoRoot {
        /// The last certificate.
        last: String,
        /// Who signed it.
        needed: String,
    },
    /// An extension is critical that clients may not know.
    #[error("the extension {extension} of `{certificate}` is critical, which clients may not understand")]
    Critical {
        /// Which certificate.
        certificate: String,
        /// Which extension.
        extension: ObjectIdentifier,
    },
}

/// Judges the certificate of an authority of this rank that has this key, with its chain.
pub fn judge_authority(
    certified: Certified,
    rank: Rank,
    key: &PublicKey,
    now: Timestamp,
) -> Result<ImportableAuthority, AuthorityImportError> {
    let Certified { leaf, chain } = &certified;
    let link = Link::read(leaf)?;
    let name = link.name();
    let authority = AuthorityCertificate::from_der(&leaf.der)?;
    if authority.key() != key {
        return Err(AuthorityImportError::KeyOfAnother(name));
    }
    if !link
        .details
        .extension::<BasicConstraints>()
        .is_ok_and(|found| found.is_some_and(|(critical, _)| critical))
    {
        return Err(AuthorityImportError::BasicConstraintsNotCritical(name));
    }
    match (rank, link.details.is_self_issued()) {
        (Rank::Root, false) => return Err(AuthorityImportError::NotSelfSigned(name)),
        (Rank::Subordinate, true) => return Err(AuthorityImportError::SelfSigned(name)),
        _ => chain::check(leaf, chain, now)?,
    }
    let mut last = link;
    critical(&last)?;
    for certificate in chain {
        last = Link::read(certificate)?;
        critical(&last)?;
    }
    if !last.details.is_self_issued() {
        let needed = last.details.issuer.to_string();
        return Err(AuthorityImportError::NoRoot { last: last.name(), needed });
    }
    Ok(ImportableAuthority { certified, authority })
}

fn critical(link: &Link<'_>) -> Result<(), AuthorityImportError> {
    let mut critical = link.details.extensions.iter().filter(|extension| extension.critical);
    match critical.find(|extension| !CRITICAL.contains(&extension.extn_id)) {
        Some(extension) => {
            Err(AuthorityImportError::Critical { certificate: link.name(), extension: extension.extn_id })
        }
        None => Ok(()),
    }
}
