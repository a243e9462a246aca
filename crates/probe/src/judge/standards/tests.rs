use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use hermetic_tls::{PeerCertificateProblem, ProtocolVersion};
use jiff::Timestamp;

use super::*;
use crate::certificates::{Certificates, Link};
use crate::observe::{Observations, Support};
use crate::samples::{observed, shown};
use crate::way::Opened;
use crate::web::{Site, TransportSecurity, Web};
use crate::{Beside, Outcome};

/// Suites of TLS 1.2 within every standard here but those of TLS 1.3 alone.
const STRONG: &[u16] = &[0xC02B, 0xC02F];
const P256: &[u16] = &[0x0017];

fn scanned(versions: &[(ProtocolVersion, &[u16], &[u16])]) -> Scanned {
    let mut seen = Observations {
        versions: versions
            .iter()
            .map(|(version, suites, groups)| observed(*version, suites, groups))
            .collect(),
        ssl2: Support::No("it reset the connection".to_owned()),
        ..Default::default()
    };
    seen.features.secure_renegotiation = Support::Yes;
    seen.features.extended_master_secret = Support::Yes;
    seen.features.compression = Support::No("it chose no compression".to_owned());
    of(Some(Ok(seen)))
}

fn of(observed: Option<Result<Observations, crate::observe::ObserveError>>) -> Scanned {
    let outcome = Outcome::Unreachable { at: Timestamp::UNIX_EPOCH, reason: String::new() };
    let address = Some(SocketAddr::from(([127, 0, 0, 1], 443)).into());
    Scanned {
        address,
        greeting: None,
        outcome,
        cleartext: None,
        observed,
        beside: Some(Beside { certificates: shown(Ok(())), web: None, dns: None }),
        connections: Opened::default(),
    }
}

fn seen(scanned: &mut Scanned) -> &mut Observations {
    scanned.observed.as_mut().unwrap().as_mut().unwrap()
}

fn standing(scanned: &Scanned, id: &str) -> Standing {
    standings(scanned).into_iter().find(|standing| standing.standard.id == id).unwrap()
}

#[track_caller]
fn assert_decided(scanned: &Scanned, id: &str, answer: Answer, because: &str) {
    let standing = standing(scanned, id);
    assert_eq!(standing.answer, answer, "{standing:?}");
    let told = standing.because.iter().any(|told| told.contains(because));
    assert!(told || because.is_empty(), "{standing:?}");
}

const TLS12: ProtocolVersion = ProtocolVersion::TLS1_2;
const TLS13: ProtocolVersion = ProtocolVersion::TLS1_3;

#[test]
fn a_server_that_keeps_to_aes_and_the_curves_of_nist_meets_its_guideline_and_pci() {
    let sound = scanned(&[(TLS12, STRONG, P256), (TLS13, &[0x1301, 0x1302], P256)]);
    for id in ["nist-sp-800-52r2-government", "nist-sp-800-52r2-public", "pci-dss-4.0.1-4.2.1"] {
        assert_decided(&sound, id, Answer::Met, "");
    }
    assert_decided(&sound, "mozilla-intermediate", Answer::Met, "");
    assert_decided(&sound, "mozilla-modern", Answer::NotMet, "it accepts TLSv1.2");
}

#[test]
fn what_nist_does_not_approve_of_is_named() {
    let chacha = scanned(&[(TLS12, &[0xCCA8], &[0x001D]), (TLS13, &[0x1303], P256)]);
    let id = "nist-sp-800-52r2-government";
    assert_decided(
        &chacha,
        id,
        Answer::NotMet,
        "it accepts TLS_CHACHA20_POLY1305_SHA256: no cipher of FIPS 197",
    );
    assert_decided(&chacha, id, Answer::NotMet, "it accepts X25519: no group of SP 800-56A");
    let static_rsa = scanned(&[(TLS12, &[0x009C], &[]), (TLS13, &[0x1301], P256)]);
    assert_decided(&static_rsa, id, Answer::NotMet, "its key exchange is not ephemeral");
    let only_tls12 = scanned(&[(TLS12, STRONG, P256)]);
    assert_decided(&only_tls12, id, Answer::NotMet, "it does not speak TLSv1.3");
}

