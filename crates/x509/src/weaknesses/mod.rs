//! What is wrong with a certificate as it lies there, without its chain: for inventories and findings.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod key;
mod lifetime;
mod signature;
#[cfg(test)]
mod tests;

use const_oid::AssociatedOid;
use const_oid::db::rfc5280::ANY_EXTENDED_KEY_USAGE;
use hermetic_keys::PublicKeyError;
use jiff::Timestamp;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};

pub use lifetime::{days_left, lifetime_limit};
pub(crate) use signature::weak_algorithm;

use crate::details::CertificateDetails;
use crate::error::EncodingError;
use crate::purpose::Purpose;
use crate::self_signed::is_test_only;
use crate::weak_key::WeakKey;

/// Something that is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Weakness {
    /// Its key can be broken.
    #[error("its key is weak: {0}")]
    Key(WeakKey),
    /// Its RSA key is short enough to be factored.
    #[error("its RSA key has {0} bits; 2048 are needed")]
    ShortKey(u32),
    /// Its RSA modulus is of a length that public certificates may not have (CA/Browser Forum, Baseline
    /// Requirements, section 6.1.5).
    #[error("its RSA key has {0} bits, which fill no whole bytes: public certificates may not have it")]
    OddLength(u32),
    /// Its key is on a curve that public certificates may not have (the same section), and that few clients know.
    #[error(
        "its key is on the curve {name}: public certificates are on P-256, P-384 or P-521, as clients know them"
    )]
    Curve {
        /// The curve, as openssl calls it.
        name: String,
        /// Its bits, where they are known.
        bits: Option<u32>,
    },
    /// Its key is one of DSA, which FIPS 186-5 gave up and no TLS client takes.
    #[error("its key is one of DSA, which no client takes any more")]
    Dsa,
    /// Its key is none, or made so that others can sign in its place.
    #[error("{0}")]
    BrokenKey(PublicKeyError),
    /// Somebody else can make a certificate with the same signature.
    #[error("it is signed with {0}, for which collisions are made")]
    Signature(&'static str),
    /// It is valid for longer than the CA/Browser Forum allows public certificates of its date.
    #[error("it is valid for {days} days; {limit} are allowed to public certificates of its date")]
    LongLived {
        /// How long it is valid, in days of 86,400 seconds; each that has begun counts.
        days: i64,
        /// What is allowed.
        limit: i64,
    },
    /// Its serial number is none that may be (RFC 5280 section 4.1.2.2).
    #[error("its serial number is {0}")]
    Serial(&'static str),
    /// Nobody vouches for it.
    #[error("it is self-signed: nobody vouches for it")]
    SelfSigned,
    /// It was made for tests.
    #[error("it is self-signed and for tests only, as its subject says")]
    TestOnly,
    /// It names nobody, as clients look for names (RFC 9525 section 6.3).
    #[error("it has no subject alternative names, so that no client takes it for any name")]
    Nameless,
    /// It is not yet valid.
    #[error("it is valid only from {0}")]
    NotYetValid(Timestamp),
    /// It is over.
    #[error("it expired at {0}")]
    Expired(Timestamp),
}

/// All weaknesses of a certificate at an instant; none where it is as it should be.
pub fn weaknesses(der: &[u8], now: Timestamp) -> Result<Vec<Weakness>, EncodingError> {
    Ok(of(&CertificateDetails::read(der)?, now))
}

/// The same of a certificate that was read.
pub(crate) fn of(certificate: &CertificateDetails, now: Timestamp) -> Vec<Weakness> {
    let mut found: Vec<_> =
        validity(certificate, now).into_iter().chain(key::weakness(certificate)).collect();
    // Nobody looks at the signature of who signed for themselves.
    if !certificate.is_self_issued() {
        found.extend(weak_algorithm(&certificate.signed.algorithm).map(Weakness::Signature));
    }
    found.extend(serial(&certificate.serial).map(Weakness::Serial));
    if !is_authority(certificate) {
        found.extend(party(certificate));
    }
    found
}

/// What only the certificate of a party can have wrong.
fn party(certificate: &CertificateDetails) -> Vec<Weakness> {
    let connects = connects(certificate);
    let mut found: Vec<_> =
        lifetime::excess(&certificate.validity).into_iter().filter(|_| connects).collect();
    if is_test_only(certificate) {
        found.push(Weakness::TestOnly);
    } else if certificate.is_self_issued() {
        found.push(Weakness::SelfSigned);
    }
    if connects && !has_names(certificate) {
        found.push(Weakness::Nameless);
    }
    found
}

/// Certificates that people sign for themselves say that they are authorities when openssl is left to its
/// defaults; names tell what they really are.
fn is_authority(certificate: &CertificateDetails) -> bool {
    let constraints = certificate.extension::<BasicConstraints>().ok().flatten();
    constraints.is_some_and(|(_, constraints)| constraints.ca) && !has_names(certificate)
}

/// Whether it is for for_tls. Who signs code or OCSP answers is looked for by no name, and the limits are for others.
fn connects(certificate: &CertificateDetails) -> bool {
    let for_tls = [Purpose::Server.oid(), Purpose::Client.oid(), ANY_EXTENDED_KEY_USAGE];
    let usage = certificate.extension::<ExtendedKeyUsage>().ok().flatten();
    usage.is_none_or(|(_, ExtendedKeyUsage(usage))| usage.iter().any(|purpose| for_tls.contains(purpose)))
}

fn has_names(certificate: &CertificateDetails) -> bool {
    certificate.extensions.iter().any(|extension| extension.extn_id == SubjectAltName::OID)
}

/// What is wrong with a serial number, in two's complement: it is positive, and has 20 octets at most. Zero is left
/// alone: old roots have it.
fn serial(bytes: &[u8]) -> Option<&'static str> {
    if bytes.first().is_some_and(|first| *first >= 0x80) {
        return Some("negative");
    }
    (bytes.len() > 20).then_some("longer than 20 bytes")
}

fn validity(certificate: &CertificateDetails, now: Timestamp) -> Option<Weakness> {
    let (begin, end) = (certificate.validity.begin(), certificate.validity.end());
    if now < begin {
        Some(Weakness::NotYetValid(begin))
    } else {
        (end < now).then_some(Weakness::Expired(end))
    }
}
