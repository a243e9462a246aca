//! What is asked for, and what is accepted of it.

use std::time::Duration;

use hermetic_tls::Identity;

use crate::error::AuthorityError;

/// More names than this in one certificate make handshakes slow and some clients give up.
const MOST_IDENTITIES: usize = 100;

/// What a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is used as, such as a listener's name; what `cert list` shows.
    pub subject: String,
    /// The names in it; never empty. One that is given twice is written once.
    pub identities: Vec<Identity>,
    /// How it may be used.
    pub usage: Usage,
    /// How long it lives; at least a minute.
    pub lifetime: Duration,
}

/// How a certificate may be used (extended key usage).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// As a TLS server.
    Server,
    /// As a TLS client.
    Client,
    /// As both: a party of a path.
    Both,
}

/// A request that can be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted(Request);

impl Accepted {
    /// Accepts a request, or says why not.
    pub(crate) fn new(mut request: Request) -> Result<Self, AuthorityError> {
        let mut names = Vec::with_capacity(request.identities.len());
        for identity in request.identities {
            if !names.contains(&identity) {
                names.push(identity);
            }
        }
        request.identities = names;
        match problem(&request) {
            Some(problem) => Err(AuthorityError::Refused(problem)),
            None => Ok(Self(request)),
        }
    }

    pub(crate) fn request(&self) -> &Request {
        &self.0
    }

    /// The names as text, as the store keeps them.
    pub(crate) fn identities_as_text(&self) -> Vec<String> {
        self.0.identities.iter().map(Identity::to_string).collect()
    }

    /// Whether a certificate for `other` serves this one as well, its lifetime aside.
    pub(crate) fn is_for_the_same_as(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        (&a.subject, &a.identities, a.usage) == (&b.subject, &b.identities, b.usage)
    }
}

fn problem(request: &Request) -> Option<String> {
    let Request { subject, identities, usage, .. } = request;
    let of_spiffe = identities.iter().filter_map(|identity| match identity {
        Identity::Spiffe(id) => Some(id),
        _ => None,
    });
    let wildcard = identities.iter().find_map(|identity| match identity {
        Identity::Dns(name) if name.as_str().starts_with("*.") => Some(name),
        _ => None,
    });
    if subject.is_empty() {
        return Some("it does not say what the certificate is used as".to_owned());
    }
    if identities.is_empty() {
        return Some(format!("the request for `{subject}` names nobody; give at least one identity"));
    }
    if identities.len() > MOST_IDENTITIES {
        return Some(format!(
            "the request for `{subject}` has {} identities, more than {MOST_IDENTITIES}; split it",
            identities.len()
        ));
    }
    // X.509-SVID, section 2: exactly one URI. A validator refuses the whole certificate otherwise.
    if of_spiffe.clone().count() > 1 {
        return Some(format!(
            "the request for `{subject}` has several SPIFFE IDs; a certificate carries one"
        ));
    }
    // X.509-SVID, section 4.1: the path of a leaf is not empty.
    if let Some(id) = of_spiffe.clone().find(|id| id.path().is_empty()) {
        return Some(format!("{id} names a trust domain, not a party; add a path"));
    }
    // A wildcard says which hosts a server may answer for; who calls is one party, not many.
    match wildcard {
        Some(name) if *usage == Usage::Client => Some(format!("a client can't be {name}; give its own name")),
        _ => None,
    }
}
