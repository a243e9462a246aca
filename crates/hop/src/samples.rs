//! Evidence and hops for the tests of this crate.

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SecurityPolicy};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::{
    Checked, Evidence, EvidenceKind, Expectation, Flow, HopName, HopReport, Mode, PeerFacts, TlsFacts,
    Transport, Verdict, View, judge,
};

pub(crate) const AES_128: CipherSuite = CipherSuite(0x1301);

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

pub(crate) fn hour(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
}

/// The policy that allows TLS 1.2 and 1.3.
pub(crate) fn expectation() -> Expectation {
    Expectation { policy: SecurityPolicy::default_policy() }
}

pub(crate) fn name(text: &str) -> HopName {
    let (from, to) = text.split_once(" → ").unwrap();
    HopName::new(from.parse().unwrap(), to.parse().unwrap())
}

pub(crate) fn flow(name: &str, path: &str) -> Flow {
    let path = path.split(" → ").map(|party| party.parse().unwrap()).collect();
    Flow { name: name.parse().unwrap(), path, tags: Vec::new() }
}

pub(crate) fn peer(name: &str) -> PeerFacts {
    PeerFacts {
        identities: vec![format!("spiffe://hermetic.internal/{name}").parse().unwrap()],
        issuer: "CN=Hermetic Intermediate".to_owned(),
        serial: format!("5e{}", name.len()),
        fingerprint: "ab".repeat(32),
        not_after: hour(23),
    }
}

/// TLS 1.3 with X25519, as the client of a verified server knows it.
pub(crate) fn facts() -> TlsFacts {
    TlsFacts {
        version: Some(ProtocolVersion::TLS1_3),
        suite: Some(AES_128),
        group: Some(NamedGroup::X25519),
        server: Some(peer("app")),
        server_checked: Checked::Verified,
        ..TlsFacts::default()
    }
}

pub(crate) fn seen(view: View, facts: TlsFacts) -> Evidence {
    Evidence { kind: EvidenceKind::Negotiated, view, at: now(), transport: Transport::Tls(Box::new(facts)) }
}

pub(crate) fn report(hop: &str, evidence: Option<&Evidence>) -> HopReport {
    let judgement = judge(evidence, &expectation(), now());
    HopReport::new(name(hop), Mode::Require, expectation().policy.full_name(), judgement, evidence)
}

pub(crate) fn any_verdict() -> impl Strategy<Value = Verdict> {
    use Verdict::*;
    proptest::sample::select(vec![Clear, Weak, Unknown, Local, Sealed])
}

prop_compose! {
    pub(crate) fn any_facts()(
        version in proptest::option::of(0x0300..0x0305_u16),
        suite in proptest::option::of(proptest::sample::select(vec![0x1301_u16, 0xC02F, 0x0005])),
        group in proptest::option::of(proptest::sample::select(vec![0x001D_u16, 0x11EC, 0x0017])),
        resumed: bool,
        with_client: bool,
        checked in proptest::sample::select(vec![
            Checked::Verified, Checked::NotVerified, Checked::NotAsked, Checked::NotObservable,
        ]),
    ) -> TlsFacts {
        TlsFacts {
            version: version.map(ProtocolVersion),
            suite: suite.map(CipherSuite),
            group: group.map(NamedGroup),
            resumed,
            client: with_client.then(|| peer("edge")),
            server_checked: checked,
            ..TlsFacts::default()
        }
    }
}

pub(crate) fn any_transport() -> impl Strategy<Value = Transport> {
    prop_oneof![
        any_facts().prop_map(|facts| Transport::Tls(Box::new(facts))),
        any::<bool>().prop_map(|local| Transport::Cleartext { local }),
    ]
}

prop_compose! {
    pub(crate) fn any_evidence()(
        kind in proptest::sample::select(vec![EvidenceKind::Declared, EvidenceKind::Probed, EvidenceKind::Negotiated]),
        view in proptest::sample::select(vec![View::Client, View::Server, View::Both, View::Observer]),
        hours in 0..48_i64,
        transport in any_transport(),
    ) -> Evidence {
        Evidence { kind, view, at: hour(hours), transport }
    }
}
