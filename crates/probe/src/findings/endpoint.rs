//! Whether there is any protection, and what its own choice says where nothing more was to be seen.

use hermetic_hop::{Severity, TlsFacts, Transport};

use super::Findings;
use crate::{Outcome, Spoken};

pub(super) fn judge(findings: &mut Findings<'_>) {
    let Outcome::Seen(evidence) = &findings.case.scanned.outcome else { return };
    match &evidence.transport {
        Transport::Cleartext { local } => cleartext(findings, *local),
        Transport::Tls(facts) => choice(findings, facts),
    }
}

fn cleartext(findings: &mut Findings<'_>, local: bool) {
    let case = findings.case;
    let spoken = case.scanned.cleartext.unwrap_or(Spoken::of_scheme(case.target.endpoint.scheme));
    let (who, severity) = match local {
        true => ("whoever is on this host", Some(Severity::Informational)),
        false => ("anybody on the way", None),
    };
    let reason = format!("it speaks {spoken} in cleartext: {who} can read it, and change it");
    findings.tell_of("cleartext", reason, Vec::new(), severity);
}

/// One handshake is all that is known of an endpoint that answers no questions.
fn choice(findings: &mut Findings<'_>, facts: &TlsFacts) {
    let (Some(Err(_)), Some(version), Some(suite)) =
        (&findings.case.scanned.observed, facts.version, facts.suite)
    else {
        return;
    };
    if let Err(reason) = findings.policy().allows(version, suite, facts.group) {
        let is_version = !findings.policy().versions.contains(&version);
        let check = if is_version { "version-beyond-policy" } else { "suite-beyond-policy" };
        let subject = if is_version { version.to_string() } else { suite.to_string() };
        findings.tell_of(check, format!("it chose it: {reason}"), vec![subject], None);
    }
}
