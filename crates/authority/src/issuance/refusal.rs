//! Why something is not issued.

use hermetic_store::{Generation, Stage};
use hermetic_x509::lint::LintError;
use hermetic_x509::publication::AuthorityName;
use hermetic_x509::{CertificationRequestError, Disapproval, ValidityError};
use jiff::Timestamp;

use crate::authorities::State;

/// Why something is not issued. Nothing of it is left behind but a record in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The certification request is not sound: its signature is broken, its key weak, its form wrong.
    #[error(transparent)]
    CertificationRequest(#[from] CertificationRequestError),
    /// The profile does not allow it: names, whoever brought them, key or lifetime.
    #[error(transparent)]
    Disapproved(#[from] Disapproval),
    /// Nobody is named.
    #[error("it does not say what the certificate is used as")]
    NoSubject,
    /// There is no such profile.
    #[error("there is no profile `{name}`; there are {}", .known.join(", "))]
    NoSuchProfile {
        /// Its name.
        name: String,
        /// The profiles that there are.
        known: Vec<String>,
    },
    /// An authority has the key.
    #[error("the key in the request is that of the authority `{0}`; make a key of its own")]
    KeyOfAuthority(AuthorityName),
    /// Another party has the key, or it was revoked as compromised.
    #[error("the key in the request was used before, for `{subject}`; make a new key")]
    KeyUsedBefore {
        /// What the other certificate is used as.
        subject: String,
    },
    /// There is no such authority.
    #[error("there is no authority `{name}`; {}", there_are(.known))]
    NoSuchAuthority {
        /// Its name.
        name: AuthorityName,
        /// The authorities that there are.
        known: Vec<String>,
    },
    /// The authority has run out, or is about to.
    #[error("the authority `{authority}` itself ends at {end}; {remedy}")]
    AuthorityExpired {
        /// The authority.
        authority: AuthorityName,
        /// The end of its certificate.
        end: Timestamp,
        /// What to do.
        remedy: String,
    },
    /// The authority is in a state in which it does not issue.
    #[error("the authority `{authority}` can't issue while it is {state}; {remedy}")]
    AuthorityInactive {
        /// The authority.
        authority: AuthorityName,
        /// Its state.
        state: State,
        /// What to do.
        remedy: String,
    },
    /// The generation does not sign yet, or no more.
    #[error("{generation} does not sign: it is {stage}; `hermetic ca show {}` shows which one does", .generation.name)]
    NotSigning {
        /// The generation.
        generation: Generation,
        /// How far it is.
        stage: Stage,
    },
    /// The authority above leaves no room for another below it.
    #[error(
        "the authority `{authority}` may have no authority below it with a path length of {asked}; it allows {allowed}"
    )]
    PathLength {
        /// The authority above.
        authority: AuthorityName,
        /// What was asked for, in words.
        asked: String,
        /// What it allows, in words.
        allowed: String,
    },
    /// RFC 5280, a profile or an authority's name constraints forbid what would be signed.
    #[error(transparent)]
    Lint(#[from] LintError),
    /// Nothing can be valid so: the clock is wrong, or the time too short.
    #[error(transparent)]
    Validity(ValidityError),
}

fn there_are(known: &[String]) -> String {
    match known {
        [] => "there is none at all; make one with `hermetic ca create NAME --root`".to_owned(),
        known => format!("there are {}", known.join(", ")),
    }
}

impl Refusal {
    /// That nothing can be valid so under this authority.
    pub(crate) fn of_validity(error: ValidityError, authority: &AuthorityName) -> Self {
        match error {
            ValidityError::IssuerEnds(end) => Self::expired(authority, end),
            other => Self::Validity(other),
        }
    }

    /// That an authority has run out, or is about to.
    pub(crate) fn expired(authority: &AuthorityName, end: Timestamp) -> Self {
        let remedy = State::Expired.remedy(authority.as_str());
        Self::AuthorityExpired { authority: authority.clone(), end, remedy }
    }
}
