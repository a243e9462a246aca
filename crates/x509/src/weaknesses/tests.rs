use hermetic_keys::{KeyAlgorithm, Signer};
use hermetic_tls::Serial;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};

use super::*;
use crate::foreign::{Party, now, root, root_with, self_signed_leaf};
use crate::peer::openssl;
use crate::profile::{Profile, ProfileKind};
use crate::self_signed::SelfSignedDraft;
use crate::testing;
use crate::validity::Validity;

fn found(party: &Party) -> Vec<Weakness> {
    weaknesses(&party.der, now()).unwrap()
}

fn leaf_with(change: impl FnOnce(&mut CertificateParams)) -> Vec<Weakness> {
    found(&root("Root").leaf_with("shop.test", change))
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(leaf_with(|_| ()), []);
    assert_eq!(found(&root("Root")), []);
}

#[test]
fn the_limit_is_that_of_the_day_of_issue() {
    for (issued, limit) in [
        ("2017-06-01T00:00:00Z", None),
        ("2018-03-01T00:00:00Z", Some(825)),
        ("2020-08-31T23:59:59Z", Some(825)),
        ("2020-09-01T00:00:00Z", Some(398)),
        ("2026-03-14T23:59:59Z", Some(398)),
        ("2026-03-15T00:00:00Z", Some(200)),
        ("2027-03-14T23:59:59Z", Some(200)),
        ("2027-03-15T00:00:00Z", Some(100)),
        ("2029-03-14T23:59:59Z", Some(100)),
        ("2029-03-15T00:00:00Z", Some(47)),
    ] {
        assert_eq!(lifetime_limit(issued.parse().unwrap()), limit, "{issued}");
    }
}

#[test]
fn a_second_more_is_another_day() {
    let lived = |not_before: (i32, u8, u8), days: i64, seconds: i64| {
        leaf_with(|params| {
            params.not_before = date_time_ymd(not_before.0, not_before.1, not_before.2);
            params.not_after =
                params.not_before + std::time::Duration::from_secs((days * 86_400 + seconds) as u64);
        })
    };
    let over = |days, limit| vec![Weakness::LongLived { days, limit }];
    assert_eq!(lived((2026, 1, 1), 398, -1), []);
    assert_eq!(lived((2026, 1, 1), 398, 0), over(399, 398));
    assert_eq!(lived((2026, 3, 15), 200, -1), []);
    assert_eq!(lived((2026, 3, 15), 200, 0), over(201, 200));
}

#[test]
fn an_authority_may_live_long() {
    assert_eq!(found(&root_with("Root", |params| params.not_after = date_time_ymd(2046, 1, 1))), []);
}

#[test]
fn days_left_are_whole_ones() {
    let at = |text: &str| text.parse().unwrap();
    for (end, days) in [
        ("2026-06-15T00:00:00Z", 14),
        ("2026-06-14T23:59:59Z", 13),
        ("2026-06-01T00:00:00Z", 0),
        ("2026-05-31T23:59:59Z", -1),
    ] {
        assert_eq!(days_left(at(end), at("2026-06-01T00:00:00Z")), days, "{end}");
    }
}

#[test]
fn what_is_over_and_what_has_not_begun_are_told() {
    let over = leaf_with(|params| params.not_after = date_time_ymd(2026, 2, 1));
    assert_eq!(over, [Weakness::Expired("2026-02-01T00:00:00Z".parse().unwrap())]);
    let ahead = leaf_with(|params| params.not_before = date_time_ymd(2026, 6, 1));
    assert_eq!(ahead, [Weakness::NotYetValid("2026-06-01T00:00:00Z".parse().unwrap())]);
}

#[test]
fn who_signed_for_themselves_is_told_even_if_they_call_themselves_an_authority() {
    assert_eq!(found(&self_signed_leaf("shop.test")), [Weakness::SelfSigned]);
    let as_authority = root_with("shop.test", |params| {
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.subject_alt_names =
            CertificateParams::new(["shop.test".to_owned()]).unwrap().subject_alt_names;
    });
    assert_eq!(found(&as_authority), [Weakness::SelfSigned]);
}

#[test]
fn a_certificate_without_names_is_told() {
    assert_eq!(leaf_with(|params| params.subject_alt_names.clear()), [Weakness::Nameless]);
}

#[test]
fn who_signs_code_or_ocsp_answers_needs_no_names_and_has_no_limit_of_servers() {
    let without_names = |purposes: &[ExtendedKeyUsagePurpose]| {
        leaf_with(|params| {
            params.subject_alt_names.clear();
            params.not_after = date_time_ymd(2028, 1, 1);
            params.extended_key_usages = purposes.to_vec();
        })
    };
    assert_eq!(without_names(&[ExtendedKeyUsagePurpose::CodeSigning]), []);
    assert_eq!(without_names(&[ExtendedKeyUsagePurpose::OcspSigning]), []);
    for connects in [ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::Any] {
        let found = without_names(&[ExtendedKeyUsagePurpose::CodeSigning, connects]);
        assert!(matches!(found[..], [Weakness::LongLived { .. }, Weakness::Nameless]), "{found:?}");
    }
}

