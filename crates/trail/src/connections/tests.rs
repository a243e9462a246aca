use hermetic_hop::{Declared, assess_hop};
use hermetic_tls::{CipherSuite, ProtocolVersion};
use proptest::prelude::*;

use super::*;
use crate::entry::Occasion;

const STRANGER: &str = "203.0.113.7";

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn hop() -> HopName {
    HopName::new("app".parse().unwrap(), "db".parse().unwrap())
}

fn tls(version: ProtocolVersion) -> LoggedTransport {
    let suite = if version == ProtocolVersion::TLS1_3 { 0x1301 } else { 0xC02F };
    LoggedTransport::Tls {
        version: Some(version),
        suite: Some(CipherSuite(suite)),
        group: None,
        client_verified: None,
    }
}

fn from(ip: &str, transport: Option<LoggedTransport>) -> Connection {
    let address = Some(Address::Ip(ip.parse().unwrap()));
    let transport = transport.unwrap_or_else(|| LoggedTransport::cleartext(address));
    Connection { at: now(), address, transport, resumed: false, occasion: Occasion::First }
}

fn logged<'a>(connections: impl IntoIterator<Item = &'a Connection>) -> LoggedConnections {
    let mut logged = LoggedConnections::over(SignedDuration::from_hours(24));
    for connection in connections {
        logged.record(connection, true);
    }
    logged
}

fn judged(logged: &LoggedConnections) -> (Verdict, String) {
    let policy = SecurityPolicy::default_policy();
    let observation = logged.observation(hop(), View::Server, policy, now());
    let declared = Declared { name: hop(), demand: None, policy, transport: None };
    let report = assess_hop(&declared, [&observation], now());
    (report.verdict, report.reason)
}

#[test]
fn one_connection_in_clear_among_many_makes_the_hop_clear_and_is_named() {
    let sealed = from("10.0.0.1", Some(tls(ProtocolVersion::TLS1_3)));
    let mut connections = vec![sealed; 99];
    connections.push(from(STRANGER, None));
    let (verdict, reason) = judged(&logged(&connections));
    assert_eq!(verdict, Verdict::Clear);
    let expected =
        "cleartext that can leave the host; 1 of 100 connections in the last 24 h, from 203.0.113.7 (1)";
    assert_eq!(reason, expected);
}

#[test]
fn one_connection_below_policy_makes_the_hop_weak() {
    let connections = [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_3]
        .map(|version| from(STRANGER, Some(tls(version))));
    let (verdict, reason) = judged(&logged(&connections));
    assert_eq!(verdict, Verdict::Weak);
    assert!(reason.starts_with("TLSv1.0"), "{reason}");
    assert!(reason.ends_with("; 1 of 3 connections in the last 24 h"), "{reason}");
}

#[test]
fn nothing_but_good_tls_is_sealed_by_all_of_it() {
    let connections =
        [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2].map(|version| from(STRANGER, Some(tls(version))));
    let (verdict, reason) = judged(&logged(&connections));
    assert_eq!(verdict, Verdict::Sealed);
    assert!(reason.ends_with("; all 2 connections in the last 24 h"), "{reason}");
}

#[test]
fn cleartext_over_loopback_is_local_and_its_address_counted_all_the_same() {
    let logged = logged(&[from("127.0.0.1", None), from(STRANGER, Some(tls(ProtocolVersion::TLS1_3)))]);
    assert_eq!(judged(&logged).0, Verdict::Local);
    assert_eq!(logged.cleartext_from.addresses.len(), 1);
}

#[test]
fn a_log_that_can_not_be_read_is_unknown_and_says_why() {
    let logged = LoggedConnections { unreadable: 12, ..LoggedConnections::default() };
    let (verdict, reason) = judged(&logged);
    assert_eq!(verdict, Verdict::Unknown);
    assert!(reason.ends_with("; 12 lines could not be read"), "{reason}");
}

#[test]
fn a_later_request_in_clear_shows_that_an_old_connection_still_lives() {
    let mut logged = logged(&[from(STRANGER, Some(tls(ProtocolVersion::TLS1_3)))]);
    logged.record(&from(STRANGER, None), false);
    assert_eq!((logged.connections, logged.cleartext), (1, 0));
    let (verdict, reason) = judged(&logged);
    assert_eq!(verdict, Verdict::Clear);
    assert!(reason.contains("connections that began earlier in the last 24 h"), "{reason}");
}

#[test]
fn addresses_beyond_the_bound_are_counted_together() {
    let connections: Vec<_> =
        (0..300).map(|n| from(&format!("10.1.{}.{}", n / 256, n % 256), None)).collect();
    let logged = logged(&connections);
    assert_eq!((logged.cleartext_from.addresses.len(), logged.cleartext_from.others), (256, 44));
    let (_, reason) = judged(&logged);
    assert!(reason.ends_with("and 253 other addresses"), "{reason}");
}

fn any_connection() -> impl Strategy<Value = Connection> {
    let transport = prop_oneof![
        Just(None),
        Just(Some(tls(ProtocolVersion::TLS1_3))),
        Just(Some(tls(ProtocolVersion::TLS1_2))),
        Just(Some(tls(ProtocolVersion::TLS1_1))),
    ];
    (transport, prop_oneof![Just("127.0.0.1"), Just(STRANGER)])
        .prop_map(|(transport, ip)| from(ip, transport))
}

proptest! {
    #[test]
    fn the_verdict_is_the_worst_connections(all in proptest::collection::vec(any_connection(), 1..20)) {
        let worst = all.iter().map(|one| judged(&logged([one])).0).min();
        prop_assert_eq!(Some(judged(&logged(&all)).0), worst);
    }

    #[test]
    fn parts_add_up_to_the_whole(all in proptest::collection::vec(any_connection(), 0..20), at in 0..20_usize) {
        let (early, late) = all.split_at(at.min(all.len()));
        let mut sum = logged(early);
        sum.add(&logged(late));
        prop_assert_eq!(sum, logged(&all));
    }

    #[test]
    fn every_connection_is_counted_once(all in proptest::collection::vec(any_connection(), 0..20)) {
        let logged = logged(&all);
        let tls: u64 = logged.versions.values().sum();
        let from: u64 = logged.cleartext_from.addresses.values().sum();
        prop_assert_eq!(logged.connections, all.len() as u64);
        prop_assert_eq!(logged.cleartext + tls, logged.connections);
        prop_assert_eq!(from + logged.cleartext_from.others, logged.cleartext);
    }
}
