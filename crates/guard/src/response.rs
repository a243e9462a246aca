//! The head of a response before the rules.

use std::fmt;

use http::HeaderMap;
use jiff::Timestamp;

use crate::fired::Fired;
use crate::rule::{Action, Judge};
use crate::rules::{RULES, RuleId};
use crate::settings::Settings;

/// The head of a response as the rules see it.
pub struct Response<'a> {
    /// Its header fields.
    pub headers: &'a mut HeaderMap,
    /// The host that the request was for: without port and brackets, in lower case.
    pub host: &'a str,
    /// The port that the client wrote behind it.
    pub asked_port: Option<u16>,
    /// The port under which clients reach the encrypted listener.
    pub port: u16,
    /// Whether a port is that of an endpoint which the response may come from: a server that takes its
    /// own port for the client's writes it.
    pub is_endpoint: &'a dyn Fn(u16) -> bool,
    /// Whether it goes out encrypted.
    pub encrypted: bool,
}

impl Settings {
    /// Judges a response, and mends what is to be mended; what fired is noted.
    pub fn judge_response(
        &self,
        response: &mut Response<'_>,
        now: impl Fn() -> Timestamp,
        fired: &mut Fired,
    ) {
        for rule in RULES {
            let Judge::Response(judge) = rule.judge else { continue };
            let action = match (rule.id, response.encrypted) {
                // It must never be sent in cleartext, whatever a listener promises (RFC 6797 section 7.2).
                (RuleId::Hsts, false) => Action::Fix,
                _ => match self.action(rule.id, &now) {
                    Some(action) => action,
                    None => continue,
                },
            };
            if judge(response, self, action == Action::Fix) {
                fired.note(rule.id, action);
            }
        }
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a response of {}", self.host)
    }
}
