use bytes::Bytes;
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SecurityPolicy};

use super::*;
use crate::observe::{Observations, Support, VersionObserved};
use crate::samples::{observed, whole};

const MODERN_SUITES: &[u16] = &[0x1301, 0x1302, 0x1303];
const SUITES: &[u16] = &[0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8];

fn seen(versions: Vec<VersionObserved>) -> Observations {
    let mut seen = Observations { versions, ..Default::default() };
    seen.features.secure_renegotiation = Support::Yes;
    seen
}

/// TLS 1.2 and 1.3 as Mozilla's intermediate has them.
fn intermediate() -> Observations {
    let groups = [0x11EC, 0x1D, 0x17, 0x18];
    seen(vec![
        observed(ProtocolVersion::TLS1_2, SUITES, &[0x1D, 0x17, 0x18]),
        observed(ProtocolVersion::TLS1_3, MODERN_SUITES, &groups),
    ])
}

fn with(version: ProtocolVersion, suites: &[u16]) -> Observations {
    let mut seen = intermediate();
    seen.versions.insert(0, observed(version, suites, &[0x17]));
    seen
}

fn sound() -> CertificateStanding {
    CertificateStanding {
        is_for_name: true,
        distrust: None,
        key_bits: 3072,
        is_broken: false,
        is_incomplete: false,
    }
}

const YEAR: Hsts = Hsts::Holds(31_536_000);

fn graded(seen: &Observations) -> Graded {
    grade(seen, &sound(), YEAR)
}

#[test]
fn what_is_within_a_policy_has_nothing_beyond_it_and_nothing_missing() {
    let measured = measure(&intermediate(), SecurityPolicy::default_policy());
    assert_eq!(measured, Measured::default());
    assert!(measured.is_within());
}

#[test]
fn what_is_beyond_a_policy_and_what_is_missing_from_it_is_named() {
    let mut seen = with(ProtocolVersion::TLS1_1, &[0xC013]);
    seen.versions[1].suites.accepted = vec![CipherSuite(0xC02F), CipherSuite(0x009C)];
    seen.versions[2].groups.accepted = vec![NamedGroup::X25519, NamedGroup::SECP521R1];
    let measured = measure(&seen, SecurityPolicy::default_policy());
    assert_eq!(measured.versions_beyond, [ProtocolVersion::TLS1_1]);
    assert_eq!(measured.suites_beyond, [CipherSuite(0x009C)]);
    assert_eq!(measured.groups_beyond, [NamedGroup::SECP521R1]);
    assert_eq!(measured.suites_missing.len(), 5);
    assert_eq!(measured.groups_missing, [NamedGroup::X25519MLKEM768]);
    assert!(!measured.is_within());
}

#[test]
fn what_was_not_to_be_seen_is_said() {
    let mut seen = intermediate();
    seen.versions[0].suites.is_whole = Support::Unknown("it reset the connection".to_owned());
    let measured = measure(&seen, SecurityPolicy::default_policy());
    assert_eq!(measured.unknown, ["the suites of TLSv1.2: it reset the connection"]);
}

#[test]
fn a_server_is_ready_that_prefers_what_is_post_quantum() {
    let mut seen = intermediate();
    assert_eq!(PostQuantum::of(&seen), PostQuantum::Ready(NamedGroup::X25519MLKEM768));
    seen.versions[1].groups = whole(vec![NamedGroup::X25519, NamedGroup::X25519MLKEM768]);
    assert_eq!(PostQuantum::of(&seen), PostQuantum::Capable(NamedGroup::X25519MLKEM768));
    seen.versions[1].groups = whole(vec![NamedGroup::X25519]);
    assert_eq!(PostQuantum::of(&seen), PostQuantum::No);
    seen.versions[1].groups.is_whole = Support::Unknown("silence".to_owned());
    assert_eq!(PostQuantum::of(&seen), PostQuantum::CouldNotTell("silence".to_owned()));
    seen.features.takes_large_hello = Support::No("it reset the connection".to_owned());
    assert!(matches!(PostQuantum::of(&seen), PostQuantum::BreaksOnIt(_)));
}

