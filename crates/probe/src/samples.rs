//! Observations for the tests of what is made of them.

use hermetic_tls::{CipherSuite, NamedGroup, PeerCertificateProblem, ProtocolVersion};
use jiff::Timestamp;

use crate::certificates::{AskedName, Certificates, Link, Offered, Question, Staple, Timestamps, Trusted};
use crate::observe::{Ranking, Support, VersionObserved};
use crate::web::{Site, TransportSecurity};

/// A version that is accepted with these suites and groups.
pub(crate) fn observed(version: ProtocolVersion, suites: &[u16], groups: &[u16]) -> VersionObserved {
    VersionObserved {
        version,
        support: Support::Yes,
        suites: whole(suites.iter().copied().map(CipherSuite).collect()),
        groups: whole(groups.iter().copied().map(NamedGroup).collect()),
        schemes: Vec::new(),
        first: None,
        others: Vec::new(),
    }
}

/// A certificate of P-256 for the right name, and whether it is trusted.
pub(crate) fn shown(verdict: Result<(), PeerCertificateProblem>) -> Certificates {
    let mut parameters = rcgen::CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(1970, 2, 15);
    Certificates { offered: vec![chain(&parameters, verdict)], unanswered: Vec::new() }
}

/// The same of a certificate that says so of itself.
pub(crate) fn chain(
    parameters: &rcgen::CertificateParams,
    verdict: Result<(), PeerCertificateProblem>,
) -> Offered {
    let certificate = parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    Offered {
        questions: vec![Question { name: AskedName::Expected, kind: None }],
        version: None,
        links: vec![Link::of(certificate.der().to_vec().into(), Timestamp::UNIX_EPOCH)],
        path: vec![0],
        faults: Vec::new(),
        is_for_name: true,
        trust: vec![Trusted { store: "mozilla", verdict }],
        timestamps: Timestamps::default(),
        demands_staple: false,
        staple: Staple::Absent,
        revocation: Vec::new(),
        completion: None,
    }
}

/// An answer over TLS against which nothing speaks, of one that asks to be preloaded.
pub(crate) fn site() -> Site {
    let year = 31_536_000;
    Site {
        verified: Ok(()),
        status: 200,
        location: None,
        server: None,
        transport_security: TransportSecurity::Set { max_age: year, include_subdomains: true, preload: true },
        cookies: Vec::new(),
        alternatives: Vec::new(),
        upgrades_insecure_requests: false,
        abandoned: Vec::new(),
    }
}

/// A list that is known to be whole.
pub(crate) fn whole<T>(accepted: Vec<T>) -> Ranking<T> {
    Ranking { accepted, is_whole: Support::Yes, order: None, classes: Vec::new() }
}
