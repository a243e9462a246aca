//! The OCSP response that came with a chain.

use hermetic_x509::ocsp::{Disbelief, Response, Said};
use jiff::Timestamp;

/// What the stapled OCSP response says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staple {
    /// None came.
    Absent,
    /// The issuer, or a responder of its, says this, and may be believed.
    Said(Said),
    /// It can't be read, or is a refusal.
    Unreadable(String),
    /// It is not to be believed.
    Disbelieved(String),
    /// The issuer's certificate is not at hand to verify it by.
    Unverified,
}

impl Staple {
    pub(super) fn of(stapled: Option<&[u8]>, leaf: &[u8], issuer: Option<&[u8]>, at: Timestamp) -> Self {
        let Some(stapled) = stapled else { return Self::Absent };
        let response = match Response::read(stapled) {
            Ok(response) => response,
            Err(error) => return Self::Unreadable(error.to_string()),
        };
        let Some(issuer) = issuer else { return Self::Unverified };
        match response.says_of(leaf, issuer, at) {
            Ok(said) => Self::Said(said.clone()),
            Err(disbelief @ Disbelief::Unreadable(_)) => Self::Unreadable(disbelief.to_string()),
            Err(disbelief) => Self::Disbelieved(disbelief.to_string()),
        }
    }
}