#[test]
fn old_versions_are_for_the_public_alone_and_need_a_reason() {
    let old = scanned(&[
        (ProtocolVersion::TLS1_0, &[0xC013], P256),
        (TLS12, STRONG, P256),
        (TLS13, &[0x1301], P256),
    ]);
    assert_decided(&old, "nist-sp-800-52r2-government", Answer::NotMet, "it speaks TLSv1.0");
    assert_decided(&old, "nist-sp-800-52r2-public", Answer::Met, "TLSv1.0 needs a reason");
    assert_decided(&old, "pci-dss-4.0.1-4.2.1", Answer::NotMet, "it speaks TLSv1.0");
    let with_rsa = Scanned { beside: with(&rcgen::PKCS_RSA_SHA256, 90).beside, ..old };
    assert_decided(&with_rsa, "mozilla-5.8-old", Answer::Met, "");
}

/// A server that accepts what all levels of Mozilla have, with a certificate of this kind.
fn with(kind: &'static rcgen::SignatureAlgorithm, days: i64) -> Scanned {
    let mut seen = scanned(&[(TLS13, &[0x1301, 0x1302], P256)]);
    let mut parameters = rcgen::CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_after = parameters.not_before + Duration::from_secs(u64::try_from(days).unwrap() * 86_400);
    let key = rcgen::KeyPair::generate_for(kind).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let mut certificates = shown(Ok(()));
    certificates.offered[0].links = vec![Link::of(certificate.der().to_vec().into(), Timestamp::UNIX_EPOCH)];
    seen.beside = Some(Beside { certificates, web: None, dns: None });
    seen
}

const LEVELS: [&str; 3] = ["mozilla-modern", "mozilla-intermediate", "mozilla-5.8-old"];

#[track_caller]
fn assert_levels(scanned: &Scanned, expected: [Option<&str>; 3]) {
    for (id, because) in LEVELS.into_iter().zip(expected) {
        match because {
            None => assert_decided(scanned, id, Answer::Met, ""),
            Some(because) => assert_decided(scanned, id, Answer::NotMet, because),
        }
    }
}

#[test]
fn a_level_of_mozilla_is_met_by_certificates_of_its_kinds_alone() {
    let needs_rsa = Some("it has no certificate with a key of RSA");
    assert_levels(&with(&rcgen::PKCS_ECDSA_P256_SHA256, 90), [None, None, needs_rsa]);
    assert_levels(&with(&rcgen::PKCS_ECDSA_P384_SHA384, 90), [None, None, needs_rsa]);
    assert_levels(&with(&rcgen::PKCS_RSA_SHA256, 90), [Some("a certificate has a key of RSA"), None, None]);
    let curve = Some("another curve than P-256 and P-384");
    assert_levels(&with(&rcgen::PKCS_ECDSA_P521_SHA512, 90), [curve; 3]);
    assert_levels(&with(&rcgen::PKCS_ED25519, 90), [Some("a certificate has a key of EdDSA"); 3]);
    let signature = Some("a certificate is signed with sha512WithRSAEncryption");
    assert_levels(&with(&rcgen::PKCS_RSA_SHA512, 90), [signature; 3]);
}

#[test]
fn a_level_of_mozilla_is_met_by_certificates_that_live_no_longer_than_it_says() {
    let modern = Some("a certificate lives for 91 days, and not for 90 at most");
    assert_levels(&with(&rcgen::PKCS_RSA_SHA256, 91), [modern, None, None]);
    assert_levels(&with(&rcgen::PKCS_RSA_SHA256, 366), [Some("366 days"), None, None]);
    let long = Some("a certificate lives for 367 days");
    assert_levels(&with(&rcgen::PKCS_RSA_SHA256, 367), [long; 3]);
}

#[test]
fn a_level_of_mozilla_is_met_by_a_site_that_tells_browsers_for_two_years_to_come_by_tls() {
    let site = |header: Option<&str>| {
        let mut seen = with(&rcgen::PKCS_ECDSA_P256_SHA256, 90);
        let transport_security = TransportSecurity::of(header);
        let site = Site {
            verified: Ok(()),
            status: 200,
            location: None,
            server: None,
            transport_security,
            cookies: Vec::new(),
            alternatives: Vec::new(),
            upgrades_insecure_requests: false,
            abandoned: Vec::new(),
        };
        let web = Some(Web { site: Ok(site), plain: None });
        seen.beside = seen.beside.map(|beside| Beside { web, ..beside });
        seen
    };
    let id = "mozilla-intermediate";
    assert_decided(&site(Some("max-age=63072000")), id, Answer::Met, "");
    assert_decided(&site(None), id, Answer::NotMet, "it sends no Strict-Transport-Security");
    assert_decided(&site(Some("max-age=31536000")), id, Answer::NotMet, "for 31536000 seconds");
}

