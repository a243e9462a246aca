use super::*;
use crate::error::PeerCertificateProblem;
use crate::testing::*;
use crate::{ClientCertificates, Credential, ServerHandshake, ServerSettings};

/// What a client with these expectations makes of a server that presents `credential`.
async fn judged(credential: Credential, authority: &Authority, expected: &str) -> (Outcome, Outcome) {
    let server = server(server_settings(credential));
    meet(&server, &client(client_settings(authority.trust(), expected))).await
}

fn problem(outcome: Outcome) -> PeerCertificateProblem {
    match outcome.unwrap_err() {
        HandshakeError::PeerCertificate(problem) => problem,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_server_with_another_name_is_refused_and_told() {
    let authority = Authority::new("ca");
    let server = server(ServerSettings {
        unknown_sni: crate::UnknownSni::First,
        ..server_settings(authority.issue(&["other.test", "10.0.0.9"]))
    });
    let (near, far) = meet(&server, &client(client_settings(authority.trust(), "shop.test"))).await;
    let expected = PeerCertificateProblem::WrongName {
        expected: "dns:shop.test".into(),
        presented: "dns:other.test, ip:10.0.0.9".into(),
    };
    assert_eq!(problem(far), expected);
    assert!(matches!(near.unwrap_err(), HandshakeError::PeerAlert(_)));
}

#[tokio::test]
async fn a_server_is_known_by_its_address() {
    let authority = Authority::new("ca");
    let (near, far) = judged(authority.issue(&["10.0.0.1"]), &authority, "10.0.0.1").await;
    assert_eq!(near.unwrap().negotiated().server_name, None);
    assert!(far.is_ok());
    let (_near, far) = judged(authority.issue(&["10.0.0.1"]), &authority, "10.0.0.2").await;
    assert!(matches!(problem(far), PeerCertificateProblem::WrongName { .. }));
}

#[tokio::test]
async fn an_expired_server_is_refused_with_its_date() {
    let authority = Authority::new("ca");
    let expired = authority.issue_within(&["shop.test"], (2026, 1, 1), (2026, 6, 1));
    let (near, far) = judged(expired, &authority, "shop.test").await;
    assert_eq!(problem(far), PeerCertificateProblem::Expired("2026-06-01T00:00:00Z".into()));
    let told = near.unwrap_err();
    assert!(matches!(&told, HandshakeError::PeerAlert(name) if name == "certificate_expired"), "{told}");
}

#[tokio::test]
async fn a_server_from_the_future_is_refused_with_its_date() {
    let authority = Authority::new("ca");
    let early = authority.issue_within(&["shop.test"], (2026, 7, 1), (2027, 1, 1));
    let (_near, far) = judged(early, &authority, "shop.test").await;
    assert_eq!(problem(far), PeerCertificateProblem::NotYetValid("2026-07-01T00:00:00Z".into()));
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_even_if_it_has_the_same_name() {
    let authority = Authority::new("ca");
    for stranger in [Authority::new("other"), Authority::new("ca")] {
        let (_near, far) = judged(stranger.issue(&["shop.test"]), &authority, "shop.test").await;
        assert_eq!(problem(far), PeerCertificateProblem::UnknownIssuer);
    }
}

#[tokio::test]
async fn a_self_signed_server_is_refused() {
    let authority = Authority::new("ca");
    let (_near, far) = judged(self_signed("shop.test"), &authority, "shop.test").await;
    assert_eq!(problem(far), PeerCertificateProblem::UnknownIssuer);
}

#[tokio::test]
async fn a_server_with_the_expected_spiffe_id_is_accepted_without_a_server_name() {
    let authority = Authority::new("ca");
    let credential = authority.issue(&["spiffe://test/balancer", "balancer.test"]);
    let (near, far) = judged(credential, &authority, "spiffe://test/balancer").await;
    assert!(far.is_ok());
    assert_eq!(near.unwrap().negotiated().server_name, None);
}

#[tokio::test]
async fn a_server_with_another_spiffe_id_is_refused() {
    let authority = Authority::new("ca");
    let (_near, far) =
        judged(authority.issue(&["spiffe://test/app"]), &authority, "spiffe://test/balancer").await;
    let expected = PeerCertificateProblem::WrongName {
        expected: "spiffe://test/balancer".into(),
        presented: "spiffe://test/app".into(),
    };
    assert_eq!(problem(far), expected);
}

#[tokio::test]
async fn two_spiffe_ids_in_one_certificate_prove_neither() {
    let authority = Authority::new("ca");
    let both = authority.issue(&["spiffe://test/app", "spiffe://test/balancer"]);
    let (_near, far) = judged(both, &authority, "spiffe://test/balancer").await;
    assert!(matches!(problem(far), PeerCertificateProblem::WrongName { .. }));
}

#[tokio::test]
async fn a_spiffe_id_of_another_authority_proves_nothing() {
    let (authority, stranger) = (Authority::new("ca"), Authority::new("other"));
    let (_near, far) = judged(stranger.issue(&["spiffe://test/app"]), &authority, "spiffe://test/app").await;
    assert_eq!(problem(far), PeerCertificateProblem::UnknownIssuer);
}

#[test]
fn nobody_can_be_expected_to_be_a_wildcard() {
    let authority = Authority::new("ca");
    let settings = client_settings(authority.trust(), "*.test");
    let error = ClientHandshake::new(settings, TestClock::new()).unwrap_err();
    assert_eq!(error, SettingsError::Expected("dns:*.test".into()));
}

#[tokio::test]
async fn an_identity_that_nobody_asks_for_is_not_presented() {
    let authority = Authority::new("ca");
    let server = server(server_settings(authority.issue(&["shop.test"])));
    let identity = Some(CredentialHandle::new(authority.issue(&["spiffe://test/edge"])));
    let settings = ClientSettings { identity, ..client_settings(authority.trust(), "shop.test") };
    let (_near, far) = meet(&server, &client(settings)).await;
    assert_eq!(far.unwrap().negotiated().presented, None);
}

/// A private listener, a client of it, and that client's identity.
fn private(authority: &Authority) -> (ServerHandshake, ClientHandshake, CredentialHandle) {
    let clients = ClientCertificates::Required(authority.trust());
    let server = server(ServerSettings { clients, ..server_settings(authority.issue(&["shop.test"])) });
    let handle = CredentialHandle::new(authority.issue(&["spiffe://test/edge"]));
    let identity = Some(handle.clone());
    let settings = ClientSettings { identity, ..client_settings(authority.trust(), "shop.test") };
    (server, client(settings), handle)
}

/// One connection that lives until the tickets arrived: both ends' facts.
async fn visit(server: &ServerHandshake, client: &ClientHandshake) -> (Negotiated, Negotiated) {
    let (near, far) = meet(server, client).await;
    let (mut near, mut far) = (near.unwrap(), far.unwrap());
    say(&mut near, &mut far, "tickets came before this").await;
    (near.negotiated().clone(), far.negotiated().clone())
}

#[tokio::test]
async fn a_resumed_session_shows_who_both_ends_are() {
    let authority = Authority::new("ca");
    let (server, client, _handle) = private(&authority);
    let full = visit(&server, &client).await;
    let resumed = visit(&server, &client).await;
    assert!(!full.0.resumed && resumed.0.resumed && resumed.1.resumed);
    assert_eq!((&full.0.peer, &full.0.presented), (&resumed.0.peer, &resumed.0.presented));
    assert_eq!((&full.1.peer, &full.1.presented), (&resumed.1.peer, &resumed.1.presented));
    assert!(full.1.presented.is_some());
}

#[tokio::test]
async fn a_renewed_identity_resumes_no_session_of_the_old_one() {
    let authority = Authority::new("ca");
    let (server, client, handle) = private(&authority);
    visit(&server, &client).await;
    let renewed = authority.issue(&["spiffe://test/edge"]);
    let serial = renewed.leaf().serial.clone();
    handle.swap(renewed);
    let (seen, _) = visit(&server, &client).await;
    assert!(!seen.resumed);
    assert_eq!(seen.peer.unwrap().leaf().serial, serial);
}

#[tokio::test]
async fn a_session_does_not_outlive_the_servers_certificate() {
    let authority = Authority::new("ca");
    let clock = TestClock::new();
    let short = authority.issue_within(&["shop.test"], (2026, 1, 1), (2026, 6, 16));
    let settings = server_settings(short);
    let handle = settings.certificates[0].clone();
    let server = ServerHandshake::new(settings, &ticket_keys(&clock), clock.clone()).unwrap();
    let client =
        ClientHandshake::new(client_settings(authority.trust(), "shop.test"), clock.clone()).unwrap();
    clock.advance_hours(6);
    visit(&server, &client).await;
    clock.advance_hours(5);
    assert!(visit(&server, &client).await.1.resumed);

    handle.swap(authority.issue(&["shop.test"]));
    clock.advance_hours(2);
    let (_, seen) = visit(&server, &client).await;
    assert!(!seen.resumed);
    assert!(seen.peer.unwrap().leaf().not_after > clock.now());
}

#[tokio::test]
async fn a_server_whose_certificate_is_revoked_is_refused_and_its_sessions_are_not_resumed() {
    let authority = Authority::new("ca");
    let credential = authority.issue(&["shop.test"]);
    let leaf = credential.leaf().clone();
    let server = server(server_settings(credential));
    let revoked = RevokedCertificates::default();
    let settings =
        ClientSettings { revoked: revoked.clone(), ..client_settings(authority.trust(), "shop.test") };
    let client = client(settings);
    visit(&server, &client).await;
    assert!(visit(&server, &client).await.1.resumed);
    assert!(!client.rests_on_revoked());

    revoked.revoke(&leaf, &authority.trust().certificates()[0]).unwrap();
    assert!(client.rests_on_revoked());
    let (near, far) = meet(&server, &client).await;
    assert_eq!(problem(far), PeerCertificateProblem::Revoked);
    let told = near.unwrap_err();
    assert!(matches!(&told, HandshakeError::PeerAlert(name) if name == "certificate_revoked"), "{told}");

    client.forget_sessions().unwrap();
    let other = self::server(server_settings(authority.issue(&["shop.test"])));
    visit(&other, &client).await;
    assert!(!client.rests_on_revoked());
}
