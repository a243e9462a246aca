use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::error::PeerCertificateProblem;
use crate::hello::HelloReader;
use crate::testing::*;
use crate::{ClientSettings, NamedGroup};

fn names(settings: ServerSettings, names: &[&str], authority: &Authority) -> ServerSettings {
    let certificates = names.iter().map(|name| CredentialHandle::new(authority.issue(&[name]))).collect();
    ServerSettings { certificates, ..settings }
}

#[tokio::test]
async fn a_modern_pair_speaks_tls13_with_the_post_quantum_hybrid() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (near, far) = meet(&server, &client).await;
    let (mut near, mut far) = (near.unwrap(), far.unwrap());
    say(&mut far, &mut near, "question").await;
    say(&mut near, &mut far, "answer").await;

    let facts = near.negotiated();
    assert_eq!(facts.version, ProtocolVersion::TLS1_3);
    assert_eq!(facts.group, Some(NamedGroup::X25519MLKEM768));
    assert_eq!(facts.server_name.as_deref(), Some("shop.test"));
    assert_eq!(facts.presented.as_ref(), far.negotiated().peer.as_ref());
    assert!(facts.presented.is_some() && facts.peer.is_none() && !facts.resumed);
    assert_eq!((facts.version, facts.suite), (far.negotiated().version, far.negotiated().suite));
}

#[tokio::test]
async fn each_kind_of_policy_bounds_what_is_negotiated() {
    let authority = Authority::new("ca");
    for (name, version) in [
        ("mozilla/modern", ProtocolVersion::TLS1_3),
        ("mozilla/intermediate", ProtocolVersion::TLS1_3),
        ("elb/ELBSecurityPolicy-TLS13-1-3-2021-06", ProtocolVersion::TLS1_3),
        ("elb/ELBSecurityPolicy-TLS13-1-2-2021-06", ProtocolVersion::TLS1_3),
        ("elb/ELBSecurityPolicy-TLS-1-2-2017-01", ProtocolVersion::TLS1_2),
        ("cloudfront/TLSv1.2_2021", ProtocolVersion::TLS1_3),
    ] {
        let bound = policy(name);
        let settings = server_settings(authority.issue(&["shop.test"]));
        let server = server(ServerSettings { policy: bound, ..settings });
        let client = client(client_settings(authority.trust(), "shop.test"));
        let (near, far) = meet(&server, &client).await;
        let facts = near.unwrap().negotiated().clone();
        assert!(far.is_ok(), "{name}");
        assert_eq!(facts.version, version, "{name}");
        bound.allows(facts.version, facts.suite, facts.group).unwrap();
    }
}

#[tokio::test]
async fn a_policy_of_ours_on_the_clients_end_bounds_it_too() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let bound = policy("elb/ELBSecurityPolicy-TLS-1-2-2017-01");
    let settings = client_settings(authority.trust(), "shop.test");
    let (near, _far) = meet(&server, &client(ClientSettings { policy: bound, ..settings })).await;
    assert_eq!(near.unwrap().negotiated().version, ProtocolVersion::TLS1_2);
}

#[test]
fn a_policy_that_cannot_be_served_is_an_error_that_names_the_nearest() {
    let clock = TestClock::new();
    let settings = ServerSettings {
        policy: policy("mozilla-5.8/old"),
        ..server_settings(Authority::new("ca").issue(&["shop.test"]))
    };
    let error = ServerHandshake::new(settings, &ticket_keys(&clock), clock).unwrap_err();
    let SettingsError::UnsupportedPolicy { policy: refused, nearest, .. } = error else { panic!("{error}") };
    assert_eq!((refused.as_str(), nearest.as_str()), ("mozilla-5.8/old", "mozilla/intermediate"));
}

#[test]
fn a_listener_without_a_certificate_is_an_error() {
    let clock = TestClock::new();
    let settings = server_settings(Authority::new("ca").issue(&["shop.test"]));
    let settings = ServerSettings { certificates: Vec::new(), ..settings };
    let error = ServerHandshake::new(settings, &ticket_keys(&clock), clock).unwrap_err();
    assert_eq!(error, SettingsError::NoCertificate);
}

