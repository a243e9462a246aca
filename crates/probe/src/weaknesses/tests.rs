use bytes::Bytes;
use hermetic_tls::{ProtocolVersion, Ssl2Cipher};

use super::*;
use crate::observe::Support;
use crate::samples::observed;

/// An endpoint that accepts these suites in these versions, and renegotiates securely.
fn seen(versions: &[(ProtocolVersion, &[u16])]) -> Observations {
    let mut seen = Observations {
        versions: versions.iter().map(|(version, suites)| observed(*version, suites, &[])).collect(),
        ..Default::default()
    };
    seen.features.secure_renegotiation = Support::Yes;
    seen
}

fn vulnerable(seen: &Observations) -> Vec<&'static str> {
    let is = |weakness: &&Weakness| matches!(weakness.of(seen), Conclusion::Vulnerable(_));
    Weakness::ALL.iter().filter(is).map(|weakness| weakness.id()).collect()
}

#[test]
fn a_modern_server_has_none() {
    let modern = seen(&[
        (ProtocolVersion::TLS1_2, &[0xC02B, 0xC02F, 0xCCA8]),
        (ProtocolVersion::TLS1_3, &[0x1301, 0x1302]),
    ]);
    assert_eq!(vulnerable(&modern), [] as [&str; 0]);
    assert!(Weakness::ALL.iter().all(|weakness| weakness.of(&modern) == Conclusion::NotVulnerable));
}

#[test]
fn each_follows_from_the_suites_that_bring_it() {
    use ProtocolVersion as V;
    for (version, suite, expected) in [
        (V::TLS1_2, 0x0002, &["null-suites", "no-forward-secrecy"][..]),
        (V::TLS1_2, 0x00A6, &["anonymous-suites"]),
        (V::TLS1_2, 0x0005, &["rc4", "no-forward-secrecy"]),
        (V::TLS1_2, 0x000A, &["sweet32", "lucky13", "no-forward-secrecy"]),
        (V::TLS1_0, 0xC013, &["beast", "lucky13"]),
        (V::SSL3, 0x002F, &["poodle", "beast", "lucky13", "no-forward-secrecy"]),
        (V::TLS1_0, 0x0003, &["export-suites", "freak", "rc4", "no-forward-secrecy"]),
        (V::TLS1_0, 0x0014, &["export-suites", "logjam", "sweet32", "beast", "lucky13"]),
    ] {
        assert_eq!(vulnerable(&seen(&[(version, &[suite])])), expected, "{version} {suite:04x}");
    }
}

#[test]
fn a_server_that_encrypts_before_it_signs_does_so_with_those_alone_who_ask() {
    let mut seen = seen(&[(ProtocolVersion::TLS1_2, &[0xC013])]);
    seen.features.encrypt_then_mac = Support::Yes;
    assert_eq!(vulnerable(&seen), ["lucky13"]);
}

#[test]
fn the_reason_names_version_and_suite() {
    let seen = seen(&[(ProtocolVersion::TLS1_1, &[0x000A, 0x0016])]);
    let told = "TLSv1.1 accepts TLS_RSA_WITH_3DES_EDE_CBC_SHA and 1 more";
    assert_eq!(Weakness::Sweet32.of(&seen), Conclusion::Vulnerable(told.to_owned()));
}

#[test]
fn a_list_that_broke_off_tells_only_of_what_stands_on_it() {
    let mut broken = seen(&[(ProtocolVersion::TLS1_2, &[0x0005])]);
    broken.versions[0].suites.is_whole = Support::Unknown("it reset the connection".to_owned());
    assert!(matches!(Weakness::Rc4.of(&broken), Conclusion::Vulnerable(_)));
    let told = "the suites of TLSv1.2: it reset the connection";
    assert_eq!(Weakness::Sweet32.of(&broken), Conclusion::CouldNotTell(told.to_owned()));
}

