//! Reports for the tests of what is made of them.

use std::net::SocketAddr;

use hermetic_hop::{Evidence, EvidenceKind, Transport, View};
use hermetic_probe::findings::Case;
use hermetic_probe::observe::{Observations, Ranking, Support, VersionObserved};
use hermetic_probe::{Depth, Outcome, Scanned, Target};
use hermetic_tls::{
    CipherSuite, Identity, NamedGroup, ProtocolVersion, RevokedCertificates, SecurityPolicy, TrustAnchors,
};
use jiff::Timestamp;

use super::report::Report;
use super::targets::Named;

/// The target of all of them.
pub(super) const TARGET: &str = "https://shop.test:443";

/// That no handshake was had, at this address or at none.
pub(super) fn unreachable(address: Option<&str>) -> Scanned {
    Scanned {
        address: place(address),
        ..Scanned::unreachable(Timestamp::UNIX_EPOCH, "no connection".to_owned())
    }
}

/// That it answers in cleartext at this address, where others can read it.
pub(super) fn cleartext(address: &str) -> Scanned {
    let transport = Transport::Cleartext { local: false };
    let at = Timestamp::UNIX_EPOCH;
    let evidence = Evidence { kind: EvidenceKind::Probed, view: View::Client, at, transport };
    Scanned { outcome: Outcome::Seen(evidence), observed: None, ..unreachable(Some(address)) }
}

/// What was seen of these versions, each with one suite; no handshake came to its end.
pub(super) fn speaking(versions: &[(ProtocolVersion, u16)]) -> Observations {
    let all = [ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];
    let observed = |version| {
        let suites = versions.iter().filter(|(it, _)| *it == version).map(|(_, suite)| CipherSuite(*suite));
        let suites: Vec<_> = suites.collect();
        let support = if suites.is_empty() { Support::No("alert 70".to_owned()) } else { Support::Yes };
        let (suites, groups) = (whole(suites), whole(vec![NamedGroup(0x1D)]));
        VersionObserved {
            version,
            support,
            suites,
            groups,
            schemes: Vec::new(),
            first: None,
            others: Vec::new(),
        }
    };
    Observations { versions: all.map(observed).into(), ..Observations::default() }
}

/// The same as all that is known of an endpoint.
pub(super) fn observed(seen: Observations) -> Scanned {
    Scanned { observed: Some(Ok(seen)), ..unreachable(Some("10.0.0.1:443")) }
}

/// The report of a scan so deep.
pub(super) fn report(scanned: &Scanned, depth: Depth) -> Report {
    let Named { target, .. } = named();
    Report::of(Case { target: &target, scanned, at: Timestamp::UNIX_EPOCH, software: None }, depth)
}

/// What all of them are reports of.
pub(super) fn named() -> Named {
    let target = Target {
        endpoint: TARGET.parse().unwrap(),
        trust: TrustAnchors::from_pem(include_str!("targets/root.pem")).unwrap(),
        revoked: RevokedCertificates::default(),
        expected: Identity::host("shop.test").unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: None,
    };
    Named { target, hop: None }
}

/// A list that is known to be whole.
fn whole<T>(accepted: Vec<T>) -> Ranking<T> {
    Ranking { accepted, is_whole: Support::Yes, order: None, classes: Vec::new() }
}

fn place(address: Option<&str>) -> Option<hermetic_probe::way::Destination> {
    address.map(|address| address.parse::<SocketAddr>().unwrap().into())
}
