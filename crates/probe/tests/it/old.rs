//! Servers of other days: each weakness is seen at one that really has it.

use hermetic_hop::Verdict;
use hermetic_probe::findings::{self, Case};
use hermetic_probe::observe::{Observations, ObserveError, Support};
use hermetic_probe::weaknesses::{Conclusion, Weakness};
use hermetic_probe::{Depth, judge};
use hermetic_tls::{Authentication, NamedGroup, ProtocolVersion};
use jiff::Timestamp;

use crate::look::scanned;
use crate::observing::{observed_at, version};
use crate::server::OpenSsl;
use crate::servers::Old;

fn vulnerable(seen: &Observations) -> Vec<&'static str> {
    let is = |weakness: &Weakness| matches!(weakness.of(seen), Conclusion::Vulnerable(_));
    Weakness::ALL.into_iter().filter(is).map(Weakness::id).collect()
}

fn assert_vulnerable(seen: &Observations, expected: &[&str]) {
    let vulnerable = vulnerable(seen);
    for weakness in expected {
        assert!(vulnerable.contains(weakness), "{weakness} is not among {vulnerable:?}");
    }
}

fn speaks(seen: &Observations) -> Vec<ProtocolVersion> {
    seen.versions.iter().filter(|observed| observed.support.is_yes()).map(|it| it.version).collect()
}

#[tokio::test]
async fn node_0_10_speaks_all_from_ssl_2_on() {
    let node = Old::node_0_10("SSLv23_method");
    let seen = observed_at(node.address).await;
    use ProtocolVersion as V;
    assert_eq!(speaks(&seen), [V::SSL3, V::TLS1_0, V::TLS1_1, V::TLS1_2]);
    assert_eq!((&seen.ssl2, seen.ssl2_ciphers.len()), (&Support::Yes, 7));
    assert_eq!(seen.features.heartbeat, Support::Yes);
    let expected = ["drown", "null-suites", "export-suites", "poodle", "rc4", "sweet32", "beast", "lucky13"];
    assert_vulnerable(&seen, &expected);
}

#[tokio::test]
async fn node_0_12_speaks_ssl_3_and_guards_against_falling_back_to_it() {
    let node = Old::node_0_12("SSLv23_method");
    let seen = observed_at(node.address).await;
    assert!(matches!(seen.ssl2, Support::No(_)), "{:?}", seen.ssl2);
    assert!(speaks(&seen).contains(&ProtocolVersion::SSL3));
    assert_eq!(seen.features.fallback_protection, Support::Yes);
    assert_vulnerable(&seen, &["poodle", "rc4", "sweet32"]);
}

#[tokio::test]
async fn a_server_of_ssl_3_alone_is_seen() {
    let node = Old::node_0_12("SSLv3_method");
    let seen = observed_at(node.address).await;
    assert_eq!(speaks(&seen), [ProtocolVersion::SSL3]);
    assert_vulnerable(&seen, &["poodle"]);
}

#[tokio::test]
async fn a_server_of_ssl_2_alone_is_seen() {
    let server = Old::openssl_1_0_2("SSLv2_server_method");
    let seen = observed_at(server.address).await;
    assert_eq!((&seen.ssl2, speaks(&seen), seen.versions.len()), (&Support::Yes, Vec::new(), 5));
    assert_eq!(seen.ssl2_ciphers.len(), 7);
}

#[test]
fn a_server_of_ssl_2_alone_is_weak_and_graded_by_the_certificate_that_it_shows() {
    let server = Old::openssl_1_0_2("SSLv2_server_method");
    for depth in [Depth::Full, Depth::Fast] {
        let (target, scanned) = scanned(&format!("tls://{}", server.address), depth);
        let judgement = judge::verdict(&scanned, target.policy, Timestamp::now());
        assert_eq!(judgement.verdict, Verdict::Weak, "{judgement:?}");
        let case = Case { target: &target, scanned: &scanned, at: Timestamp::now(), software: None };
        assert!(findings::of(case).iter().any(|found| found.finding.control == "ssl2"), "{depth:?}");
        if depth == Depth::Full {
            let beside = scanned.beside.as_ref().unwrap();
            let chosen = beside.certificates.chosen().unwrap();
            assert_eq!(chosen.version, Some(ProtocolVersion::SSL2));
            let standing = judge::CertificateStanding::of(&beside.certificates).unwrap();
            let seen = scanned.observed.as_ref().unwrap().as_ref().unwrap();
            assert_eq!(
                judge::grade(seen, &standing, judge::Hsts::NotHttp).with_trust_ignored,
                judge::Grade::F
            );
        }
    }
}

