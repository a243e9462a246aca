//! What an endpoint chose, in the words of the report.

use hermetic_hop::{Checked, PeerFacts, TlsFacts, Transport};
use hermetic_probe::{Outcome, Scanned, judge};
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};
use serde::Serialize;

/// What the endpoint chose of all that was offered.
#[derive(Debug, Serialize)]
pub struct Handshake {
    /// Whether a handshake came to its end. Where none did this is what it chose when it was asked, and nothing of it is
    /// verified.
    pub finished: bool,
    pub version: Option<ProtocolVersion>,
    pub suite: Option<CipherSuite>,
    pub group: Option<NamedGroup>,
    pub certificate: Option<PeerFacts>,
    /// Whether the certificate was verified.
    pub server_checked: Checked,
    /// What speaks against the certificate.
    pub problem: Option<String>,
}

impl Handshake {
    /// `None` where it chose nothing, or speaks cleartext.
    pub fn of(scanned: &Scanned) -> Option<Self> {
        match &scanned.outcome {
            Outcome::Seen(evidence) => match &evidence.transport {
                // It comes to an end with a certificate alone.
                Transport::Tls(facts) => Some(Self::told(facts, facts.server.is_some())),
                Transport::Cleartext { .. } => None,
            },
            Outcome::Unreachable { .. } => {
                let seen = scanned.observed.as_ref()?.as_ref().ok()?;
                Some(Self::told(&judge::chosen(seen)?, false))
            }
        }
    }

    fn told(facts: &TlsFacts, finished: bool) -> Self {
        let TlsFacts { version, suite, group, server, server_checked, problem, .. } = facts;
        Self {
            finished,
            version: *version,
            suite: *suite,
            group: *group,
            certificate: server.clone(),
            server_checked: *server_checked,
            problem: problem.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use hermetic_probe::observe::{Observations, Support};

    use super::super::super::samples::{observed, speaking, unreachable};
    use super::*;

    #[test]
    fn what_was_chosen_is_told_without_a_handshake_that_came_to_its_end() {
        let chosen = Handshake::of(&observed(speaking(&[(ProtocolVersion::TLS1_2, 0xC02B)]))).unwrap();
        assert_eq!(
            (chosen.version, chosen.suite, chosen.group),
            (Some(ProtocolVersion::TLS1_2), Some(CipherSuite(0xC02B)), Some(NamedGroup::X25519))
        );
        assert_eq!((chosen.finished, chosen.server_checked), (false, Checked::NotVerified));
        let oldest = Observations { ssl2: Support::Yes, ..Observations::default() };
        let chosen = Handshake::of(&observed(oldest)).unwrap();
        assert_eq!((chosen.version, chosen.suite), (Some(ProtocolVersion::SSL2), None));
        assert!(Handshake::of(&unreachable(None)).is_none());
    }
}