#[test]
fn a_modern_server_with_hsts_has_the_best_grade() {
    let best = graded(&intermediate());
    assert_eq!((best.grade, best.points, best.reasons.as_slice()), (Grade::APlus, [100, 90, 90], &[][..]));
    assert!(best.is_sure);
    for hsts in [Hsts::Absent, Hsts::Holds(60)] {
        let without = grade(&intermediate(), &sound(), hsts);
        assert_eq!((without.grade, without.is_sure), (Grade::AMinus, true));
        assert_eq!(without.reasons[0].1, "HSTS is absent, or shorter than half a year");
    }
    let unseen = grade(&intermediate(), &sound(), Hsts::Unseen);
    assert_eq!((unseen.grade, unseen.is_sure), (Grade::AMinus, false));
}

#[test]
fn one_that_speaks_no_http_lacks_no_hsts() {
    let database = grade(&intermediate(), &sound(), Hsts::NotHttp);
    assert_eq!((database.grade, database.reasons.as_slice()), (Grade::A, &[][..]));
}

#[test]
fn the_worst_reason_decides() {
    use ProtocolVersion as V;
    for (version, suites, expected, reason) in [
        (V::TLS1_0, &[0xC013][..], Grade::B, "TLS 1.0"),
        (V::TLS1_1, &[0xC013], Grade::B, "TLS 1.1"),
        (V::TLS1_1, &[0x000A], Grade::C, "triple DES or IDEA with TLS 1.1 or newer"),
        (V::TLS1_0, &[0x0005], Grade::B, "RC4"),
        (V::TLS1_1, &[0x0005], Grade::C, "RC4 with TLS 1.1 or newer"),
        (V::SSL3, &[0x002F], Grade::C, "POODLE"),
        (V::TLS1_0, &[0x0003], Grade::F, "export suites"),
        (V::TLS1_0, &[0x0009], Grade::F, "suites below 112 bits"),
    ] {
        let graded = graded(&with(version, suites));
        assert_eq!(graded.grade, expected, "{graded:?}");
        let worst = graded.reasons.iter().filter(|(grade, _)| *grade == expected);
        assert!(worst.clone().any(|(_, told)| told == reason), "{graded:?}");
    }
}

#[test]
fn a_server_without_tls_1_3_or_forward_secrecy_or_aead_is_told() {
    let tls12 = |suites| seen(vec![observed(ProtocolVersion::TLS1_2, suites, &[0x1D])]);
    let told = |suites| graded(&tls12(suites)).grade;
    assert_eq!([told(SUITES), told(&[0x009C]), told(&[0xC013])], [Grade::AMinus, Grade::B, Grade::B]);
}

#[test]
fn a_key_or_prime_that_is_short_keeps_the_grade_down() {
    let with_key = |bits| grade(&intermediate(), &CertificateStanding { key_bits: bits, ..sound() }, YEAR);
    assert_eq!(with_key(1024).grade, Grade::B);
    assert_eq!(with_key(1000).grade, Grade::F);
    assert_eq!(with_key(1024).points[1], 80);
    let mut short = intermediate();
    short.features.prime = Some(Bytes::from(vec![0xFF; 128]));
    short.versions[0].suites.accepted.push(CipherSuite(0x009E));
    assert_eq!(graded(&short).grade, Grade::B);
}

#[test]
fn a_certificate_that_nobody_trusts_or_of_somebody_else_has_a_grade_of_its_own() {
    let distrust = Some("the certificate expired".to_owned());
    let distrusted = grade(&intermediate(), &CertificateStanding { distrust, ..sound() }, YEAR);
    assert_eq!((distrusted.grade, distrusted.with_trust_ignored), (Grade::T, Grade::APlus));
    let foreign = CertificateStanding { is_for_name: false, ..sound() };
    assert_eq!(grade(&intermediate(), &foreign, YEAR).grade, Grade::M);
}

#[test]
fn a_grade_on_a_list_that_broke_off_is_not_sure() {
    let mut broken = intermediate();
    broken.versions[0].suites.is_whole = Support::Unknown("silence".to_owned());
    assert!(!graded(&broken).is_sure);
}
