//! Sightings for the tests of this module: the tour, seen by its three parties.

use hermetic_hop::{
    Checked, Evidence, EvidenceKind, Flow, HopName, Mode, PeerFacts, TlsFacts, Transport, View,
};
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};
use jiff::Timestamp;
use proptest::prelude::*;

use super::Sighting;

pub(crate) fn now() -> Timestamp {
    "2026-11-24T02:20:11Z".parse().unwrap()
}

pub(crate) fn name(text: &str) -> HopName {
    let (from, to) = text.split_once(" → ").unwrap();
    HopName::new(from.parse().unwrap(), to.parse().unwrap())
}

pub(crate) fn flow() -> Flow {
    let path = ["client", "edge", "balancer", "app"].map(|party| party.parse().unwrap()).to_vec();
    Flow { name: "tour".parse().unwrap(), path, tags: Vec::new() }
}

/// Edge sees the client come and the balancer answer, and so on to the application.
pub(crate) fn tour() -> Vec<Sighting> {
    vec![
        sighting("client → edge", View::Server, NamedGroup::X25519),
        sighting("edge → balancer", View::Client, NamedGroup::X25519MLKEM768),
        sighting("edge → balancer", View::Server, NamedGroup::X25519MLKEM768),
        sighting("balancer → app", View::Client, NamedGroup::X25519MLKEM768),
        sighting("balancer → app", View::Server, NamedGroup::X25519MLKEM768),
    ]
}

/// The same with other facts of one hop, at both of its ends.
pub(crate) fn edit(mut sightings: Vec<Sighting>, hop: &str, change: impl Fn(&mut TlsFacts)) -> Vec<Sighting> {
    for sighting in sightings.iter_mut().filter(|sighting| sighting.hop() == name(hop)) {
        if let Transport::Tls(facts) = &mut sighting.evidence.transport {
            change(facts);
        }
    }
    sightings
}

fn sighting(hop: &str, view: View, group: NamedGroup) -> Sighting {
    let HopName { from, to } = name(hop);
    let stranger = from.as_str() == "client";
    let facts = TlsFacts {
        version: Some(ProtocolVersion::TLS1_3),
        suite: Some(CipherSuite(0x1302)),
        group: Some(group),
        alpn: Some("h2".to_owned()),
        server: Some(peer(to.as_str(), 23)),
        client: (!stranger).then(|| peer(from.as_str(), 22)),
        server_checked: if view == View::Client { Checked::Verified } else { Checked::NotObservable },
        client_checked: match view {
            _ if stranger => Checked::NotAsked,
            View::Client => Checked::NotObservable,
            _ => Checked::Verified,
        },
        ..TlsFacts::default()
    };
    let transport = Transport::Tls(Box::new(facts));
    let evidence = Evidence { kind: EvidenceKind::Negotiated, view, at: now(), transport };
    Sighting { from, to, mode: Mode::Require, policy: "mozilla/intermediate".to_owned(), evidence }
}

fn peer(name: &str, hours: i64) -> PeerFacts {
    let names = if name == "edge" { vec!["dns:localhost", "ip:127.0.0.1"] } else { Vec::new() };
    let spiffe = format!("spiffe://hermetic.internal/{name}");
    PeerFacts {
        identities: names.into_iter().chain([spiffe.as_str()]).map(|name| name.parse().unwrap()).collect(),
        issuer: "CN=Hermetic Intermediate CA,O=Hermetic".to_owned(),
        serial: "3f0a7c21b4de5590a1c2d3e4f5061728394a5b6c".to_owned(),
        fingerprint: "9c".repeat(32),
        not_after: now() + jiff::SignedDuration::from_hours(hours),
    }
}

prop_compose! {
    fn any_sighting()(
        from in "[a-c]",
        to in "[a-c]",
        view in proptest::sample::select(vec![View::Client, View::Server, View::Both, View::Observer]),
        policy in prop_oneof![Just("mozilla/intermediate".to_owned()), ".{0,20}"],
        version in 0x0300..0x0305_u16,
        number: u16,
        alpn in proptest::option::of(".{0,8}"),
        local: bool,
        tls: bool,
    ) -> Sighting {
        let facts = TlsFacts {
            version: Some(ProtocolVersion(version)),
            suite: Some(CipherSuite(number)),
            group: Some(NamedGroup(number)),
            alpn,
            client: Some(peer("client", 1)),
            ..TlsFacts::default()
        };
        let transport = if tls { Transport::Tls(Box::new(facts)) } else { Transport::Cleartext { local } };
        Sighting {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            mode: Mode::Require,
            policy,
            evidence: Evidence { kind: EvidenceKind::Negotiated, view, at: now(), transport },
        }
    }
}

pub(crate) fn any_sightings() -> impl Strategy<Value = Vec<Sighting>> {
    proptest::collection::vec(any_sighting(), 0..8)
}
