//! What is asked for.

use std::time::Duration;

use hermetic_keys::KeyAlgorithm;
use hermetic_store::CertificateId;
use hermetic_tls::Identity;
use hermetic_x509::publication::AuthorityName;
use hermetic_x509::{DistinguishedName, ProfileKind};

/// What a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is used as, such as a listener's name; what `cert list` shows.
    pub subject: String,
    /// The name of its profile: a built-in one, or one of the configuration.
    pub profile: String,
    /// The names in it. One that is given twice is written once; those of a certification request come to
    /// these.
    pub identities: Vec<Identity>,
    /// Its subject, where the profile names parties by it; `None`: that of the certification request.
    pub distinguished_name: Option<DistinguishedName>,
    /// How long it lives; `None`: as is usual for the profile. It ends with its issuer, should that end
    /// earlier.
    pub lifetime: Option<Duration>,
    /// Who signs; `None`: whoever is set to.
    pub issuer: Option<AuthorityName>,
    /// The kind of its key, where that is made here.
    pub key: KeyAlgorithm,
    /// The certificate in whose place it comes.
    pub replaces: Option<CertificateId>,
    /// Who asks, where that is not the one that the journal names anyway.
    pub requester: String,
}

impl Request {
    /// A request for a certificate of a built-in profile, with a P-256 key where that is made here.
    pub fn new(subject: impl Into<String>, profile: ProfileKind, identities: Vec<Identity>) -> Self {
        Self {
            subject: subject.into(),
            profile: profile.name().to_owned(),
            identities,
            distinguished_name: None,
            lifetime: None,
            issuer: None,
            key: KeyAlgorithm::EcdsaP256,
            replaces: None,
            requester: String::new(),
        }
    }

    /// The same for so long.
    #[must_use]
    pub fn living(self, lifetime: Duration) -> Self {
        Self { lifetime: Some(lifetime), ..self }
    }
}
