//! Certificates, requests, revocation lists and OCSP answers as bytes: read, built, linted and judged.
//!
//! Nothing here touches a key, a store, a network or a clock: bytes and instants come in, bytes and
//! verdicts go out.

mod certificate;
mod constraints;
pub mod crl;
mod description;
mod details;
mod distinguished_name;
mod error;
pub mod export;
mod extension;
#[cfg(test)]
mod foreign;
pub mod import;
mod key_strength;
pub mod lint;
mod log_timestamps;
mod material;
mod name;
pub mod ocsp;
#[cfg(test)]
mod peer;
mod pem;
pub mod pkcs12;
mod profile;
pub mod publication;
mod purpose;
mod request;
mod revocation;
mod self_signed;
mod signed;
mod subject;
#[cfg(test)]
mod testing;
mod text;
mod time;
mod validity;
mod weak_key;
mod weaknesses;

pub use certificate::{
    AuthorityCertificate, AuthorityCertificateError, AuthorityDraft, HttpUrl, HttpUrlError, LeafDraft,
    Publication, ToBeSigned, certify,
};
pub use constraints::{ConstraintBreach, NameConstraints, NameSubtree, NameSubtreeError};
pub use description::{CertificateDescription, ExtensionDescription, describe};
pub use details::CertificateDetails;
pub use distinguished_name::DistinguishedName;
pub use error::EncodingError;
pub use key_strength::{KeyKind, KeyStrength};
pub use log_timestamps::{LogTimestamp, log_timestamps};
pub use material::{Certified, Contents, Material, MaterialError};
pub use name::{
    CanonicalName, Domain, IpNetwork, NameError, NameRefusal, NameRule, NameRules, UriPrefix, to_a_labels,
};
pub use profile::{
    Approved, Disapproval, IssuanceRequest, LifetimeBounds, LifetimeBoundsError, Naming, Profile,
    ProfileBreach, ProfileError, ProfileKind,
};
pub use purpose::{Purpose, Purposes};
pub use request::{CertificationRequest, CertificationRequestError};
pub use revocation::{Revocation, RevocationReason, RevocationReasonError};
pub use self_signed::{SelfSignedDraft, TEST_ONLY, is_test_only};
pub use signed::{AssembleError, Signed, assemble, take_apart};
pub use subject::SubjectFault;
pub use text::{certificate_text, request_text, revocation_list_text};
pub use validity::{Validity, ValidityError};
pub use weak_key::{WeakKey, weakness};
pub use weaknesses::{Weakness, days_left, lifetime_limit, weaknesses};
