//! Certificates that nobody vouches for: for tests only, and marked so that they can be told anywhere.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc4519::ORGANIZATION_NAME;
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use hermetic_tls::Serial;
use jiff::Timestamp;

use crate::certificate::{LeafDraft, Publication, ToBeSigned};
use crate::details::CertificateDetails;
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::lint::{self, LintError};
use crate::name::CanonicalName;
use crate::profile::Profile;
use crate::validity::Validity;

/// The organisation in the subject of each self-signed certificate that is made here. By it they are told,
/// whoever shows them: the verdict on a hop that rests on one is `weak`, with this as its reason.
pub const TEST_ONLY: &str = "Hermetic test only";

/// A certificate for tests, which its own key will sign.
#[derive(Clone, Copy, Debug)]
pub struct SelfSignedDraft<'a> {
    /// The serial number.
    pub serial: &'a Serial,
    /// What kind of certificate it becomes.
    pub profile: &'a Profile,
    /// The names.
    pub names: &'a [CanonicalName],
    /// The key.
    pub key: &'a PublicKey,
    /// From when until when.
    pub validity: Validity,
}

impl SelfSignedDraft<'_> {
    /// What its key signs in this way.
    pub fn to_be_signed(&self, signature: SignatureAlgorithm) -> Result<ToBeSigned, EncodingError> {
        self.leaf(&mark()?).self_signed(signature)
    }

    /// The last look at what is about to be signed.
    pub fn lint(&self, to_be_signed: &[u8], now: Timestamp) -> Result<(), LintError> {
        lint::leaf(to_be_signed, &self.leaf(&mark().unwrap_or_default()), &[], now)
    }

    fn leaf<'a>(&'a self, subject: &'a DistinguishedName) -> LeafDraft<'a> {
        let Self { serial, profile, names, key, validity } = *self;
        LeafDraft {
            serial,
            profile,
            subject,
            names,
            key,
            validity,
            publication: Publication::NONE,
            is_over: false,
        }
    }
}

fn mark() -> Result<DistinguishedName, EncodingError> {
    format!("O={TEST_ONLY}").parse()
}

/// Whether a subject has the mark.
pub(crate) fn is_marked(subject: &DistinguishedName) -> bool {
    subject.parsed().iter().any(|attribute| {
        attribute.oid == ORGANIZATION_NAME && attribute.value.value() == TEST_ONLY.as_bytes()
    })
}

/// Whether this is such a certificate: the mark in the subject of what somebody signed for somebody else says
/// nothing.
pub fn is_test_only(certificate: &CertificateDetails) -> bool {
    is_marked(&certificate.subject) && certificate.is_self_issued()
}
