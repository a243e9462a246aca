use std::net::SocketAddr;
use std::time::Duration;

use hermetic_hop::Scheme;
use hermetic_probe::observe::{
    Endpoint, Manners, Observations, ObserveError, Order, Support, VersionObserved, observe,
};
use hermetic_probe::weaknesses::{Conclusion, Weakness};
use hermetic_tls::{Authentication, NamedGroup, ProtocolVersion, SignatureScheme, SystemRandomness};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::OpenSsl;

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint { address: address.into(), scheme: Scheme::Tls, server_name: Some("shop.test".parse().unwrap()) }
}

pub async fn observed(server: &OpenSsl) -> Observations {
    observed_at(server.address).await
}

pub async fn observed_at(address: SocketAddr) -> Observations {
    let randomness = SystemRandomness::default();
    observe(&endpoint(address), &Manners::default(), &randomness).await.unwrap()
}

pub fn version(seen: &Observations, version: ProtocolVersion) -> &VersionObserved {
    seen.versions.iter().find(|observed| observed.version == version).unwrap()
}

fn names(suites: &[hermetic_tls::CipherSuite]) -> Vec<&str> {
    suites.iter().filter_map(|suite| suite.openssl_name()).collect()
}

#[tokio::test]
async fn suites_and_groups_come_in_the_server_s_own_order() {
    let server = OpenSsl::start(&[
        "-serverpref",
        "-cipher",
        "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:AES128-SHA:ECDHE-RSA-CHACHA20-POLY1305",
        "-ciphersuites",
        "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256",
        "-groups",
        "P-384:X25519:P-256",
    ]);
    let seen = observed(&server).await;
    let tls12 = version(&seen, ProtocolVersion::TLS1_2);
    let expected = [
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "AES128-SHA",
        "ECDHE-RSA-CHACHA20-POLY1305",
    ];
    assert_eq!(names(&tls12.suites.accepted), expected);
    assert_eq!((tls12.suites.order, &tls12.suites.is_whole), (Some(Order::Server), &Support::Yes));
    let groups = [NamedGroup::SECP384R1, NamedGroup::X25519, NamedGroup::SECP256R1];
    assert_eq!((tls12.groups.accepted.as_slice(), tls12.groups.order), (&groups[..], Some(Order::Server)));
    let [(Authentication::Ecdsa, ecdsa), (Authentication::Rsa, rsa)] = tls12.schemes.as_slice() else {
        panic!("{:?}", tls12.schemes)
    };
    assert!(ecdsa.accepted.contains(&SignatureScheme(0x0403)), "{ecdsa:?}");
    assert!(rsa.accepted.contains(&SignatureScheme(0x0804)), "{rsa:?}");
    assert!(tls12.first.as_ref().unwrap().certificates.is_some());

    let tls13 = version(&seen, ProtocolVersion::TLS1_3);
    assert_eq!(names(&tls13.suites.accepted), ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"]);
    assert_eq!((tls13.suites.order, tls13.groups.accepted.as_slice()), (Some(Order::Server), &groups[..]));
}

#[tokio::test]
async fn groups_are_seen_that_count_only_beside_the_curve_of_the_certificate() {
    let arguments = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-groups", "P-256:X25519:P-384"];
    let seen = observed(&OpenSsl::start(&arguments)).await;
    let mut groups = version(&seen, ProtocolVersion::TLS1_2).groups.accepted.clone();
    groups.sort();
    assert_eq!(groups, [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::X25519]);
}

#[tokio::test]
async fn a_server_without_an_order_follows_the_client() {
    let server = OpenSsl::start(&["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA"]);
    let seen = observed(&server).await;
    let tls12 = version(&seen, ProtocolVersion::TLS1_2);
    assert_eq!((tls12.suites.accepted.len(), tls12.suites.order), (2, Some(Order::Client)));
}

#[tokio::test]
async fn each_version_is_seen_apart_and_what_is_refused_says_how() {
    let server = OpenSsl::start(&["-cipher", "ALL:@SECLEVEL=0", "-no_tls1_2", "-no_tls1_3"]);
    let seen = observed(&server).await;
    for (spoken, expected) in [
        (ProtocolVersion::SSL3, false),
        (ProtocolVersion::TLS1_0, true),
        (ProtocolVersion::TLS1_1, true),
        (ProtocolVersion::TLS1_2, false),
        (ProtocolVersion::TLS1_3, false),
    ] {
        let observed = version(&seen, spoken);
        assert_eq!(observed.support.is_yes(), expected, "{observed:?}");
        assert_eq!(matches!(observed.support, Support::No(_)), !expected, "{observed:?}");
    }
    assert!(matches!(seen.ssl2, Support::No(_)), "{:?}", seen.ssl2);
    assert_eq!(seen.ssl2_ciphers, []);
}

#[tokio::test]
async fn a_modern_server_is_seen_whole_in_fewer_connections_than_suites_were_offered() {
    let server = OpenSsl::start(&["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-groups", "X25519"]);
    let seen = observed(&server).await;
    assert_eq!(version(&seen, ProtocolVersion::TLS1_3).suites.accepted.len(), 3);
    assert!(seen.connections < 55, "{}", seen.connections);
}

#[tokio::test]
async fn what_a_server_can_beside_suites_is_seen() {
    let modern = OpenSsl::start(&["-alpn", "http/1.1,h2"]);
    let features = observed(&modern).await.features;
    let can = [
        &features.secure_renegotiation,
        &features.extended_master_secret,
        &features.encrypt_then_mac,
        &features.session_tickets,
        &features.downgrade_sentinel,
        &features.fallback_protection,
        &features.takes_unknown,
        &features.takes_large_hello,
    ];
    assert!(can.iter().all(|support| support.is_yes()), "{features:?}");
    assert!(matches!(features.compression, Support::No(_)) && matches!(features.heartbeat, Support::No(_)));
    assert_eq!(features.application_protocols, ["http/1.1", "h2"]);

    let bare = OpenSsl::start(&["-no_ticket", "-no_etm", "-tls1_2", "-cipher", "AES128-SHA"]);
    let features = observed(&bare).await.features;
    for lacking in [&features.session_tickets, &features.encrypt_then_mac] {
        assert!(matches!(lacking, Support::No(_)), "{features:?}");
    }
    assert_eq!(
        (&features.downgrade_sentinel, &features.fallback_protection),
        (&Support::Unasked, &Support::Unasked)
    );
}

#[tokio::test]
async fn the_weaknesses_of_a_real_server_follow_from_what_it_accepts() {
    let suites = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    let server = OpenSsl::start(&["-cipher", suites, "-no_tls1_3", "-no_etm"]);
    let seen = observed(&server).await;
    let vulnerable: Vec<_> = Weakness::ALL
        .into_iter()
        .filter(|weakness| matches!(weakness.of(&seen), Conclusion::Vulnerable(_)))
        .map(Weakness::id)
        .collect();
    // Debian builds OpenSSL 3 without SSL 2.0 and 3.0, triple DES, RC4, export suites and compression.
    // OpenSSL chooses a prime by the certificate, and without one, as for anonymous suites, of 1024 bits.
    let primes = ["logjam", "common-prime", "weak-prime"];
    let expected =
        [&["null-suites", "anonymous-suites"], &primes[..], &["beast", "lucky13", "no-forward-secrecy"]]
            .concat();
    assert_eq!(vulnerable, expected);
}

/// A far end that answers each connection by `talk`.
async fn far_end(talk: impl AsyncFn(&mut tokio::net::TcpStream, u32) + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        let mut count = 0;
        while let Ok((mut io, _)) = listener.accept().await {
            count += 1;
            talk(&mut io, count).await;
        }
    });
    address
}

