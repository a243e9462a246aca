//! The judgement of one hop: from evidence to verdict, with the reason.

use hermetic_tls::SecurityPolicy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View};
use crate::verdict::Verdict;

/// What a hop is measured by.
#[derive(Clone, Copy, Debug)]
pub struct Expectation {
    /// The policy that its handshakes must keep.
    pub policy: &'static SecurityPolicy,
}

/// A verdict, what it rests on, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The kind of evidence; `None` where there is none.
    pub evidence: Option<EvidenceKind>,
    /// Why, in a short sentence.
    pub reason: String,
}

/// Judges a hop by one observation of it.
pub fn judge(evidence: Option<&Evidence>, expectation: &Expectation, now: Timestamp) -> Judgement {
    let Some(evidence) = evidence else {
        return Judgement {
            verdict: Verdict::Unknown,
            evidence: None,
            reason: "no connection was seen yet".to_owned(),
        };
    };
    let (verdict, reason) = match &evidence.transport {
        Transport::Cleartext { local: true } => {
            (Verdict::Local, "cleartext that can't leave the host".to_owned())
        }
        Transport::Cleartext { local: false } => {
            (Verdict::Clear, "cleartext that can leave the host".to_owned())
        }
        Transport::Tls(facts) => tls(facts, evidence.kind, expectation, now),
    };
    // Others shook hands, and what they made of each other's certificates is theirs to know.
    let in_passing = (evidence.kind, evidence.view) == (EvidenceKind::Negotiated, View::Observer);
    let reason = match verdict {
        Verdict::Sealed if in_passing => format!("{reason}, as its hellos show; it passes through here"),
        _ => reason,
    };
    Judgement { verdict, evidence: Some(evidence.kind), reason }
}

fn tls(facts: &TlsFacts, kind: EvidenceKind, expectation: &Expectation, now: Timestamp) -> (Verdict, String) {
    if let Some(reason) = weakness(facts, expectation, now) {
        return (Verdict::Weak, reason);
    }
    // A declaration allows a range; only a handshake names its suite.
    if kind > EvidenceKind::Declared && (facts.version.is_none() || facts.suite.is_none()) {
        return (Verdict::Unknown, "the evidence does not name both version and suite".to_owned());
    }
    (Verdict::Sealed, format!("within {}", expectation.policy.full_name()))
}

fn weakness(facts: &TlsFacts, expectation: &Expectation, now: Timestamp) -> Option<String> {
    if let Some(problem) = &facts.problem {
        return Some(problem.clone());
    }
    // A version so old that its certificate can't be looked at is the better reason.
    if let Some(reason) = below_policy(facts, expectation.policy) {
        return Some(reason);
    }
    for (whose, peer) in [("server", &facts.server), ("client", &facts.client)] {
        if peer.as_ref().is_some_and(PeerFacts::is_for_tests) {
            return Some(format!("the {whose}'s certificate is self-signed, for tests only"));
        }
    }
    if facts.server_checked == Checked::NotVerified {
        return Some("the server's certificate was not verified".to_owned());
    }
    let expired = |peer: &PeerFacts| peer.not_after < now;
    if facts.server.as_ref().is_some_and(expired) {
        return Some("the server's certificate has expired".to_owned());
    }
    if facts.client.as_ref().is_some_and(expired) {
        return Some("the client's certificate has expired".to_owned());
    }
    None
}

fn below_policy(facts: &TlsFacts, policy: &SecurityPolicy) -> Option<String> {
    match (facts.version, facts.suite) {
        (Some(version), Some(suite)) => policy.allows(version, suite, facts.group).err(),
        // A version alone can be too old already.
        (Some(version), None) if !policy.versions.contains(&version) => {
            Some(format!("{version} is not among the versions of {}", policy.full_name()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