#[test]
fn a_server_of_shared_keys_alone_speaks_tls_and_shows_no_certificate() {
    let server = OpenSsl::without_certificate(&["-tls1_2", "-psk", "1a2b3c4d", "-cipher", "PSK:@SECLEVEL=0"]);
    for scheme in ["tls", "https"] {
        let (target, scanned) = scanned(&format!("{scheme}://{}", server.address), Depth::Full);
        assert_eq!(scanned.cleartext, None);
        let judgement = judge::verdict(&scanned, target.policy, Timestamp::now());
        assert_eq!(judgement.verdict, Verdict::Weak, "{judgement:?}");
        let chosen = judge::chosen(scanned.observed.as_ref().unwrap().as_ref().unwrap()).unwrap();
        assert_eq!(chosen.suite.unwrap().authentication(), Some(Authentication::Psk));
        assert_eq!((chosen.version, chosen.server), (Some(ProtocolVersion::TLS1_2), None));
        assert!(judgement.reason.ends_with("shows no certificate"), "{}", judgement.reason);
    }
    let server = OpenSsl::without_certificate(&["-tls1_3", "-psk", "1a2b3c4d"]);
    let (_, scanned) = scanned(&format!("https://{}", server.address), Depth::Full);
    assert!(scanned.cleartext.is_none() && matches!(scanned.observed, Some(Err(ObserveError::Refused(_)))));
}

#[tokio::test]
async fn openssl_1_0_2_has_every_weakness_of_its_time() {
    let server = Old::openssl_1_0_2("SSLv23_server_method");
    let seen = observed_at(server.address).await;
    assert_vulnerable(
        &seen,
        &[
            "drown",
            "null-suites",
            "anonymous-suites",
            "export-suites",
            "freak",
            "logjam",
            "poodle",
            "rc4",
            "crime",
            "sweet32",
            "weak-prime",
            "beast",
            "lucky13",
            "no-forward-secrecy",
        ],
    );
    assert_eq!(seen.features.prime_bits(), Some(512));
}

#[tokio::test]
async fn nss_speaks_ssl_3_with_rc4_and_without_encryption() {
    let server = Old::nss(":0004:0005:000A:0001:002F");
    let seen = observed_at(server.address).await;
    assert!(speaks(&seen).contains(&ProtocolVersion::SSL3));
    assert_vulnerable(&seen, &["null-suites", "poodle", "rc4", "sweet32", "beast"]);
}

#[tokio::test]
async fn gnutls_speaks_with_nobody_in_particular() {
    let server = Old::gnutls("LEGACY:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+NULL:+ANON-ECDH:+GROUP-ALL");
    let seen = observed_at(server.address).await;
    assert_vulnerable(&seen, &["null-suites", "anonymous-suites", "rc4", "sweet32", "beast"]);
}

#[tokio::test]
async fn tlslite_ng_speaks_hybrid_groups_beside_ssl_3() {
    let server = Old::tlslite_ng();
    let seen = observed_at(server.address).await;
    assert!(
        speaks(&seen).contains(&ProtocolVersion::SSL3) && speaks(&seen).contains(&ProtocolVersion::TLS1_3)
    );
    let groups = &version(&seen, ProtocolVersion::TLS1_3).groups.accepted;
    for hybrid in [NamedGroup::X25519MLKEM768, NamedGroup::SECP256R1MLKEM768, NamedGroup::SECP384R1MLKEM1024]
    {
        assert!(groups.contains(&hybrid), "{hybrid} is not among {groups:?}");
    }
    assert_vulnerable(&seen, &["null-suites", "poodle", "rc4", "sweet32"]);
}
