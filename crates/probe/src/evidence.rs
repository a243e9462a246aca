//! What a probe saw, as evidence, with the reason where the far end is not who it must be.

use std::net::IpAddr;

use hermetic_hop::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View, relative};
use hermetic_tls::{Certificate, ForeignServer, Inspected, PeerCertificateProblem};
use jiff::Timestamp;

use crate::Spoken;

/// How a far end turned out to speak.
#[derive(Debug)]
pub(crate) enum Sight {
    /// TLS, looked at to the end of the handshake.
    Inspected(Box<Inspected>),
    /// TLS of which nothing can be looked at but its choice: too old, or with suites or groups that are rare.
    Foreign(ForeignServer),
    /// No TLS, but this in clear.
    Cleartext(Spoken),
}

/// The evidence that a far end at this address gave; `host` is its name for the reader.
pub(crate) fn evidence(host: &str, sight: Sight, far: IpAddr, at: Timestamp) -> Evidence {
    let transport = match sight {
        Sight::Inspected(inspected) => Transport::Tls(Box::new(inspected_facts(host, &inspected, at))),
        Sight::Foreign(ForeignServer { version, suite, group }) => Transport::Tls(Box::new(TlsFacts {
            version: Some(version),
            suite: Some(suite),
            group,
            // The handshake did not come to the certificate.
            server_checked: Checked::NotVerified,
            ..TlsFacts::default()
        })),
        Sight::Cleartext(_) => Transport::Cleartext { local: far.to_canonical().is_loopback() },
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

#[cfg(test)]
mod tests {
    use hermetic_tls::{CipherSuite, ProtocolVersion};

    use super::*;

    fn cleartext(far: &str) -> Transport {
        evidence("db", Sight::Cleartext(Spoken::Unknown), far.parse().unwrap(), Timestamp::UNIX_EPOCH)
            .transport
    }

    #[test]
    fn cleartext_is_local_only_where_the_far_end_is_on_the_loopback() {
        for far in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(cleartext(far), Transport::Cleartext { local: true }, "{far}");
        }
        for far in ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.1"] {
            assert_eq!(cleartext(far), Transport::Cleartext { local: false }, "{far}");
        }
    }

    #[test]
    fn a_foreign_server_s_certificate_is_never_claimed_to_be_verified() {
        let (version, suite) = (ProtocolVersion::TLS1_1, CipherSuite(0xC013));
        let server = ForeignServer { version, suite, group: None };
        let far = IpAddr::from([10, 0, 0, 1]);
        let seen = evidence("db", Sight::Foreign(server), far, Timestamp::UNIX_EPOCH);
        let Transport::Tls(facts) = seen.transport else { panic!("it is TLS") };
        assert_eq!((facts.version, facts.suite), (Some(server.version), Some(server.suite)));
        assert_eq!((facts.server_checked, facts.server), (Checked::NotVerified, None));
    }

    #[test]
    fn each_problem_is_a_sentence_about_the_far_end() {
        let told = |problem| sentence("db", &problem, None, Timestamp::UNIX_EPOCH);
        let wrong = PeerCertificateProblem::WrongName { expected: "dns:a".into(), presented: "dns:b".into() };
        assert_eq!(told(wrong), "the certificate of db is for dns:b, not for dns:a");
        let foreign = told(PeerCertificateProblem::UnknownIssuer);
        assert_eq!(foreign, "the certificate of db is signed by an authority that is not trusted here");
        let early = told(PeerCertificateProblem::NotYetValid("2030-01-01T00:00:00Z".into()));
        assert_eq!(early, "the certificate of db is not valid before 2030-01-01T00:00:00Z");
        let authority = told(PeerCertificateProblem::Expired("2020-01-01T00:00:00Z".into()));
        assert_eq!(authority, "an authority behind the certificate of db expired at 2020-01-01T00:00:00Z");
    }
}
