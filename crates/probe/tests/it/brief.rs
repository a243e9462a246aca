//! What a fast scan sees, by how many connections.

use hermetic_hop::Scheme;
use hermetic_probe::judge::{PostQuantum, measure};
use hermetic_probe::observe::{
    Choice, Endpoint, Manners, Observations, ObserveError, Support, observe_briefly,
};
use hermetic_probe::weaknesses::{Conclusion, Weakness};
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SecurityPolicy, SystemRandomness};

use crate::server::OpenSsl;

async fn briefly(server: &OpenSsl, choice: Option<Choice>) -> Result<Observations, ObserveError> {
    let endpoint = Endpoint {
        address: server.address.into(),
        scheme: Scheme::Tls,
        server_name: Some("shop.test".parse().unwrap()),
    };
    observe_briefly(&endpoint, choice, &Manners::default(), &SystemRandomness::default()).await
}

fn supports(seen: &Observations) -> Vec<&Support> {
    seen.versions.iter().map(|observed| &observed.support).collect()
}

#[tokio::test]
async fn three_connections_tell_versions_and_post_quantum_groups_beside_a_handshake() {
    let server = OpenSsl::start(&[]);
    let choice = Choice {
        version: ProtocolVersion::TLS1_3,
        suite: CipherSuite(0x1302),
        group: Some(NamedGroup::X25519),
    };
    let seen = briefly(&server, Some(choice)).await.unwrap();
    let told = supports(&seen);
    assert!(matches!(told[..], [Support::No(_), Support::No(_), Support::No(_), Support::Yes, Support::Yes]));
    assert_eq!((seen.connections, PostQuantum::of(&seen)), (3, PostQuantum::No));
    assert!(seen.features.secure_renegotiation.is_yes());
    let lucky = Weakness::NoForwardSecrecy.of(&seen);
    assert!(matches!(&lucky, Conclusion::CouldNotTell(why) if why.contains("does not ask")), "{lucky:?}");
    let measured = measure(&seen, SecurityPolicy::default_policy());
    assert!(measured.is_within() && measured.suites_missing.is_empty(), "{measured:?}");
    assert!(measured.groups_missing.is_empty() && !measured.unknown.is_empty(), "{measured:?}");
}

#[tokio::test]
async fn the_newest_of_old_versions_is_seen_and_those_below_are_not_claimed() {
    let server = OpenSsl::start(&["-cipher", "ALL:@SECLEVEL=0", "-no_tls1_1"]);
    let seen = briefly(&server, None).await.unwrap();
    let told = supports(&seen);
    let expected =
        matches!(told[..], [Support::Unknown(_), Support::Yes, Support::No(_), Support::Yes, Support::Yes]);
    assert!(expected, "{told:?}");
    let beyond = measure(&seen, SecurityPolicy::default_policy()).versions_beyond;
    assert_eq!(beyond, [ProtocolVersion::TLS1_0]);
    assert!(matches!(Weakness::Poodle.of(&seen), Conclusion::CouldNotTell(_)));
}

#[tokio::test]
async fn a_server_without_tls_1_3_is_known_by_its_choice() {
    let server = OpenSsl::start(&["-no_tls1_3"]);
    let choice = Choice { version: ProtocolVersion::TLS1_2, suite: CipherSuite(0xC02C), group: None };
    let seen = briefly(&server, Some(choice)).await.unwrap();
    let [.., tls12, tls13] = &seen.versions[..] else { panic!("{seen:?}") };
    assert!(tls12.support.is_yes() && matches!(tls13.support, Support::No(_)), "{seen:?}");
    assert_eq!((seen.connections, PostQuantum::of(&seen)), (2, PostQuantum::No));
}
