//! What a probe saw, as evidence, with the reason where the far end is not who it must be.

use std::net::IpAddr;

use hermetic_hop::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View, relative};
use hermetic_tls::{Certificate, Inspected, OldServer, PeerCertificateProblem};
use jiff::Timestamp;

use crate::probe::Target;

/// How a far end turned out to speak.
#[derive(Debug)]
pub(crate) enum Sight {
    /// TLS, looked at to the end of the handshake.
    Inspected(Box<Inspected>),
    /// TLS too old to look at more than its choice.
    Old(OldServer),
    /// No TLS.
    Cleartext,
}

pub(crate) fn evidence(target: &Target, sight: Sight, far: IpAddr, at: Timestamp) -> Evidence {
    let transport = match sight {
        Sight::Inspected(inspected) => {
            Transport::Tls(Box::new(inspected_facts(&target.endpoint.host, &inspected, at)))
        }
        Sight::Old(OldServer { version, suite }) => Transport::Tls(Box::new(TlsFacts {
            version: Some(version),
            suite: Some(suite),
            // The handshake did not come to the certificate.
            server_checked: Checked::NotVerified,
            ..TlsFacts::default()
        })),
        Sight::Cleartext => Transport::Cleartext { local: far.to_canonical().is_loopback() },
    };
    Evidence { kind: EvidenceKind::Probed, view: View::Client, at, transport }
}

fn inspected_facts(host: &str, inspected: &Inspected, at: Timestamp) -> TlsFacts {
    let leaf = inspected.negotiated.peer.as_ref().map(|chain| chain.leaf());
    let problem = inspected.verified.as_ref().err().map(|problem| sentence(host, problem, leaf, at));
    TlsFacts {
        server: leaf.map(PeerFacts::of),
        server_checked: if problem.is_none() { Checked::Verified } else { Checked::NotVerified },
        problem,
        // An inspection always does.
        post_quantum_offered: Some(true),
        ..TlsFacts::from(&inspected.negotiated)
    }
}

/// What is wrong with the certificate of `host`.
fn sentence(
    host: &str,
    problem: &PeerCertificateProblem,
    leaf: Option<&Certificate>,
    at: Timestamp,
) -> String {
    let whose = format!("the certificate of {host}");
    match (problem, leaf) {
        (PeerCertificateProblem::Expired(_), Some(leaf)) if leaf.not_after < at => {
            format!("{whose} expired {}, at {}", relative(leaf.not_after, at), leaf.not_after)
        }
        (PeerCertificateProblem::Expired(when), _) => {
            format!("an authority behind {whose} expired at {when}")
        }
        (PeerCertificateProblem::NotYetValid(when), _) => format!("{whose} is not valid before {when}"),
        (PeerCertificateProblem::UnknownIssuer, Some(leaf)) if leaf.is_self_issued => {
            format!("{whose} is self-signed and not trusted here")
        }
        (PeerCertificateProblem::UnknownIssuer, _) => {
            format!("{whose} is signed by an authority that is not trusted here")
        }
        (PeerCertificateProblem::WrongName { expected, presented }, _) => {
            format!("{whose} is for {presented}, not for {expected}")
        }
        (PeerCertificateProblem::Revoked, _) => format!("{whose} is revoked"),
        (PeerCertificateProblem::Other(reason), _) => format!("{whose} was not accepted: {reason}"),
        (problem, _) => format!("{whose} was not accepted: {problem}"),
    }
}
