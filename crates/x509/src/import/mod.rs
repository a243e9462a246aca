//! Whether material may be imported: what AWS Certificate Manager and AWS Private CA check.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod authority;
mod chain;
mod chain_error;
mod link;
mod order;
mod renewed;
#[cfg(test)]
mod tests;

use const_oid::db::rfc5280::ID_AD_OCSP;
use hermetic_keys::{PublicKey, PublicKeyError, SignatureAlgorithm};
use hermetic_tls::Certificate;
use jiff::Timestamp;
use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::ext::pkix::name::GeneralName;

pub use authority::{AuthorityImportError, ImportableAuthority, Rank, judge_authority};
pub use chain_error::ChainError;
pub use renewed::{ReimportError, judge_renewed};

use self::link::Link;
use crate::details::CertificateDetails;
use crate::material::Material;
use crate::weak_key::{self, WeakKey};
use crate::weaknesses::{self, Weakness};

/// The longest URL of an OCSP responder that AWS takes, in bytes.
const LONGEST_URL: usize = 1000;

/// Material that may be imported.
#[derive(Debug)]
pub struct Importable {
    /// The certificate, the chain in order, and the key.
    pub material: Material,
    /// What is worth knowing before it is used.
    pub notes: Vec<Note>,
}

/// Something about imported material that is no reason to refuse it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Note {
    /// The certificate has a weakness.
    #[error("{0}")]
    Weakness(Weakness),
    /// The certificates between it and the root are not there, and clients seldom fetch them.
    #[error("there is no chain: clients that don't know `{0}` can't verify it")]
    ChainIncomplete(String),
    /// Its key is of another family than the key that signed it.
    #[error("its key is of another family than its issuer's, which AWS Certificate Manager would refuse")]
    OtherFamily,
}

/// Why material may not be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The certificate, or one behind it, is not as it should be.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The certificate says of nobody that they issued it.
    #[error("the certificate names no issuer")]
    NoIssuer,
    /// Its key is of a kind that is not supported, or too short.
    #[error("the certificate's key can't be used: {0}")]
    Key(#[from] PublicKeyError),
    /// Its key can be broken.
    #[error("the certificate's key is weak: {0}")]
    WeakKey(WeakKey),
    /// A URL in it is longer than AWS takes.
    #[error("the URL of its OCSP responder has {0} bytes; up to {LONGEST_URL} are taken")]
    LongUrl(usize),
}

/// Judges material that is imported for the first time.
pub fn judge(material: Material, now: Timestamp) -> Result<Importable, ImportError> {
    let notes = check(material.leaf(), material.chain(), now)?;
    Ok(Importable { material, notes })
}

/// Checks a certificate with its chain; gives what is worth knowing.
fn check(leaf: &Certificate, chain: &[Certificate], now: Timestamp) -> Result<Vec<Note>, ImportError> {
    chain::check(leaf, chain, now)?;
    let link = Link::read(leaf)?;
    if link.details.issuer.is_empty() {
        return Err(ImportError::NoIssuer);
    }
    let key = PublicKey::new(link.details.key_info.clone())?;
    if let Some(weakness) = weak_key::weakness(&key) {
        return Err(ImportError::WeakKey(weakness));
    }
    if let Some(length) = longest_ocsp_url(&link.details).filter(|length| *length > LONGEST_URL) {
        return Err(ImportError::LongUrl(length));
    }
    let mut notes: Vec<_> = weaknesses::of(&link.details, now).into_iter().map(Note::Weakness).collect();
    if chain.is_empty() && !link.details.is_self_issued() {
        notes.push(Note::ChainIncomplete(link.details.issuer.to_string()));
    }
    let issuers = SignatureAlgorithm::of_identifier(&link.details.signed.algorithm);
    if issuers.is_some_and(|issuers| family(issuers) != family(key.algorithm().signature())) {
        notes.push(Note::OtherFamily);
    }
    Ok(notes)
}

fn longest_ocsp_url(certificate: &CertificateDetails) -> Option<usize> {
    let (_, AuthorityInfoAccessSyntax(descriptions)) = certificate.extension().ok()??;
    let responders = descriptions.into_iter().filter(|description| description.access_method == ID_AD_OCSP);
    let lengths = responders.filter_map(|description| match description.access_location {
        GeneralName::UniformResourceIdentifier(url) => Some(url.as_str().len()),
        _ => None,
    });
    lengths.max()
}

/// A kind of keys, whatever their size.
fn family(algorithm: SignatureAlgorithm) -> &'static str {
    use SignatureAlgorithm::{
        EcdsaSha256, EcdsaSha384, Ed25519, MlDsa44, MlDsa65, MlDsa87, RsaSha256, RsaSha384, RsaSha512,
    };
    match algorithm {
        EcdsaSha256 | EcdsaSha384 => "ECDSA",
        RsaSha256 | RsaSha384 | RsaSha512 => "RSA",
        Ed25519 => "Ed25519",
        MlDsa44 | MlDsa65 | MlDsa87 => "ML-DSA",
    }
}
