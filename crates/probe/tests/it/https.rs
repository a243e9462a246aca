//! nginx, sound and broken in each way.

use hermetic_tls::{NamedGroup, ProtocolVersion};

use crate::certificates::{Authority, self_signed};
use crate::look::{assert_cleartext, assert_sealed, assert_weak, look, tls, unseen};
use crate::servers::Nginx;

fn url(nginx: &Nginx) -> String {
    format!("https://127.0.0.1:{}", nginx.port)
}

#[test]
fn a_sound_nginx_is_sealed_and_shows_what_it_chose() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let evidence = assert_sealed(look(&url(&nginx), authority.trust(), "shop.test"));
    let facts = tls(&evidence);
    assert_eq!(facts.version, Some(ProtocolVersion::TLS1_2), "nginx 1.22 has no TLS 1.3 unless told");
    assert_eq!(facts.alpn.as_deref(), Some("http/1.1"));
    assert_eq!(facts.server_name.as_deref(), Some("shop.test"));
    assert_eq!(facts.server.as_ref().unwrap().identities, ["dns:shop.test".parse().unwrap()]);
}

#[test]
fn tls_1_3_is_seen_with_its_group() {
    let authority = Authority::new();
    let directives = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve secp384r1;";
    let nginx = Nginx::tls(&authority.issue("shop.test"), directives);
    let evidence = assert_sealed(look(&url(&nginx), authority.trust(), "shop.test"));
    assert_eq!(tls(&evidence).version, Some(ProtocolVersion::TLS1_3));
    assert_eq!(tls(&evidence).group, Some(NamedGroup::SECP384R1));
}

#[test]
fn an_expired_certificate_is_weak_and_its_facts_are_there() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue_until("shop.test", -2), "");
    let outcome = look(&url(&nginx), authority.trust(), "shop.test");
    let evidence = assert_weak(outcome, "the certificate of 127.0.0.1 expired 2 days ago, at 20");
    assert!(tls(&evidence).server.is_some() && tls(&evidence).suite.is_some());
}

#[test]
fn a_self_signed_certificate_is_weak() {
    let nginx = Nginx::tls(&self_signed("shop.test"), "");
    let outcome = look(&url(&nginx), Authority::new().trust(), "shop.test");
    assert_weak(outcome, "the certificate of 127.0.0.1 is self-signed and not trusted here");
}

#[test]
fn a_certificate_of_another_authority_is_weak() {
    let nginx = Nginx::tls(&Authority::new().issue("shop.test"), "");
    let outcome = look(&url(&nginx), Authority::new().trust(), "shop.test");
    assert_weak(outcome, "is signed by an authority that is not trusted here");
}

#[test]
fn a_certificate_for_another_name_is_weak() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("other.test"), "");
    let outcome = look(&url(&nginx), authority.trust(), "shop.test");
    assert_weak(outcome, "is for dns:other.test, not for dns:shop.test");
}

#[test]
fn versions_below_tls_1_2_alone_are_weak_and_named() {
    let authority = Authority::new();
    for version in ["TLSv1.1", "TLSv1"] {
        let directives = format!("ssl_protocols {version}; ssl_ciphers ALL:@SECLEVEL=0;");
        let nginx = Nginx::tls(&authority.issue("shop.test"), &directives);
        let expected: ProtocolVersion = version.parse().unwrap();
        let outcome = look(&url(&nginx), authority.trust(), "shop.test");
        let evidence = assert_weak(outcome, &format!("{expected} is not among the versions of mozilla/"));
        assert_eq!(tls(&evidence).version, Some(expected));
        assert!(tls(&evidence).suite.unwrap().to_string().starts_with("TLS_ECDHE_ECDSA_WITH_AES_"));
    }
}

#[test]
fn a_suite_that_the_library_does_not_speak_is_weak_and_named() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "ssl_ciphers ECDHE-ECDSA-AES128-SHA;");
    let outcome = look(&url(&nginx), authority.trust(), "shop.test");
    let evidence = assert_weak(outcome, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA is not among the suites of");
    assert_eq!(tls(&evidence).version, Some(ProtocolVersion::TLS1_2));
}

#[test]
fn cleartext_http_on_the_port_is_cleartext() {
    let nginx = Nginx::cleartext();
    for scheme in ["https", "tls"] {
        let endpoint = format!("{scheme}://127.0.0.1:{}", nginx.port);
        assert_cleartext(look(&endpoint, Authority::new().trust(), "shop.test"));
    }
}

#[test]
fn a_cleartext_server_that_waits_for_a_line_s_end_is_found_out() {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                while !line.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0));
                }
                stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            });
        }
    });
    assert_cleartext(look(&endpoint, Authority::new().trust(), "shop.test"));
}

#[test]
fn a_tls_port_that_refuses_us_is_unknown_and_not_taken_for_cleartext() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "ssl_reject_handshake on;");
    let reason = unseen(look(&url(&nginx), authority.trust(), "shop.test"));
    assert_eq!(reason, "the peer ended the handshake: alert unrecognized_name");
}

#[test]
fn ssh_and_bytes_that_nobody_knows_are_no_cleartext() {
    for (first, told) in [
        (&b"SSH-2.0-OpenSSH_9.2p1\r\n"[..], "it speaks SSH, which encrypts in its own way, and no TLS"),
        (b"\x9c\x01\x02\x03 what\r\n", "it answers in an unknown protocol, and not in TLS"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tls://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                std::io::Write::write_all(&mut stream, first).ok();
                // Unread, the hello would have it end in a reset, which may overtake the words.
                std::io::Read::read(&mut stream, &mut [0; 4096]).ok();
            }
        });
        let reason = unseen(look(&endpoint, Authority::new().trust(), "shop.test"));
        assert!(reason.contains(told), "{reason}");
    }
}
