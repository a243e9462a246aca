//! Sessions, renegotiation and what else takes a whole handshake, at nginx and OpenSSL's own server.

use std::net::SocketAddr;
use std::time::Duration;

use hermetic_probe::observe::{Observations, Support};
use hermetic_probe::weaknesses::{Conclusion, Weakness};
use hermetic_tls::{Authentication, ProtocolVersion, SignatureScheme};

use crate::certificates::Authority;
use crate::hanging_up::{When, before};
use crate::observing::{observed, observed_at, version};
use crate::server::OpenSsl;
use crate::servers::Nginx;

async fn seen(arguments: &[&str]) -> Observations {
    observed(&OpenSsl::start(arguments)).await
}

#[tokio::test]
async fn sessions_are_gone_on_with_in_every_form() {
    let nginx = Nginx::tls(
        &Authority::new().issue("shop.test"),
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_early_data on; ssl_session_cache shared:probed:1m;",
    );
    let sessions = observed_at(SocketAddr::from(([127, 0, 0, 1], nginx.port))).await.sessions;
    for form in [&sessions.by_id, &sessions.by_ticket, &sessions.by_psk, &sessions.ticket_again] {
        assert_eq!(*form, Support::Yes, "{sessions:?}");
    }
    let minutes = Some(Duration::from_secs(300));
    assert_eq!((sessions.ticket_lifetime, sessions.psk_lifetime), (minutes, minutes));
    assert_eq!((sessions.early_data, sessions.early_data_size), (Support::Yes, 16384));
}

#[tokio::test]
async fn a_server_that_keeps_nothing_begins_anew() {
    let sessions = seen(&["-no_cache", "-no_ticket", "-tls1_2"]).await.sessions;
    assert!(matches!(sessions.by_id, Support::No(_)), "{sessions:?}");
    assert_eq!((&sessions.by_ticket, &sessions.by_psk), (&Support::Unasked, &Support::Unasked));
}

#[tokio::test]
async fn a_server_without_early_data_gives_tickets_that_allow_none() {
    let sessions = seen(&["-tls1_3"]).await.sessions;
    assert_eq!(sessions.by_psk, Support::Yes, "{sessions:?}");
    assert!(matches!(sessions.early_data, Support::No(_)), "{sessions:?}");
    assert_eq!(sessions.by_id, Support::Unasked);
}

#[tokio::test]
async fn whether_a_client_may_begin_a_handshake_anew_is_tried() {
    for suite in
        ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"]
    {
        let features = seen(&["-tls1_2", "-cipher", suite, "-client_renegotiation"]).await.features;
        assert_eq!(features.client_renegotiation, Support::Yes, "{suite}");
        let features = seen(&["-tls1_2", "-cipher", suite]).await.features;
        let refused = Support::No("alert no_renegotiation".to_owned());
        assert_eq!(features.client_renegotiation, refused, "{suite}");
    }
    let other = seen(&["-tls1_2", "-cipher", "AES128-SHA"]).await.features.client_renegotiation;
    assert!(matches!(other, Support::Unknown(_)), "{other:?}");
    let newer = seen(&["-tls1_3"]).await.features.client_renegotiation;
    assert_eq!(newer, Support::Unasked, "there is none in TLS 1.3");
}

#[tokio::test]
async fn an_end_without_a_word_is_a_refusal_only_where_sessions_stay_open_otherwise() {
    let server = OpenSsl::start(&["-tls1_2", "-client_renegotiation"]);
    let of = async |when| observed_at(before(server.address, when)).await.features.client_renegotiation;
    let refused = Support::No("it ends the connection, which stays open otherwise".to_owned());
    assert_eq!(of(When::AnotherBegins).await, refused);
    let told = of(When::TheFirstIsOver).await;
    assert_eq!(told, Support::Unknown("it ends the connection, whatever is said in it".to_owned()));
}

#[tokio::test]
async fn a_session_is_renegotiated_with_a_client_that_may_show_a_certificate() {
    let features = seen(&["-tls1_2", "-client_renegotiation", "-verify", "1"]).await.features;
    assert_eq!(features.client_renegotiation, Support::Yes);
}

#[tokio::test]
async fn the_schemes_of_tls_1_3_are_those_that_signed_a_handshake() {
    let seen = seen(&["-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256"]).await;
    let schemes = &version(&seen, ProtocolVersion::TLS1_3).schemes;
    let [(Authentication::Ecdsa, ecdsa), (Authentication::Rsa, rsa)] = schemes.as_slice() else {
        panic!("{schemes:?}")
    };
    assert_eq!((&ecdsa.accepted[..], &ecdsa.is_whole), (&[SignatureScheme(0x0403)][..], &Support::Yes));
    assert_eq!(rsa.accepted, [SignatureScheme(0x0804)]);
}

#[tokio::test]
async fn a_prime_that_many_servers_share_is_told_by_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dh.pem").to_str().unwrap().to_owned();
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:modp_1536", "-out", &file]);
    assert!(openssl.status().unwrap().success());
    let seen =
        seen(&["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-dhparam", &file]).await;
    assert_eq!(
        (seen.features.prime_bits(), seen.features.common_prime()),
        (Some(1536), Some("RFC 3526 group 5"))
    );
    assert!(matches!(Weakness::CommonPrime.of(&seen), Conclusion::Vulnerable(_)));
    assert!(matches!(seen.features.reuses_finite_field_value, Support::No(_)), "{:?}", seen.features);
    assert_eq!(seen.features.reuses_curve_value, Support::Unasked);
}

#[tokio::test]
async fn a_usual_server_takes_every_hello_and_no_value_comes_again() {
    let features = seen(&[]).await.features;
    let takes = [
        &features.takes_newer_version,
        &features.takes_unknown,
        &features.takes_short_hello,
        &features.takes_large_hello,
        &features.takes_hello_of_two_records,
    ];
    assert!(takes.iter().all(|support| support.is_yes()), "{features:?}");
    assert!(matches!(features.reuses_curve_value, Support::No(_)), "{features:?}");
}

#[tokio::test]
async fn a_modern_server_is_seen_whole_in_fewer_than_sixty_connections() {
    // What Mozilla's intermediate level is with this OpenSSL.
    let seen = seen(&[
        "-cipher",
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
         ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305",
        "-groups",
        "X25519:P-256:P-384",
    ])
    .await;
    assert!(seen.connections < 60, "{}", seen.connections);
}
