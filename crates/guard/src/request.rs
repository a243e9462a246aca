//! The head of a request before the rules.

use std::fmt;

use http::{HeaderMap, Method, StatusCode, Uri, Version};
use jiff::Timestamp;

use crate::fired::Fired;
use crate::rule::{Action, Judge};
use crate::rules::RULES;
use crate::settings::Settings;

/// The head of a request as the rules see it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its target.
    pub target: &'a Uri,
    /// The version of HTTP that it came by.
    pub version: Version,
    /// Its header fields, as they came.
    pub headers: &'a HeaderMap,
    /// The host that it is for: without port and brackets, in lower case.
    pub host: &'a str,
    /// Whether it came encrypted.
    pub encrypted: bool,
    /// Whether its sender is an authenticated party whose word about the way counts.
    pub trusted: bool,
    /// The server name that its connection was made for.
    pub server_name: Option<&'a str>,
    /// Whether clients are asked for a certificate.
    pub asks_clients: bool,
    /// Whether a certificate that is served here covers a host.
    pub covers: &'a dyn Fn(&str) -> bool,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// With which status.
    pub status: StatusCode,
    /// The reason, fit for whoever sent it.
    pub reason: &'static str,
}

impl Settings {
    /// Judges a request; what fired is noted. What is to be fixed the caller takes out, as the rule says.
    /// The first rule that refuses decides.
    pub fn judge_request(
        &self,
        request: &Request<'_>,
        now: impl Fn() -> Timestamp,
        fired: &mut Fired,
    ) -> Result<(), Denial> {
        for rule in RULES {
            let Judge::Request(judge) = rule.judge else { continue };
            if !self.judges(rule.id) {
                continue;
            }
            let Some(denial) = judge(request) else { continue };
            let Some(action) = self.action(rule.id, &now) else { continue };
            fired.note(rule.id, action);
            if action == Action::Deny {
                return Err(denial);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.method, self.host)
    }
}