#[tokio::test]
async fn a_classical_client_gets_x25519() {
    let authority = Authority::new("ca");
    let settings = client_settings(authority.trust(), "shop.test");
    let classical: &'static SecurityPolicy = Box::leak(Box::new(SecurityPolicy {
        groups: Some(&[NamedGroup::X25519]),
        group_source: crate::policy::GroupSource::Documented,
        ..*SecurityPolicy::default_policy()
    }));
    let client = client(ClientSettings { policy: classical, ..settings });
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let (near, _far) = meet(&server, &client).await;
    assert_eq!(near.unwrap().negotiated().group, Some(NamedGroup::X25519));
}

#[tokio::test]
async fn the_protocol_that_the_server_likes_best_is_agreed() {
    let authority = Authority::new("ca");
    let settings = server_settings(authority.issue(&["shop.test"]));
    let server = server(ServerSettings { alpn: vec!["h2".into(), "http/1.1".into()], ..settings });
    let settings = client_settings(authority.trust(), "shop.test");
    let client = client(ClientSettings { alpn: vec!["http/1.1".into(), "h2".into()], ..settings });
    let (near, far) = meet(&server, &client).await;
    assert_eq!(near.unwrap().negotiated().alpn.as_deref(), Some("h2"));
    assert_eq!(far.unwrap().negotiated().alpn.as_deref(), Some("h2"));

    let (near, _far) = meet(&server, &client.with_alpn(vec!["http/1.1".into()]).unwrap()).await;
    assert_eq!(near.unwrap().negotiated().alpn.as_deref(), Some("http/1.1"));
}

#[tokio::test]
async fn a_handshake_that_arrives_byte_by_byte_succeeds() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (near, far) = tokio::io::duplex(1 << 16);
    let (near, far) = tokio::join!(answer(&server, Drip(near)), client.connect(Drip(far)));
    say(&mut near.unwrap(), &mut far.unwrap(), "all of it").await;
}

#[tokio::test]
async fn bytes_behind_the_hello_are_replayed() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (mut near, far) = tokio::io::duplex(1 << 16);
    let answering = async {
        let mut reader = HelloReader::new();
        let hello = read_hello(&mut reader, &mut near).await;
        let received = [reader.received(), &Alert::HandshakeFailure.record()].concat();
        let credential = server.select(&hello, LOCAL).unwrap();
        server.accept(&hello, credential, &received, near).await
    };
    let (near, _far) = tokio::join!(answering, client.connect(far));
    let error = near.unwrap_err();
    assert!(matches!(&error, HandshakeError::PeerAlert(name) if name == "handshake_failure"), "{error}");
}

#[tokio::test]
async fn garbage_behind_a_hello_is_answered_with_an_alert() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (mut near, far) = tokio::io::duplex(1 << 16);
    let answering = async {
        let mut reader = HelloReader::new();
        let hello = read_hello(&mut reader, &mut near).await;
        let received = [reader.received(), b"GET / HTTP/1.1\r\n\r\n"].concat();
        let credential = server.select(&hello, LOCAL).unwrap();
        server.accept(&hello, credential, &received, near).await
    };
    let (near, far) = tokio::join!(answering, client.connect(far));
    assert!(matches!(near.unwrap_err(), HandshakeError::Protocol(_)));
    assert!(matches!(far.unwrap_err(), HandshakeError::PeerAlert(_)));
}

#[tokio::test]
async fn a_client_that_leaves_in_mid_handshake_is_a_broken_connection() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (mut near, far) = tokio::io::duplex(1 << 16);
    let mut reader = HelloReader::new();
    let hello = tokio::select! {
        hello = read_hello(&mut reader, &mut near) => hello,
        _ = client.connect(far) => unreachable!("nobody answered it"),
    };
    let credential = server.select(&hello, LOCAL).unwrap();
    let error = server.accept(&hello, credential, reader.received(), near).await.unwrap_err();
    assert!(matches!(error, HandshakeError::Io(_)), "{error}");
}

