//! What is asked for, judged by a profile.

use std::collections::HashSet;
use std::fmt;

use der::Encode;
use hermetic_keys::KeyAlgorithm;
use hermetic_tls::Identity;
use jiff::SignedDuration;
use x509_cert::attr::AttributeTypeAndValue;

use super::breach::is_among;
use super::{Naming, Profile, ProfileBreach};
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::name::{CanonicalName, NameError};
use crate::request::CertificationRequest;
use crate::subject::faults;

/// What is asked for beside what a certification request says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuanceRequest {
    /// Names, which come after those of a certification request.
    pub names: Vec<Identity>,
    /// A subject, which comes in the place of that of a certification request.
    pub subject: Option<DistinguishedName>,
    /// A lifetime; `None` for the profile's usual one.
    pub lifetime: Option<SignedDuration>,
}

/// What may be certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The names, each once.
    pub names: Vec<CanonicalName>,
    /// What is taken of the subject.
    pub subject: DistinguishedName,
    /// How long the certificate lives.
    pub lifetime: SignedDuration,
}

/// Why nothing is certified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Disapproval {
    /// A name that is asked for is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Whoever asks to become an authority must not get something else in its place.
    #[error("the request asks for the certificate of an authority, which the profile `{0}` is not for")]
    ForAnAuthority(String),
    /// The profile does not allow it. All its reasons are there.
    #[error("the profile `{profile}` does not allow it: {}", Listed(.breaches))]
    Profile {
        /// Which profile.
        profile: String,
        /// What it does not allow.
        breaches: Vec<ProfileBreach>,
    },
    /// The subject can't be encoded.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

impl Profile {
    /// Judges what is asked for a key of this kind that is made here.
    pub fn approve(&self, request: &IssuanceRequest, key: KeyAlgorithm) -> Result<Approved, Disapproval> {
        self.judge(&request.names, &[], request.subject.as_ref(), request.lifetime, key)
    }

    /// Judges what a certification request and the request around it ask for, together: the names of the one
    /// and of the other pass the same rules.
    pub fn approve_certification(
        &self,
        certification: &CertificationRequest,
        request: &IssuanceRequest,
    ) -> Result<Approved, Disapproval> {
        if certification.is_for_an_authority() {
            return Err(Disapproval::ForAnAuthority(self.name().to_owned()));
        }
        let subject = request.subject.as_ref().or(Some(certification.subject()));
        let key = certification.public_key().algorithm();
        self.judge(&request.names, certification.names(), subject, request.lifetime, key)
    }

    pub(super) fn judge(
        &self,
        asked: &[Identity],
        certified: &[CanonicalName],
        subject: Option<&DistinguishedName>,
        lifetime: Option<SignedDuration>,
        key: KeyAlgorithm,
    ) -> Result<Approved, Disapproval> {
        let names = merged(certified, asked)?;
        let subject = self.taken(subject, &names)?;
        let lifetime = lifetime.unwrap_or(self.lifetime().usual());
        let mut breaches = self.breaches_of_names(&subject, &names);
        breaches.extend(faults(&subject).into_iter().map(ProfileBreach::Subject));
        breaches.extend(self.breach_of_key(key));
        if !self.lifetime().hold(lifetime) {
            breaches.push(ProfileBreach::Lifetime(lifetime, self.lifetime()));
        }
        if breaches.is_empty() {
            Ok(Approved { names, subject, lifetime })
        } else {
            Err(Disapproval::Profile { profile: self.name().to_owned(), breaches })
        }
    }

    /// What it takes of a subject: all of it where that is how it names its parties; else the common names
    /// that say again what a name says and are short enough. The rest is left out.
    fn taken(
        &self,
        subject: Option<&DistinguishedName>,
        names: &[CanonicalName],
    ) -> Result<DistinguishedName, EncodingError> {
        match (subject, self.kind().naming()) {
            (Some(subject), Naming::Subject) => Ok(subject.clone()),
            (Some(subject), Naming::Names { .. }) => {
                let attributes = subject.parsed().iter().filter(|attribute| is_among(attribute, names));
                let taken = only(attributes)?;
                Ok(if faults(&taken).is_empty() { taken } else { DistinguishedName::default() })
            }
            (None, _) | (_, Naming::SpiffeId) => Ok(DistinguishedName::default()),
        }
    }
}

/// Each name once, in order.
fn merged(certified: &[CanonicalName], asked: &[Identity]) -> Result<Vec<CanonicalName>, NameError> {
    let asked = asked.iter().cloned().map(CanonicalName::try_from).collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    Ok(certified.iter().chain(&asked).filter(|name| seen.insert(*name)).cloned().collect())
}

/// A name of these attributes, each as it was written.
fn only<'a>(
    attributes: impl Iterator<Item = &'a AttributeTypeAndValue>,
) -> Result<DistinguishedName, EncodingError> {
    let sets = attributes.map(|attribute| der::asn1::SetOfVec::try_from(vec![attribute.clone()]));
    DistinguishedName::from_der(&sets.collect::<Result<Vec<_>, _>>()?.to_der()?)
}

struct Listed<'a>(&'a [ProfileBreach]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, breach) in self.0.iter().enumerate() {
            write!(f, "{}{breach}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