#[test]
fn pci_refuses_what_is_weak_whatever_the_version() {
    for (suite, because) in
        [(0x000A, "disallowed since 2024"), (0x0005, "RC4 is broken"), (0x0002, "it encrypts nothing")]
    {
        let weak = scanned(&[(TLS12, &[suite], &[])]);
        assert_decided(&weak, "pci-dss-4.0.1-4.2.1", Answer::NotMet, because);
    }
    let mut short = scanned(&[(TLS12, STRONG, P256)]);
    seen(&mut short).features.prime = Some(Bytes::from(vec![0xFF; 128]));
    assert_decided(&short, "pci-dss-4.0.1-4.2.1", Answer::NotMet, "its prime has 1024 bits, and not 2048");
}

#[test]
fn a_list_that_broke_off_can_not_meet_anything_and_is_no_inventory() {
    let mut broken = scanned(&[(TLS12, STRONG, P256), (TLS13, &[0x1301], P256)]);
    assert_decided(&broken, "pci-dss-4.0.1-12.3.3", Answer::Met, "versions (2), suites (3) and groups (1)");
    seen(&mut broken).versions[0].suites.is_whole = Support::Unknown("silence".to_owned());
    for id in ["pci-dss-4.0.1-4.2.1", "pci-dss-4.0.1-12.3.3", "mozilla-intermediate"] {
        assert_decided(&broken, id, Answer::CouldNotTell, "the suites of TLSv1.2: silence");
    }
    // What is seen already is enough against it.
    seen(&mut broken).versions[0].suites.accepted.push(hermetic_tls::CipherSuite(0x0005));
    assert_decided(&broken, "pci-dss-4.0.1-4.2.1", Answer::NotMet, "RC4");
}

#[test]
fn where_no_certificate_was_seen_nobody_can_tell_whether_what_asks_for_a_good_one_is_met() {
    let mut unseen = scanned(&[(TLS12, STRONG, P256), (TLS13, &[0x1301], P256)]);
    let asking = ["pci-dss-4.0.1-4.2.1", "nist-sp-800-52r2-government", "mozilla-intermediate"];
    for id in asking {
        assert_decided(&unseen, id, Answer::Met, "");
    }
    let none = Beside { certificates: Certificates::default(), web: None, dns: None };
    for beside in [None, Some(none)] {
        unseen.beside = beside;
        for id in asking {
            assert_decided(&unseen, id, Answer::CouldNotTell, "certificate was not to be seen");
        }
    }
}

#[test]
fn a_chain_that_is_not_trusted_speaks_against_it_though_no_handshake_came_to_its_end() {
    let mut foreign = scanned(&[(TLS12, STRONG, P256)]);
    let certificates = shown(Err(PeerCertificateProblem::UnknownIssuer));
    foreign.beside = Some(Beside { certificates, web: None, dns: None });
    assert_decided(&foreign, "pci-dss-4.0.1-4.2.1", Answer::NotMet, "is not trusted");
}

#[test]
fn cnsa_has_steps() {
    let step = |groups: &[u16]| {
        let unseen = Scanned { beside: None, ..scanned(&[(TLS13, &[0x1302], groups)]) };
        standing(&unseen, "cnsa-2.0")
    };
    assert_eq!(step(&[0x1D]).step, Some("none"));
    assert_eq!(step(&[0x11EC]).step, Some("post-quantum, and not of CNSA"));
    let ready = step(&[0x0202]);
    assert_eq!((ready.step, ready.answer), (Some("its key exchange is ready"), Answer::CouldNotTell));
    assert_eq!(step(&[0x11ED]).answer, Answer::NotMet);
}

#[test]
fn cleartext_meets_nothing_and_what_was_not_seen_is_not_told() {
    let error = crate::observe::ObserveError::NoAnswer("silence".to_owned());
    for (scanned, answer) in [(of(None), Answer::NotMet), (of(Some(Err(error))), Answer::CouldNotTell)] {
        assert!(standings(&scanned).iter().all(|standing| standing.answer == answer));
    }
}