#[test]
fn a_short_prime_is_weak_and_a_shorter_one_is_logjam() {
    let with = |bytes: usize| {
        let mut seen = seen(&[(ProtocolVersion::TLS1_2, &[0x009E])]);
        seen.features.prime = (bytes > 0).then(|| Bytes::from(vec![0xFF; bytes]));
        seen
    };
    assert_eq!(vulnerable(&with(256)), [] as [&str; 0]);
    assert_eq!(vulnerable(&with(255)), ["weak-prime"]);
    assert_eq!(vulnerable(&with(128)), ["logjam", "weak-prime"]);
    assert!(matches!(Weakness::WeakPrime.of(&with(0)), Conclusion::CouldNotTell(_)));
}

#[test]
fn a_short_prime_that_many_share_is_told_with_its_origin() {
    let mut seen = seen(&[(ProtocolVersion::TLS1_2, &[0x009E])]);
    // RFC 2409 section 6.1.
    let oakley = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
                  EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF";
    let digits = oakley.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap());
    seen.features.prime = Some(digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect());
    assert_eq!(vulnerable(&seen), ["logjam", "common-prime", "weak-prime"]);
    let told = "its prime has 768 bits, and many servers share it: RFC 2409 group 1";
    assert_eq!(Weakness::CommonPrime.of(&seen), Conclusion::Vulnerable(told.to_owned()));
}

#[test]
fn the_ciphers_of_ssl_2_count_too() {
    let mut old = seen(&[]);
    old.ssl2 = Support::Yes;
    old.ssl2_ciphers = vec![Ssl2Cipher([2, 0, 0x80])];
    assert_eq!(vulnerable(&old), ["drown", "export-suites", "rc4"]);
    let told = "SSLv2 accepts SSL_CK_RC4_128_EXPORT40_WITH_MD5".to_owned();
    assert_eq!(Weakness::Rc4.of(&old), Conclusion::Vulnerable(told));
}

#[test]
fn ssl_2_compression_and_old_renegotiation_are_told_by_what_the_server_said() {
    let mut old = seen(&[(ProtocolVersion::TLS1_2, &[0xC02F])]);
    old.ssl2 = Support::Yes;
    old.features.compression = Support::Yes;
    old.features.secure_renegotiation = Support::No("its ServerHello lacks the extension".to_owned());
    assert_eq!(vulnerable(&old), ["drown", "insecure-renegotiation", "crime"]);
    old.ssl2 = Support::Unknown("it did not answer in time".to_owned());
    let told = "it did not answer in time".to_owned();
    assert_eq!(Weakness::Drown.of(&old), Conclusion::CouldNotTell(told));
}

#[test]
fn every_weakness_has_an_id_of_its_own() {
    let mut ids: Vec<_> = Weakness::ALL.iter().map(|weakness| weakness.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), Weakness::ALL.len());
}

#[test]
fn what_nobody_asked_is_not_taken_for_refused() {
    // A fast scan, and one that broke off, see one suite of a list, or no answer in clear at all.
    let mut brief = seen(&[(ProtocolVersion::TLS1_2, &[0xC02F])]);
    brief.versions[0].suites.is_whole = Support::Unknown("a fast scan does not ask".to_owned());
    for weakness in [Weakness::WeakPrime, Weakness::CommonPrime, Weakness::Logjam] {
        assert!(matches!(weakness.of(&brief), Conclusion::CouldNotTell(_)), "{weakness:?}");
    }
    let mut silent = seen(&[(ProtocolVersion::TLS1_2, &[]), (ProtocolVersion::TLS1_3, &[0x1301])]);
    silent.features = crate::observe::Features::default();
    silent.versions[0].support = Support::Unknown("it has ceased to answer".to_owned());
    for weakness in [Weakness::InsecureRenegotiation, Weakness::Crime] {
        let told = "TLSv1.2: it has ceased to answer".to_owned();
        assert_eq!(weakness.of(&silent), Conclusion::CouldNotTell(told), "{weakness:?}");
    }
    silent.versions[0].support = Support::No("alert protocol_version".to_owned());
    assert_eq!(Weakness::Crime.of(&silent), Conclusion::NotVulnerable);
}
