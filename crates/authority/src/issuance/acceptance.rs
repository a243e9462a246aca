//! What is accepted of what is asked for.

use aws_lc_rs::digest::{SHA256, digest};
use hermetic_store::CertificateId;
use hermetic_tls::Identity;
use hermetic_x509::{Approved, CanonicalName, CertificationRequest, IssuanceRequest, Profile};
use jiff::SignedDuration;

use super::profiles::Profiles;
use super::refusal::Refusal;
use super::request::Request;

/// A request that can be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    request: Request,
    profile: Profile,
    approved: Approved,
    /// Whether it keeps what is served from the store renewed: whoever maintains the same has a handle of
    /// their own.
    is_for_stored: bool,
}

impl Accepted {
    /// Accepts a request for a certificate whose key is made here, or says why not.
    pub(crate) fn new(request: Request, profiles: &Profiles) -> Result<Self, Refusal> {
        let profile = known(&request, profiles)?;
        let approved = profile.approve(&asked(&request), request.key)?;
        Ok(Self { profile: profile.clone(), approved, request, is_for_stored: false })
    }

    /// Accepts a request for the key in a certification request, or says why not.
    pub(crate) fn for_key_of(
        certification: &CertificationRequest,
        request: Request,
        profiles: &Profiles,
    ) -> Result<Self, Refusal> {
        let profile = known(&request, profiles)?;
        let approved = profile.approve_certification(certification, &asked(&request))?;
        Ok(Self { profile: profile.clone(), approved, request, is_for_stored: false })
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// The same for a certificate that takes the place of another.
    pub(crate) fn in_place_of(&self, replaced: CertificateId) -> Self {
        let mut renewal = self.clone();
        renewal.request.replaces = Some(replaced);
        renewal
    }

    /// The same to keep what is served from the store renewed.
    pub(crate) fn for_stored(self) -> Self {
        Self { is_for_stored: true, ..self }
    }

    /// Whether it is that.
    pub(crate) fn is_for_stored(&self) -> bool {
        self.is_for_stored
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What the certificate will say.
    pub(crate) fn approved(&self) -> &Approved {
        &self.approved
    }

    /// The names as identities.
    pub(crate) fn identities(&self) -> Vec<Identity> {
        self.approved.names.iter().map(|name| name.identity().clone()).collect()
    }

    /// The names as text, as the store keeps them.
    pub(crate) fn names_as_text(&self) -> Vec<String> {
        self.approved.names.iter().map(CanonicalName::to_string).collect()
    }

    /// Whether a certificate for `other` serves this one as well, its lifetime aside.
    pub(crate) fn is_for_the_same_as(&self, other: &Self) -> bool {
        let (a, b) = (&self.request, &other.request);
        (&a.subject, &a.profile, &a.issuer, a.key) == (&b.subject, &b.profile, &b.issuer, b.key)
            && self.approved.names == other.approved.names
            && self.is_for_stored == other.is_for_stored
    }
}

fn known<'a>(request: &Request, profiles: &'a Profiles) -> Result<&'a Profile, Refusal> {
    if request.subject.is_empty() {
        return Err(Refusal::NoSubject);
    }
    profiles.named(&request.profile)
}

fn asked(request: &Request) -> IssuanceRequest {
    IssuanceRequest {
        names: request.identities.clone(),
        subject: request.distinguished_name.clone(),
        // What is too long for a calendar is longer than any profile allows.
        lifetime: request.lifetime.map(|asked| asked.try_into().unwrap_or(SignedDuration::MAX)),
    }
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