fn hasty() -> Manners {
    Manners { answer: Duration::from_millis(300), back_off: Duration::from_millis(1), ..Manners::default() }
}

/// Observes within a set of tasks that stay on this thread.
async fn locally(look: impl Future<Output = ()>) {
    tokio::task::LocalSet::new().run_until(look).await;
}

#[tokio::test]
async fn whoever_answers_nothing_is_no_server_that_refuses() {
    locally(async {
        let randomness = SystemRandomness::default();
        for talk in [&b""[..], b"\0\0\0", b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
            let address = far_end(async move |io: &mut tokio::net::TcpStream, _| {
                let mut heard = [0; 4096];
                if io.read(&mut heard).await.is_ok_and(|count| count > 0) {
                    io.write_all(talk).await.ok();
                }
            });
            let seen = observe(&endpoint(address.await), &hasty(), &randomness).await;
            assert!(matches!(seen, Err(ObserveError::NoAnswer(_))), "{seen:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_falls_silent_has_refused_nothing() {
    locally(async {
        let server = OpenSsl::start(&["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA"]);
        let behind = server.address;
        // A limit in the middle: after some connections each further one is cut.
        let address = far_end(async move |io: &mut tokio::net::TcpStream, count| {
            if count > 12 {
                return;
            }
            let mut far = tokio::net::TcpStream::connect(behind).await.unwrap();
            tokio::io::copy_bidirectional(io, &mut far).await.ok();
        });
        let randomness = SystemRandomness::default();
        let seen = observe(&endpoint(address.await), &hasty(), &randomness).await.unwrap();
        let tls12 = version(&seen, ProtocolVersion::TLS1_2);
        let schemes = tls12.schemes.iter().map(|(_, schemes)| &schemes.is_whole);
        let mut lists = [&tls12.suites.is_whole, &tls12.groups.is_whole].into_iter().chain(schemes);
        assert!(lists.any(|whole| matches!(whole, Support::Unknown(_))), "{tls12:?}");
    })
    .await;
}

#[tokio::test]
async fn a_question_that_is_lost_on_the_way_is_asked_again_and_refuses_nothing() {
    locally(async {
        let server = OpenSsl::start(&["-cipher", "ALL:@SECLEVEL=0"]);
        let direct = observed(&server).await;
        let behind = server.address;
        let cases: [fn(u32) -> bool; 3] = [|count| count == 9, |count| count == 12, |count| count % 7 == 0];
        for is_lost in cases {
            let address = far_end(async move |io: &mut tokio::net::TcpStream, count| {
                if is_lost(count) {
                    return;
                }
                let mut far = tokio::net::TcpStream::connect(behind).await.unwrap();
                tokio::io::copy_bidirectional(io, &mut far).await.ok();
            });
            let randomness = SystemRandomness::default();
            let seen = observe(&endpoint(address.await), &hasty(), &randomness).await.unwrap();
            for (seen, direct) in seen.versions.iter().zip(&direct.versions) {
                // A list that broke off says so; one that did not is whole.
                if seen.suites.is_whole == Support::Yes {
                    assert_eq!(names(&seen.suites.accepted), names(&direct.suites.accepted));
                }
                assert_eq!(seen.support.is_yes(), direct.support.is_yes(), "{seen:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn silence_about_ssl_2_is_no_refusal_where_nothing_else_is_answered_either() {
    locally(async {
        let behind = OpenSsl::start(&["-ciphersuites", "TLS_AES_128_GCM_SHA256"]);
        let far = behind.address;
        // Only the first connection gets through.
        let address = far_end(async move |io: &mut tokio::net::TcpStream, count| {
            if count == 1 {
                let mut far = tokio::net::TcpStream::connect(far).await.unwrap();
                tokio::io::copy_bidirectional(io, &mut far).await.ok();
            }
        });
        let randomness = SystemRandomness::default();
        let seen = observe(&endpoint(address.await), &hasty(), &randomness).await.unwrap();
        assert!(matches!(seen.ssl2, Support::Unknown(_)), "{:?}", seen.ssl2);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_hangs_up_on_what_it_does_not_know_has_refused_it() {
    locally(async {
        let server = OpenSsl::start(&["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]);
        let behind = server.address;
        // A front end that closes without an alert, as some clouds do.
        let address = far_end(async move |io: &mut tokio::net::TcpStream, _| {
            let mut far = tokio::net::TcpStream::connect(behind).await.unwrap();
            let (mut hello, mut answer) = ([0; 8192], [0; 8192]);
            let count = io.read(&mut hello).await.unwrap_or(0);
            far.write_all(&hello[..count]).await.unwrap();
            let count = far.read(&mut answer).await.unwrap_or(0);
            if answer[0] == 22 {
                io.write_all(&answer[..count]).await.ok();
            }
        });
        let randomness = SystemRandomness::default();
        let seen = observe(&endpoint(address.await), &hasty(), &randomness).await.unwrap();
        let refused = &version(&seen, ProtocolVersion::TLS1_2).support;
        assert_eq!(*refused, Support::No("it closed the connection without a word".to_owned()));
        assert_eq!(
            names(&version(&seen, ProtocolVersion::TLS1_3).suites.accepted),
            ["TLS_AES_128_GCM_SHA256"]
        );
    })
    .await;
}

#[tokio::test]
async fn silence_at_the_end_of_the_time_is_no_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // It answers the newest version alone, and holds all others up for longer than there is time.
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = vec![0; 16 * 1024];
            let length = stream.read(&mut hello).await.unwrap_or_default();
            let is_newest = hello[..length].windows(7).any(|part| part == [0, 43, 0, 3, 2, 3, 4]);
            if is_newest {
                stream.write_all(&crate::faulty::retry(&hello[..length])).await.ok();
            }
            held.push(stream);
        }
    });
    let manners = Manners {
        answer: Duration::from_millis(600),
        deadline: Duration::from_millis(300),
        ..Manners::default()
    };
    let seen = observe(&endpoint(address), &manners, &SystemRandomness::default()).await.unwrap();
    let support = &version(&seen, ProtocolVersion::TLS1_2).support;
    assert!(matches!(support, Support::Unknown(reason) if reason.contains("all the time")), "{support:?}");
}
