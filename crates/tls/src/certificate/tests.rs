use super::*;
use crate::testing::*;
use crate::{CertificateError, Chain, Credential, PrivateKey, TrustAnchors};

#[test]
fn the_facts_are_those_in_the_certificate() {
    let authority = Authority::new("Test CA");
    let leaf =
        authority.issue(&["shop.test", "*.api.test", "10.0.0.1", "::1", "spiffe://test/edge"]).leaf().clone();
    let names: Vec<String> = leaf.identities.iter().map(Identity::to_string).collect();
    assert_eq!(names, ["dns:shop.test", "dns:*.api.test", "ip:10.0.0.1", "ip:::1", "spiffe://test/edge"]);
    assert_eq!((leaf.subject.as_str(), leaf.issuer.as_str()), ("", "CN=Test CA"));
    assert_eq!(leaf.not_before.to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(leaf.not_after.to_string(), "2027-01-01T00:00:00Z");
    assert!(!leaf.is_authority && !leaf.is_self_issued);
    assert_eq!(leaf.fingerprint.0, sha256(&leaf.der));

    let root = authority.trust().certificates()[0].clone();
    assert!(root.is_authority && root.is_self_issued);
    assert_eq!(root.subject, "CN=Test CA");
}

#[test]
fn a_name_that_is_no_identity_is_skipped() {
    let leaf = Authority::new("ca").issue(&["https://shop.test/x", "shop test", "shop.test"]).leaf().clone();
    assert_eq!(leaf.identities, ["dns:shop.test".parse().unwrap()]);
}

#[test]
fn bytes_that_are_no_certificate_are_an_error() {
    let der = Authority::new("ca").issue(&["shop.test"]).leaf().der.clone();
    for cut in 0..der.len() {
        assert!(matches!(Certificate::from_der(&der[..cut]), Err(CertificateError::Malformed(_))));
    }
    let trailing = [&der[..], &[0]].concat();
    assert!(matches!(Certificate::from_der(&trailing), Err(CertificateError::Malformed(_))));
}

#[test]
fn a_serial_has_no_leading_zeros() {
    assert_eq!(Serial::from_bytes(&[0, 0, 0x0a, 0x00]).to_string(), "0a00");
    assert_eq!(Serial::from_bytes(&[0, 0]).to_string(), "00");
    assert_eq!(Serial::from_bytes(&[0x9f]).as_bytes(), [0x9f]);
}

#[test]
fn a_validity_without_end_is_the_last_instant_there_is() {
    let leaf = Authority::new("ca").issue_within(&["shop.test"], (2026, 1, 1), (9999, 12, 31)).leaf().clone();
    assert_eq!(leaf.not_after, Timestamp::MAX);
}

#[test]
fn a_chain_survives_the_way_through_pem() {
    let authority = Authority::new("ca");
    let pem =
        authority.issue(&["shop.test"]).chain().to_pem() + &authority.trust().certificates()[0].to_pem();
    let chain = Chain::from_pem(&pem).unwrap();
    assert_eq!(chain.certificates().len(), 2);
    assert!(chain.leaf().covers_host("shop.test"));
    assert_eq!(chain.to_pem(), pem);
    let ders: Vec<_> = chain.certificates().iter().map(|certificate| certificate.der.as_ref()).collect();
    assert_eq!(Chain::from_ders(ders).unwrap(), chain);
}

#[test]
fn pem_without_what_is_sought_is_an_error_that_says_so() {
    let authority = Authority::new("ca");
    let credential = authority.issue(&["shop.test"]);
    assert_eq!(Chain::from_pem("").unwrap_err(), CertificateError::NoCertificate);
    assert_eq!(TrustAnchors::from_pem("").unwrap_err(), CertificateError::NoCertificate);
    assert_eq!(PrivateKey::from_pem(&credential.chain().to_pem()).unwrap_err(), CertificateError::NoKey);
    let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    assert!(matches!(Chain::from_pem(broken), Err(CertificateError::Pem(_))));
    assert!(matches!(PrivateKey::from_pkcs8(vec![1, 2, 3]), Err(CertificateError::Key(_))));
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert!(PrivateKey::from_pem(encrypted).unwrap_err().to_string().contains("passphrase"));
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let authority = Authority::new("ca");
    let (one, other) = (authority.issue(&["shop.test"]), authority.issue(&["shop.test"]));
    let error = Credential::new(one.chain().clone(), other.key().clone()).unwrap_err();
    assert_eq!(error, CertificateError::KeyMismatch);
}

/// PKCS#1 and SEC1 keys are what PKCS#8 holds inside.
fn older_form(label: &str, pkcs8: &[u8]) -> String {
    let fields = Vec::<Any>::from_der(pkcs8).unwrap();
    der::pem::encode_string(label, der::pem::LineEnding::LF, fields[2].value()).unwrap()
}

#[test]
fn a_key_in_an_older_form_becomes_pkcs8() {
    for (label, algorithm) in [
        ("EC PRIVATE KEY", &rcgen::PKCS_ECDSA_P256_SHA256),
        ("EC PRIVATE KEY", &rcgen::PKCS_ECDSA_P384_SHA384),
        ("RSA PRIVATE KEY", &rcgen::PKCS_RSA_SHA256),
    ] {
        let pair = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let params = rcgen::CertificateParams::new(["shop.test".to_owned()]).unwrap();
        let chain = Chain::from_pem(&params.self_signed(&pair).unwrap().pem()).unwrap();
        let key = PrivateKey::from_pem(&older_form(label, pair.serialized_der())).unwrap();
        assert!(PrivateKey::from_pkcs8(key.expose_der().to_vec()).is_ok());
        Credential::new(chain, key).unwrap();
    }
}

#[test]
fn a_key_is_never_shown() {
    let credential = Authority::new("ca").issue(&["shop.test"]);
    assert_eq!(format!("{:?}", credential.key()), "PrivateKey(…)");
    assert!(!format!("{credential:?}").contains("key"));
}

#[test]
fn the_order_of_anchors_does_not_change_their_digest() {
    let (one, two) = (Authority::new("one").trust(), Authority::new("two").trust());
    let both = |a: &TrustAnchors, b: &TrustAnchors| {
        TrustAnchors::new([a.certificates(), b.certificates()].concat()).unwrap().digest()
    };
    assert_eq!(both(&one, &two), both(&two, &one));
    assert_ne!(both(&one, &two), one.digest());
    assert_ne!(one.digest(), two.digest());
}
