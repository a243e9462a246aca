//! A probe as the scenarios make it, and its judgement.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hermetic_hop::{
    Evidence, EvidenceKind, Expectation, ExternalEndpoint, Judgement, TlsFacts, Transport, Verdict, View,
    judge,
};
use hermetic_probe::observe::Manners;
use hermetic_probe::{Depth, Extent, Outcome, Scanned, Target, probe, scan};
use hermetic_tls::{RevokedCertificates, SecurityPolicy, SystemClock, SystemRandomness, TrustAnchors};
use jiff::Timestamp;

use crate::certificates::Authority;

/// Far more than a server here ever needs.
const DEADLINE: Duration = Duration::from_secs(15);

/// Looks at an endpoint that must be `expected`.
pub fn look(endpoint: &str, trust: TrustAnchors, expected: &str) -> Outcome {
    look_within(endpoint, trust, expected, DEADLINE)
}

pub fn look_within(endpoint: &str, trust: TrustAnchors, expected: &str, deadline: Duration) -> Outcome {
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        trust,
        revoked: RevokedCertificates::default(),
        expected: expected.parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(probe(&target, Arc::new(SystemClock), deadline))
}

/// All that a scan of an endpoint shows that nobody vouches for.
pub fn scanned(endpoint: &str, depth: Depth) -> (Target, Scanned) {
    let endpoint: ExternalEndpoint = endpoint.parse().unwrap();
    let addresses = [SocketAddr::from(([127, 0, 0, 1], endpoint.port)).into()];
    let target = Target {
        endpoint,
        trust: Authority::new().trust(),
        revoked: RevokedCertificates::default(),
        expected: "shop.test".parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: Some(Arc::new(Extent::of(Vec::new()))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (clock, randomness) = (Arc::new(SystemClock), SystemRandomness::default());
    let scanned = runtime.block_on(scan(&target, &addresses, depth, &Manners::default(), clock, &randomness));
    (target, scanned)
}

/// The evidence; a far end that was not reached fails the test.
pub fn seen(outcome: Outcome) -> Evidence {
    match outcome {
        Outcome::Seen(evidence) => {
            assert_eq!((evidence.kind, evidence.view), (EvidenceKind::Probed, View::Client));
            evidence
        }
        Outcome::Unreachable { reason, .. } => panic!("unreachable: {reason}"),
    }
}

/// The reason why nothing was seen.
pub fn unseen(outcome: Outcome) -> String {
    match outcome {
        Outcome::Unreachable { reason, .. } => reason,
        Outcome::Seen(evidence) => panic!("seen: {evidence:?}"),
    }
}

pub fn judged(evidence: &Evidence) -> Judgement {
    let expectation = Expectation { policy: SecurityPolicy::default_policy() };
    judge(Some(evidence), &expectation, Timestamp::now())
}

pub fn tls(evidence: &Evidence) -> &TlsFacts {
    match &evidence.transport {
        Transport::Tls(facts) => facts,
        Transport::Cleartext { .. } => panic!("cleartext"),
    }
}

/// That the hop is sealed.
pub fn assert_sealed(outcome: Outcome) -> Evidence {
    let evidence = seen(outcome);
    let judgement = judged(&evidence);
    assert_eq!(judgement.verdict, Verdict::Sealed, "{}", judgement.reason);
    assert!(tls(&evidence).server.is_some() && tls(&evidence).group.is_some());
    evidence
}

/// That the hop is weak, for a reason that holds this.
pub fn assert_weak(outcome: Outcome, reason: &str) -> Evidence {
    let evidence = seen(outcome);
    let judgement = judged(&evidence);
    assert_eq!(judgement.verdict, Verdict::Weak, "{}", judgement.reason);
    assert!(judgement.reason.contains(reason), "{}", judgement.reason);
    evidence
}

/// That the far end speaks cleartext; the servers here are on the loopback.
pub fn assert_cleartext(outcome: Outcome) {
    assert_eq!(seen(outcome).transport, Transport::Cleartext { local: true });
}