#[tokio::test]
async fn a_swapped_certificate_is_served_next_and_open_connections_go_on() {
    let authority = Authority::new("ca");
    let settings = server_settings(authority.issue(&["shop.test"]));
    let handle = settings.certificates[0].clone();
    let server = server(settings);
    let first = client(client_settings(authority.trust(), "shop.test"));
    let second = client(client_settings(authority.trust(), "shop.test"));

    let (near, far) = meet(&server, &first).await;
    let (mut near, mut far) = (near.unwrap(), far.unwrap());
    let renewed = authority.issue(&["shop.test"]);
    let serial = renewed.leaf().serial.clone();
    handle.swap(renewed);

    let (after, seen) = meet(&server, &second).await;
    let (after, seen) = (after.unwrap(), seen.unwrap());
    assert_eq!(after.negotiated().presented.as_ref().unwrap().leaf().serial, serial);
    assert_eq!(seen.negotiated().peer.as_ref().unwrap().leaf().serial, serial);
    assert_ne!(near.negotiated().presented.as_ref().unwrap().leaf().serial, serial);
    say(&mut far, &mut near, "still here").await;
}

#[tokio::test]
async fn a_required_client_certificate_is_verified_and_shown_at_both_ends() {
    let authority = Authority::new("ca");
    for name in ["mozilla/intermediate", "elb/ELBSecurityPolicy-TLS-1-2-2017-01"] {
        let settings = server_settings(authority.issue(&["shop.test"]));
        let clients = ClientCertificates::Required(authority.trust());
        let server = server(ServerSettings { policy: policy(name), clients, ..settings });
        let identity = Some(CredentialHandle::new(authority.issue(&["spiffe://test/edge"])));
        let settings = client_settings(authority.trust(), "shop.test");
        let (near, far) = meet(&server, &client(ClientSettings { identity, ..settings })).await;
        let (near, far) = (near.unwrap(), far.unwrap());
        let peer = near.negotiated().peer.as_ref().unwrap();
        assert_eq!(peer.leaf().identities, ["spiffe://test/edge".parse().unwrap()]);
        assert_eq!(far.negotiated().presented.as_ref(), Some(peer));
    }
}

#[tokio::test]
async fn a_client_without_the_required_certificate_is_refused_and_told() {
    let authority = Authority::new("ca");
    let clients = ClientCertificates::Required(authority.trust());
    let server = server(ServerSettings { clients, ..server_settings(authority.issue(&["shop.test"])) });
    let (near, far) = meet(&server, &client(client_settings(authority.trust(), "shop.test"))).await;
    let error = near.unwrap_err();
    assert!(matches!(error, HandshakeError::PeerCertificate(PeerCertificateProblem::Missing)), "{error}");
    let told = failure_of(&mut far.unwrap()).await;
    assert!(matches!(&told, HandshakeError::PeerAlert(name) if name == "certificate_required"), "{told}");
}

#[tokio::test]
async fn an_optional_client_certificate_may_be_absent_but_not_false() {
    let (authority, stranger) = (Authority::new("ca"), Authority::new("ca"));
    let clients = ClientCertificates::Optional(authority.trust());
    let server = server(ServerSettings { clients, ..server_settings(authority.issue(&["shop.test"])) });
    let settings = client_settings(authority.trust(), "shop.test");
    let (near, _far) = meet(&server, &client(settings.clone())).await;
    assert_eq!(near.unwrap().negotiated().peer, None);

    let identity = Some(CredentialHandle::new(stranger.issue(&["spiffe://test/edge"])));
    let (near, _far) = meet(&server, &client(ClientSettings { identity, ..settings })).await;
    assert_problem(near, &PeerCertificateProblem::UnknownIssuer);
}

