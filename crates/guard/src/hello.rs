//! A ClientHello before the rules.

use hermetic_tls::{Ja4, Refusal};
use jiff::Timestamp;

use crate::fired::Fired;
use crate::rule::{Action, Judge};
use crate::rules::RULES;
use crate::settings::Settings;

/// A ClientHello as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// The server name that it asks for.
    pub server_name: Option<&'a str>,
    /// Its fingerprint; wanted only where [`Settings::fingerprints`] has some.
    pub ja4: Option<&'a Ja4>,
    /// Whether a client could check what it is answered with although it asks for no name: a certificate
    /// names an address, or both ends know each other by their identities.
    pub verifiable_without_name: bool,
}

impl Settings {
    /// Judges a hello before its handshake: how it is told so where a rule refuses it.
    pub fn judge_hello(
        &self,
        hello: &Hello<'_>,
        now: impl Fn() -> Timestamp,
        fired: &mut Fired,
    ) -> Result<(), Refusal> {
        for rule in RULES {
            let Judge::Hello(judge) = rule.judge else { continue };
            if !self.judges(rule.id) {
                continue;
            }
            let Some(refusal) = judge(hello, self) else { continue };
            let Some(action) = self.action(rule.id, &now) else { continue };
            fired.note(rule.id, action);
            if action == Action::Deny {
                return Err(refusal);
            }
        }
        Ok(())
    }
}
