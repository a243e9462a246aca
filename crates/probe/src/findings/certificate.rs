//! What speaks against its certificate.

use hermetic_hop::{Checked, TlsFacts, Transport, relative};
use jiff::SignedDuration;

use super::Findings;
use crate::Outcome;

/// When it should long have been replaced: certificates of 90 days are renewed with 30 left.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

pub(super) fn judge(findings: &mut Findings<'_>) {
    let case = findings.case;
    let Outcome::Seen(evidence) = &case.scanned.outcome else { return };
    let Transport::Tls(facts) = &evidence.transport else { return };
    let TlsFacts { server, problem, server_checked, .. } = &**facts;
    let Some(server) = server else { return };
    if server.is_for_tests() {
        findings.tell("certificate-for-tests", "its issuer says that it is for tests only");
    }
    let ends = relative(server.not_after, case.at);
    if server.not_after < case.at {
        findings.tell("certificate-expired", format!("it expired {ends}, at {}", server.not_after));
    } else if server.not_after.duration_since(case.at) < SOON {
        findings.tell("certificate-expires-soon", format!("it ends {ends}, at {}", server.not_after));
    }
    if let (Some(problem), Checked::NotVerified) = (problem, server_checked)
        && server.not_after >= case.at
    {
        findings.tell("certificate-not-accepted", problem.clone());
    }
}
