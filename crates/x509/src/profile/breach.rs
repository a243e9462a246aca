//! What a profile does not allow.

use const_oid::db::rfc4519::CN;
use hermetic_keys::KeyAlgorithm;
use hermetic_tls::{Identity, SpiffeId};
use jiff::SignedDuration;
use x509_cert::attr::AttributeTypeAndValue;

use super::{LifetimeBounds, Naming, Profile};
use crate::distinguished_name::DistinguishedName;
use crate::name::{CanonicalName, NameRefusal};
use crate::subject::{SubjectFault, text};

/// More names than this in one certificate make handshakes slow, and some clients give up.
pub(super) const MOST_NAMES: usize = 100;

/// What a profile does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileBreach {
    /// Nobody is named.
    #[error("nobody is named; give at least one name")]
    Nameless,
    /// There are too many names.
    #[error("there are {0} names, more than {MOST_NAMES}; split them")]
    TooManyNames(usize),
    /// A rule refuses a name.
    #[error(transparent)]
    Name(#[from] NameRefusal),
    /// A wildcard where one party is meant.
    #[error("{0} stands for many hosts, and who calls is one; give its own name")]
    Wildcard(CanonicalName),
    /// X.509-SVID section 2: a validator refuses a certificate with more.
    #[error("there are {0} SPIFFE IDs; a certificate carries one")]
    SeveralSpiffeIds(usize),
    /// X.509-SVID section 4.1: the path of a leaf is not empty.
    #[error("{0} names a trust domain, not a party; add a path")]
    TrustDomain(SpiffeId),
    /// The profile takes one SPIFFE ID and nothing else.
    #[error("{0} is no SPIFFE ID; this profile names its parties by one, and by nothing else")]
    NoSpiffeId(CanonicalName),
    /// The profile takes a subject and no names.
    #[error("{0} is a name; this profile names its parties by their subject, and by nothing else")]
    NotTaken(CanonicalName),
    /// The profile needs a subject.
    #[error("the subject is empty; this profile names its parties by it")]
    NoSubject,
    /// The profile takes of a subject what its names say, and nothing else.
    #[error("{0} in the subject is not among the names")]
    SubjectNotAmongNames(String),
    /// The subject can't be written.
    #[error(transparent)]
    Subject(#[from] SubjectFault),
    /// The profile does not take such keys.
    #[error("keys of kind {0} are not taken; {taken} are", taken = listed(.1))]
    KeyAlgorithm(KeyAlgorithm, Vec<KeyAlgorithm>),
    /// The profile gives no such lifetime.
    #[error("a lifetime of {0:#} is not given; {1} is")]
    Lifetime(SignedDuration, LifetimeBounds),
}

impl Profile {
    /// All that it does not allow about names.
    pub(crate) fn breaches_of_names(
        &self,
        subject: &DistinguishedName,
        names: &[CanonicalName],
    ) -> Vec<ProfileBreach> {
        let mut breaches = match self.kind().naming() {
            Naming::Names { wildcards } => named(subject, names, wildcards),
            Naming::SpiffeId => by_spiffe_id(subject, names),
            Naming::Subject => by_subject(subject, names),
        };
        let refused = names.iter().filter_map(|name| self.names().judge(name).err());
        breaches.extend(refused.map(ProfileBreach::Name));
        breaches
    }

    /// What it does not allow about a key.
    pub(crate) fn breach_of_key(&self, algorithm: KeyAlgorithm) -> Option<ProfileBreach> {
        (!self.key_algorithms().contains(&algorithm))
            .then(|| ProfileBreach::KeyAlgorithm(algorithm, self.key_algorithms().to_vec()))
    }
}

fn named(subject: &DistinguishedName, names: &[CanonicalName], wildcards: bool) -> Vec<ProfileBreach> {
    let mut breaches = Vec::new();
    match names.len() {
        0 => breaches.push(ProfileBreach::Nameless),
        length if length > MOST_NAMES => breaches.push(ProfileBreach::TooManyNames(length)),
        _ => (),
    }
    let wild = names.iter().filter(|name| !wildcards && name.is_wildcard());
    breaches.extend(wild.cloned().map(ProfileBreach::Wildcard));
    if spiffe_ids(names).count() > 1 {
        breaches.push(ProfileBreach::SeveralSpiffeIds(spiffe_ids(names).count()));
    }
    breaches.extend(without_path(names));
    let strange = subject.parsed().iter().filter(|attribute| !is_among(attribute, names));
    breaches.extend(strange.map(|attribute| ProfileBreach::SubjectNotAmongNames(attribute.to_string())));
    breaches
}

fn by_spiffe_id(subject: &DistinguishedName, names: &[CanonicalName]) -> Vec<ProfileBreach> {
    let other = names.iter().filter(|name| !matches!(name.identity(), Identity::Spiffe(_)));
    let mut breaches: Vec<_> = other.cloned().map(ProfileBreach::NoSpiffeId).collect();
    match spiffe_ids(names).count() {
        0 if breaches.is_empty() => breaches.push(ProfileBreach::Nameless),
        0 | 1 => (),
        several => breaches.push(ProfileBreach::SeveralSpiffeIds(several)),
    }
    breaches.extend(without_path(names));
    let strange = subject.parsed().iter();
    breaches.extend(strange.map(|attribute| ProfileBreach::SubjectNotAmongNames(attribute.to_string())));
    breaches
}

fn by_subject(subject: &DistinguishedName, names: &[CanonicalName]) -> Vec<ProfileBreach> {
    let mut breaches: Vec<_> = names.iter().cloned().map(ProfileBreach::NotTaken).collect();
    if subject.is_empty() {
        breaches.push(ProfileBreach::NoSubject);
    }
    breaches
}

fn spiffe_ids(names: &[CanonicalName]) -> impl Iterator<Item = &SpiffeId> {
    names.iter().filter_map(|name| match name.identity() {
        Identity::Spiffe(id) => Some(id),
        _ => None,
    })
}

fn without_path(names: &[CanonicalName]) -> impl Iterator<Item = ProfileBreach> {
    spiffe_ids(names).filter(|id| id.path().is_empty()).cloned().map(ProfileBreach::TrustDomain)
}

/// Whether an attribute is a common name that says again what one of the names says, as clients compare it: not
/// with a `dns:` before it, as we write names of several kinds.
pub(super) fn is_among(attribute: &AttributeTypeAndValue, names: &[CanonicalName]) -> bool {
    let says_again = |text: &str| {
        names.iter().any(|name| match name.identity() {
            Identity::Dns(name) => name.as_str().eq_ignore_ascii_case(text),
            Identity::Ip(address) => address.to_string() == text,
            Identity::Spiffe(id) => id.to_string() == text,
        })
    };
    attribute.oid == CN && text(attribute).is_some_and(says_again)
}

fn listed(algorithms: &[KeyAlgorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}
