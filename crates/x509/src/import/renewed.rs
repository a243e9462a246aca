//! Whether material may take the place of what was imported before.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_KP_CLIENT_AUTH;
use der::flagset::FlagSet;
use hermetic_keys::{KeyAlgorithm, PublicKey};
use hermetic_tls::Certificate;
use jiff::Timestamp;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages};

use super::link::Link;
use super::{ImportError, Importable, judge};
use crate::details::CertificateDetails;
use crate::material::Material;

/// Why material may not take the place of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReimportError {
    /// It may not be imported at all.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Its key is of another kind or size, and what uses the certificate may not take that.
    #[error("its key is {is}, and that of the certificate before is {was}; import it as another certificate")]
    Key {
        /// The kind before.
        was: KeyAlgorithm,
        /// The kind now.
        is: KeyAlgorithm,
    },
    /// It names nobody whom the certificate before named.
    #[error("it has none of the names of the certificate before ({})", .0.join(", "))]
    Names(Vec<String>),
    /// It may no longer be used for something.
    #[error("it lacks {0}, which the certificate before has; usages may be added, not removed")]
    UsageRemoved(String),
    /// It limits what it is for, which the certificate before did not.
    #[error("it has {0}, which the certificate before had not: it would be good for less")]
    UsageAppeared(&'static str),
}

/// Judges material that is to take the place of `before`, as ACM does for a certificate that is imported again.
pub fn judge_renewed(
    material: Material,
    before: &Certificate,
    now: Timestamp,
) -> Result<Importable, ReimportError> {
    let importable = judge(material, now)?;
    let leaf = importable.material.leaf();
    let was = Link::read(before).map_err(ImportError::from)?.details;
    let is = Link::read(leaf).map_err(ImportError::from)?.details;
    let kind = same_kind(&was, &is)?;
    names(before, leaf)?;
    key_usage(&was, &is, kind)?;
    extended_key_usage(&was, &is)?;
    Ok(importable)
}

fn same_kind(was: &CertificateDetails, is: &CertificateDetails) -> Result<KeyAlgorithm, ReimportError> {
    let kind = |certificate: &CertificateDetails| {
        PublicKey::new(certificate.key_info.clone()).map(|key| key.algorithm()).map_err(ImportError::from)
    };
    let (was, is) = (kind(was)?, kind(is)?);
    if was == is { Ok(is) } else { Err(ReimportError::Key { was, is }) }
}

/// At least one name stays. Old certificates may have their only one in the subject.
fn names(before: &Certificate, leaf: &Certificate) -> Result<(), ReimportError> {
    let names = |certificate: &Certificate| -> Vec<String> {
        let alternative = certificate.identities.iter().map(ToString::to_string);
        let common = certificate.common_name().map(|name| format!("dns:{}", name.to_ascii_lowercase()));
        alternative.chain(common).collect()
    };
    let (was, is) = (names(before), names(leaf));
    if was.is_empty() || was.iter().any(|name| is.contains(name)) {
        Ok(())
    } else {
        Err(ReimportError::Names(was))
    }
}

/// An ECDSA key encrypts nothing, so keyEncipherment may go (RFC 8813 section 3).
fn key_usage(
    was: &CertificateDetails,
    is: &CertificateDetails,
    kind: KeyAlgorithm,
) -> Result<(), ReimportError> {
    let usage = |certificate: &CertificateDetails| {
        certificate.extension::<KeyUsage>().ok().flatten().map(|(_, KeyUsage(usages))| usages)
    };
    let ecdsa = matches!(kind, KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384);
    let may_go = if ecdsa { KeyUsages::KeyEncipherment.into() } else { FlagSet::default() };
    match (usage(was), usage(is)) {
        (None, Some(_)) => Err(ReimportError::UsageAppeared("a key usage")),
        (None, None) => Ok(()),
        (Some(was), is) => {
            let missing = was - is.unwrap_or_default() - may_go;
            match missing.into_iter().next() {
                Some(usage) => Err(ReimportError::UsageRemoved(format!("the key usage {usage:?}"))),
                None => Ok(()),
            }
        }
    }
}

/// Public authorities leave out clientAuth since 2026, so it may go.
fn extended_key_usage(was: &CertificateDetails, is: &CertificateDetails) -> Result<(), ReimportError> {
    let purposes = |certificate: &CertificateDetails| {
        certificate.extension::<ExtendedKeyUsage>().ok().flatten().map(|(_, ExtendedKeyUsage(found))| found)
    };
    match (purposes(was), purposes(is)) {
        (None, Some(_)) => Err(ReimportError::UsageAppeared("an extended key usage")),
        (None, None) => Ok(()),
        (Some(was), is) => {
            let is = is.unwrap_or_default();
            let stays = |purpose: &ObjectIdentifier| is.contains(purpose) || *purpose == ID_KP_CLIENT_AUTH;
            match was.iter().find(|purpose| !stays(purpose)) {
                Some(purpose) => Err(ReimportError::UsageRemoved(format!("the purpose {purpose}"))),
                None => Ok(()),
            }
        }
    }
}