#[test]
fn what_was_made_for_tests_is_told_as_that_and_only_if_it_signed_itself() {
    let signer = testing::key(KeyAlgorithm::EcdsaP256);
    let draft = SelfSignedDraft {
        serial: &Serial::from_bytes(&[1; 16]),
        profile: &Profile::built_in(ProfileKind::Server),
        names: &["shop.test".parse().unwrap()],
        key: signer.public_key(),
        validity: Validity::between(now(), "2026-06-01T00:00:00Z".parse().unwrap()).unwrap(),
    };
    let tbs = draft.to_be_signed(signer.algorithm()).unwrap().to_der().unwrap();
    draft.lint(&tbs, now()).unwrap();
    let der = testing::signed(&signer, &tbs);
    assert_eq!(weaknesses(&der, now()).unwrap(), [Weakness::TestOnly]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pem"), crate::pem::write("CERTIFICATE", &der)).unwrap();
    let verify = format!("verify -x509_strict -attime {} -CAfile pem pem", now().as_second() + 1);
    assert_eq!(openssl(folder.path(), &verify), b"pem: OK\n");

    let pretends = root("Root").leaf_with("shop.test", |params| {
        params.distinguished_name.push(rcgen::DnType::OrganizationName, crate::TEST_ONLY);
    });
    assert_eq!(found(&pretends), []);
}

/// What openssl makes with this key and way of signing.
fn by_openssl(key: &str, digest: &str) -> Vec<Weakness> {
    let folder = tempfile::tempdir().unwrap();
    let run = |command: &str| openssl(folder.path(), command);
    run("req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=Root -days 90 -out root");
    std::fs::write(folder.path().join("names"), "subjectAltName = DNS:shop.test\n").unwrap();
    for step in key.split("; ") {
        run(step);
    }
    run("req -new -key key -subj /CN=shop.test -out request");
    let sign = "x509 -req -in request -CA root -CAkey root.key -extfile names -days 90 -outform DER";
    let der = run(&format!("{sign} {digest}"));
    let begin = CertificateDetails::read(&der).unwrap().validity.begin();
    weaknesses(&der, begin).unwrap()
}

#[test]
fn weak_keys_and_signatures_are_told() {
    let rsa = |bits: u32| format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out key");
    assert_eq!(by_openssl(&rsa(1024), "-sha256"), [Weakness::ShortKey(1024)]);
    assert_eq!(by_openssl(&rsa(2048), "-sha1"), [Weakness::Signature("sha1WithRSAEncryption")]);
    assert_eq!(by_openssl(&rsa(2048), "-md5"), [Weakness::Signature("md5WithRSAEncryption")]);
    let small = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out key";
    assert_eq!(by_openssl(small, "-sha256"), [Weakness::BrokenKey(PublicKeyError::RsaExponent)]);
    let dsa = "dsaparam -out parameters 1024; gendsa -out key parameters";
    assert_eq!(by_openssl(dsa, "-sha256"), [Weakness::Dsa]);
    let pss = "-sigopt rsa_padding_mode:pss";
    let sha1 = [Weakness::Signature("rsassaPss with SHA-1")];
    assert_eq!(by_openssl(&rsa(2048), &format!("-sha1 {pss}")), sha1);
    assert_eq!(by_openssl(&rsa(2048), &format!("-sha256 {pss}")), []);
}

#[test]
fn kinds_of_keys_that_are_not_used_here_are_not_weak_for_that() {
    let curve = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out key";
    assert_eq!(by_openssl(curve, "-sha256"), []);
}

#[test]
fn a_curve_that_public_certificates_may_not_have_is_told() {
    for (name, bits) in [("secp256k1", 256), ("brainpoolP256r1", 256), ("secp224r1", 224)] {
        let key = format!("ecparam -name {name} -genkey -noout -out key");
        let curve = Weakness::Curve { name: name.to_owned(), bits: Some(bits) };
        assert_eq!(by_openssl(&key, "-sha256"), [curve]);
    }
}

#[test]
fn an_rsa_key_that_fills_no_whole_bytes_is_told_and_so_is_a_short_one_that_signs_by_pss_alone() {
    let rsa = |kind: &str, bits: u32| {
        let key = format!("genpkey -algorithm {kind} -pkeyopt rsa_keygen_bits:{bits} -out key");
        by_openssl(&key, "-sha256")
    };
    assert_eq!(rsa("RSA", 2052), [Weakness::OddLength(2052)]);
    assert_eq!(rsa("RSA", 2056), []);
    assert_eq!(rsa("RSA-PSS", 1024), [Weakness::ShortKey(1024)]);
    assert_eq!(rsa("RSA-PSS", 2048), []);
}

#[test]
fn a_serial_number_that_is_negative_or_too_long_is_told() {
    let numbered = |serial: &[u8]| leaf_with(|params| params.serial_number = Some(serial.to_vec().into()));
    assert_eq!(numbered(&[0x7F]), []);
    assert_eq!(numbered(&[1; 20]), []);
    assert_eq!(numbered(&[1; 21]), [Weakness::Serial("longer than 20 bytes")]);
    // What rcgen writes is positive.
    assert_eq!(serial(&[0xFB]), Some("negative"));
}