#[tokio::test]
async fn a_client_certificate_of_another_authority_is_refused_even_if_it_has_the_same_name() {
    let authority = Authority::new("ca");
    for stranger in [Authority::new("other"), Authority::new("ca")] {
        let clients = ClientCertificates::Required(authority.trust());
        let server = server(ServerSettings { clients, ..server_settings(authority.issue(&["shop.test"])) });
        let identity = Some(CredentialHandle::new(stranger.issue(&["spiffe://test/edge"])));
        let settings = client_settings(authority.trust(), "shop.test");
        let (near, far) = meet(&server, &client(ClientSettings { identity, ..settings })).await;
        assert_problem(near, &PeerCertificateProblem::UnknownIssuer);
        let told = failure_of(&mut far.unwrap()).await;
        assert!(matches!(&told, HandshakeError::PeerAlert(name) if name == "unknown_ca"), "{told}");
    }
}

#[tokio::test]
async fn an_expired_client_certificate_is_refused_with_its_date() {
    let authority = Authority::new("ca");
    let clients = ClientCertificates::Required(authority.trust());
    let server = server(ServerSettings { clients, ..server_settings(authority.issue(&["shop.test"])) });
    let expired = authority.issue_within(&["spiffe://test/edge"], (2026, 1, 1), (2026, 5, 1));
    let settings = client_settings(authority.trust(), "shop.test");
    let identity = Some(CredentialHandle::new(expired));
    let (near, _far) = meet(&server, &client(ClientSettings { identity, ..settings })).await;
    assert_problem(near, &PeerCertificateProblem::Expired("2026-05-01T00:00:00Z".into()));
}

#[tokio::test]
async fn a_certificate_of_another_listener_is_not_served() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let other = CredentialHandle::new(authority.issue(&["shop.test"]));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (mut near, far) = tokio::io::duplex(1 << 16);
    let answering = async {
        let mut reader = HelloReader::new();
        let hello = read_hello(&mut reader, &mut near).await;
        server.accept(&hello, other, reader.received(), near).await
    };
    let (near, far) = tokio::join!(answering, client.connect(far));
    assert!(matches!(near.unwrap_err(), HandshakeError::Refused { .. }));
    assert!(matches!(far.unwrap_err(), HandshakeError::PeerAlert(_)));
}

#[test]
fn a_host_is_covered_by_any_of_the_certificates() {
    let authority = Authority::new("ca");
    let settings = server_settings(authority.issue(&["shop.test"]));
    let server = server(names(settings, &["shop.test", "*.api.test", "10.0.0.1"], &authority));
    for host in ["shop.test", "SHOP.test", "v1.api.test", "10.0.0.1"] {
        assert!(server.covers_host(host), "{host}");
    }
    for host in ["api.test", "a.b.api.test", "10.0.0.2", "other.test"] {
        assert!(!server.covers_host(host), "{host}");
    }
}

#[tokio::test]
async fn the_stream_gives_its_transport_and_closes_cleanly() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let client = client(client_settings(authority.trust(), "shop.test"));
    let (near, far) = meet(&server, &client).await;
    let (mut near, mut far) = (near.unwrap(), far.unwrap());
    let _transport: &tokio::io::DuplexStream = near.get_ref();
    assert!(near.is_write_vectored());
    far.shutdown().await.unwrap();
    let mut rest = Vec::new();
    assert_eq!(near.read_to_end(&mut rest).await.unwrap(), 0);
}

#[test]
fn handshakes_and_streams_can_move_between_threads() {
    fn send<T: Send>(_: T) {}
    fn unpin_and_send<T: Send + Unpin>() {}
    unpin_and_send::<TlsStream<tokio::net::TcpStream>>();
    fn accepting(server: &ServerHandshake, hello: &ClientHello, io: tokio::io::DuplexStream) {
        let Ok(credential) = server.select(hello, LOCAL) else { return };
        send(server.accept(hello, credential, &[], io));
    }
    fn connecting(client: &crate::ClientHandshake, io: tokio::io::DuplexStream) {
        send(client.connect(io));
    }
    let _ = (accepting, connecting);
}

fn assert_problem(outcome: Outcome, expected: &PeerCertificateProblem) {
    match outcome.unwrap_err() {
        HandshakeError::PeerCertificate(problem) => assert_eq!(&problem, expected),
        other => panic!("{other}"),
    }
}
