//! Requests as openssl and certtool make them, and such as nobody should make.

use der::asn1::{Any, OctetString};
use hermetic_keys::{KeyAlgorithm, LocalSigner, PublicKeyError, Signer};
use proptest::prelude::*;
use tempfile::TempDir;
use x509_cert::ext::Extension;

use super::CertificationRequestError as Error;
use super::*;
use crate::name::NameError;
use crate::peer::{openssl, run};
use crate::testing::{key, signed};
use crate::weak_key::WeakKey;

/// A fresh request by openssl; it writes its key beside it.
fn by_openssl(how: &str) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    openssl(
        folder.path(),
        &format!("req -new -nodes -keyout key.pem -subj /O=Example/CN=shop.example.com {how}"),
    )
}

fn p256(how: &str) -> Vec<u8> {
    by_openssl(&format!("-newkey ec -pkeyopt ec_paramgen_curve:P-256 {how}"))
}

fn refusal(bytes: &[u8]) -> Error {
    CertificationRequest::read(bytes).unwrap_err()
}

fn told(names: &[CanonicalName]) -> Vec<String> {
    names.iter().map(CanonicalName::to_string).collect()
}

/// A request of ours that asks for these extensions.
fn asking_for(key: &LocalSigner, extensions: Vec<Extension>) -> Vec<u8> {
    let value = Any::encode_from(&extensions).unwrap();
    let attribute = |oid| Attribute { oid, values: SetOfVec::try_from(vec![value.clone()]).unwrap() };
    with_attributes(key, vec![attribute(const_oid::db::rfc5912::ID_EXTENSION_REQ)])
}

fn with_attributes(key: &LocalSigner, attributes: Vec<Attribute>) -> Vec<u8> {
    let info = Info {
        version: 0,
        subject: "CN=shop.example.com".parse().unwrap(),
        public_key: key.public_key().info().clone(),
        attributes: Some(SetOfVec::try_from(attributes).unwrap()),
    };
    signed(key, &info.to_der().unwrap())
}

fn extension(oid: &str, critical: bool, content: &[u8]) -> Extension {
    let extn_value = OctetString::new(content).unwrap();
    Extension { extn_id: oid.parse().unwrap(), critical, extn_value }
}

#[test]
fn requests_of_openssl_are_read_whatever_their_keys() {
    for (how, algorithm) in [
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", KeyAlgorithm::EcdsaP256),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384", KeyAlgorithm::EcdsaP384),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha256", KeyAlgorithm::EcdsaP384),
        ("-newkey rsa:2048", KeyAlgorithm::Rsa2048),
        ("-newkey rsa:2048 -sha512 -outform DER", KeyAlgorithm::Rsa2048),
        ("-newkey rsa:3072 -text", KeyAlgorithm::Rsa3072),
        ("-newkey ed25519 -newhdr", KeyAlgorithm::Ed25519),
    ] {
        let how = format!("{how} -addext subjectAltName=DNS:Shop.example.com,IP:::ffff:10.0.0.1");
        let request = CertificationRequest::read(&by_openssl(&how)).unwrap();
        assert_eq!(request.public_key().algorithm(), algorithm);
        assert_eq!(told(request.names()), ["dns:shop.example.com", "ip:10.0.0.1"]);
        assert_eq!(request.subject().to_string(), "CN=shop.example.com,O=Example");
        assert!(!request.is_for_an_authority());
    }
}

#[test]
fn a_request_of_certtool_is_read() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), "certtool", "--generate-privkey --key-type=ecdsa --outfile=key.pem", b"");
    let template = "cn = shop\ndns_name = shop.example.com\nuri = spiffe://example.org/shop\ntls_www_server\n\
        challenge_password = secret\nsigning_key\n";
    std::fs::write(folder.path().join("template"), template).unwrap();
    let text =
        run(folder.path(), "certtool", "--generate-request --load-privkey=key.pem --template=template", b"");
    let request = CertificationRequest::read(&text).unwrap();
    assert_eq!(told(request.names()), ["dns:shop.example.com", "spiffe://example.org/shop"]);
}

#[test]
fn openssl_verifies_our_requests_and_they_read_back() {
    let folder = TempDir::new().unwrap();
    let (key, subject) = (key(KeyAlgorithm::EcdsaP256), "CN=Example issuing,O=Example".parse().unwrap());
    let names: Vec<CanonicalName> = vec!["shop.example.com".parse().unwrap(), "10.0.0.1".parse().unwrap()];
    let party = CertificationRequest::of_party(&subject, &names, key.public_key()).unwrap();
    let authority = CertificationRequest::of_authority(&subject, Some(1), key.public_key()).unwrap();
    for (to_be_signed, seen) in [(party, "DNS:shop.example.com"), (authority, "CA:TRUE, pathlen:1")] {
        let request = CertificationRequest::read(&signed(&key, &to_be_signed)).unwrap();
        assert_eq!(CertificationRequest::read(request.to_pem().as_bytes()).unwrap(), request);
        let shown = run(folder.path(), "openssl", "req -verify -noout -text", request.to_pem().as_bytes());
        assert!(String::from_utf8(shown).unwrap().contains(seen));
    }
}

#[test]
fn a_request_for_an_authority_says_so() {
    let request = p256("-addext basicConstraints=critical,CA:TRUE,pathlen:2 -addext keyUsage=keyCertSign");
    let request = CertificationRequest::read(&request).unwrap();
    assert!(request.is_for_an_authority());
    assert_eq!(request.path_length(), Some(2));
}

#[test]
fn a_request_without_attributes_asks_for_no_names() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let to_be_signed = CertificationRequest::of_party(&DistinguishedName::default(), &[], key.public_key());
    assert_eq!(CertificationRequest::read(&signed(&key, &to_be_signed.unwrap())).unwrap().names(), []);
}

#[test]
fn a_request_with_a_broken_signature_is_refused() {
    let mut request = p256("-outform DER");
    *request.last_mut().unwrap() ^= 1;
    assert_eq!(refusal(&request), Error::BrokenSignature);
}

#[test]
fn a_request_signed_with_another_key_is_refused() {
    let (own, other) = (key(KeyAlgorithm::EcdsaP256), key(KeyAlgorithm::EcdsaP256));
    let info = CertificationRequest::of_party(&DistinguishedName::default(), &[], own.public_key()).unwrap();
    assert_eq!(refusal(&signed(&other, &info)), Error::BrokenSignature);
}

#[test]
fn a_weak_key_is_refused() {
    let roca = include_bytes!("testdata/roca.pem");
    assert_eq!(refusal(roca), Error::WeakKey(WeakKey::Roca));
    assert!(matches!(refusal(&by_openssl("-newkey rsa:1024")), Error::Key(PublicKeyError::RsaLength(1024))));
    let small_exponent = by_openssl("-newkey rsa:2048 -pkeyopt rsa_keygen_pubexp:3");
    assert!(matches!(refusal(&small_exponent), Error::Key(PublicKeyError::RsaExponent)));
}

#[test]
fn a_key_of_an_unknown_kind_is_refused() {
    for curve in ["secp256k1", "P-521", "P-224"] {
        let request = by_openssl(&format!("-newkey ec -pkeyopt ec_paramgen_curve:{curve}"));
        assert!(matches!(refusal(&request), Error::Key(PublicKeyError::Unsupported(_))), "{curve}");
    }
}

#[test]
fn a_request_signed_with_sha_1_is_refused() {
    let told = refusal(&by_openssl("-newkey rsa:2048 -sha1")).to_string();
    assert!(told.contains("sha1WithRSAEncryption (1.2.840.113549.1.1.5)"), "{told}");
    assert!(matches!(refusal(&p256("-sha512")), Error::SignatureAlgorithm(_)));
}

#[test]
fn what_follows_a_request_is_refused() {
    let request = p256("-outform DER");
    assert_eq!(refusal(&[request.as_slice(), b"\x00\x01"].concat()), Error::TrailingBytes(2));
    let text = p256("");
    assert_eq!(refusal(&text.repeat(2)), Error::Several(2));
}

#[test]
fn what_is_no_request_is_refused() {
    assert_eq!(refusal(b""), Error::NoRequest);
    assert_eq!(refusal(b"Dear authority, please"), Error::NoRequest);
    assert_eq!(
        refusal(&[0x30; CertificationRequest::LARGEST + 1]),
        Error::TooLarge(CertificationRequest::LARGEST + 1)
    );
    assert_eq!(
        refusal(b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
        Error::Label("CERTIFICATE".to_owned())
    );
    assert!(matches!(refusal(b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n"), Error::Pem(_)));
    assert!(matches!(refusal(b"\x30\x80\x00\x00"), Error::Malformed(_)));
    let request = p256("-outform DER");
    assert!(matches!(refusal(&request[..request.len() - 1]), Error::Malformed(_)));
}

#[test]
fn a_request_of_version_2_is_refused() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let (subject, public_key) = (DistinguishedName::default(), key.public_key().info().clone());
    let info = Info { version: 1, subject, public_key, attributes: None };
    assert_eq!(refusal(&signed(&key, &info.to_der().unwrap())), Error::Version(1));
}

#[test]
fn names_that_are_none_are_refused() {
    for (written, reason) in [
        ("DNS:my_service.example", "underscore"),
        ("DNS:a.*.example.com", "not a DNS name"),
        ("DNS:xn--bcher-kv.example", "no valid punycode"),
        ("DNS:10.0.0.1", "taken for an IP address"),
        ("URI:spiffe://example.org/a/../b", "not a SPIFFE ID"),
        ("URI:https://example.org/", "kind URI"),
        ("email:a@example.org", "kind e-mail address"),
        ("RID:1.2.3.4", "kind registered identifier"),
    ] {
        let refusal = refusal(&p256(&format!("-addext subjectAltName={written}")));
        assert!(matches!(refusal, Error::Name(_)), "{written}");
        assert!(refusal.to_string().contains(reason), "{written}: {refusal}");
    }
}

#[test]
fn names_that_can_not_be_read_are_refused() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let refusal = |content: &[u8]| refusal(&asking_for(&key, vec![extension("2.5.29.17", false, content)]));
    assert_eq!(refusal(b"\x30\x00"), Error::NoNames);
    assert_eq!(refusal(b"\x30\x05\x87\x03\x0a\x00\x00"), Error::Name(NameError::AddressLength(3)));
    // A U-label: IA5String is ASCII.
    assert!(matches!(
        refusal("\u{30}\u{b}\u{82}\u{9}ü.example".as_bytes()),
        Error::MalformedExtension { .. }
    ));
    assert!(matches!(refusal(b"\x30\x03\x83\x01\x00"), Error::MalformedExtension { .. }));
}

#[test]
fn an_unknown_extension_is_refused_only_if_it_is_critical() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let asking = |critical| asking_for(&key, vec![extension("1.2.3.4", critical, b"\x05\x00")]);
    CertificationRequest::read(&asking(false)).unwrap();
    assert_eq!(refusal(&asking(true)), Error::UnknownCriticalExtension("1.2.3.4".parse().unwrap()));
}

#[test]
fn an_extension_or_attribute_that_is_there_twice_is_refused() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let twice = extension("1.2.3.4", false, b"\x05\x00");
    let refused = refusal(&asking_for(&key, vec![twice.clone(), twice.clone()]));
    assert_eq!(refused, Error::Twice("1.2.3.4".parse().unwrap()));
    let value = Any::encode_from(&vec![twice]).unwrap();
    let asking = |oid: &str| Attribute {
        oid: oid.parse().unwrap(),
        values: SetOfVec::try_from(vec![value.clone()]).unwrap(),
    };
    let (ours, theirs) = ("1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14");
    CertificationRequest::read(&with_attributes(&key, vec![asking(theirs)])).unwrap();
    for second in [ours, theirs] {
        let refused = refusal(&with_attributes(&key, vec![asking(ours), asking(second)]));
        assert_eq!(refused, Error::Twice(ours.parse().unwrap()));
    }
}

#[test]
fn a_list_of_extensions_that_is_none_is_refused() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let attribute = |values: Vec<Any>| Attribute {
        oid: const_oid::db::rfc5912::ID_EXTENSION_REQ,
        values: SetOfVec::try_from(values).unwrap(),
    };
    let empty = Any::encode_from(&Vec::<Extension>::new()).unwrap();
    for values in [vec![], vec![Any::null()], vec![empty.clone(), empty]] {
        let refused = refusal(&with_attributes(&key, vec![attribute(values)]));
        assert!(matches!(refused, Error::MalformedExtension { .. }), "{refused}");
    }
    let constraints = extension("2.5.29.19", true, b"\x30\x03\x01\x01\x01");
    assert!(matches!(refusal(&asking_for(&key, vec![constraints])), Error::MalformedExtension { .. }));
}

#[test]
fn an_encoding_that_is_not_der_is_refused() {
    let key = key(KeyAlgorithm::EcdsaP256);
    // An extension with `critical FALSE` written out, which DER leaves out.
    let extensions =
        Any::from_der(b"\x30\x0e\x30\x0c\x06\x03\x2a\x03\x04\x01\x01\x00\x04\x02\x05\x00").unwrap();
    let attribute = Attribute {
        oid: const_oid::db::rfc5912::ID_EXTENSION_REQ,
        values: SetOfVec::try_from(vec![extensions]).unwrap(),
    };
    assert_eq!(refusal(&with_attributes(&key, vec![attribute])), Error::NotDer);
    // A subject with a set out of order.
    let unsorted =
        b"\x30\x18\x31\x16\x30\x0a\x06\x03\x55\x04\x03\x0c\x03abc\x30\x08\x06\x03\x55\x04\x0a\x0c\x01b";
    let subject = DistinguishedName::from_der(unsorted).unwrap();
    let info = CertificationRequest::of_party(&subject, &[], key.public_key()).unwrap();
    assert_eq!(refusal(&signed(&key, &info)), Error::NotDer);
}

/// One request for all cases of a property, since making one takes long.
fn whole() -> &'static [u8] {
    static REQUEST: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    REQUEST.get_or_init(|| p256("-outform DER -addext subjectAltName=DNS:shop.example.com,IP:10.0.0.1"))
}

proptest! {
    #[test]
    fn no_bit_of_a_request_can_be_changed(index: prop::sample::Index, bit in 0_u8..8) {
        let mut request = whole().to_vec();
        *index.get_mut(&mut request) ^= 1 << bit;
        prop_assert!(CertificationRequest::read(&request).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_stumble(bytes: Vec<u8>) {
        let _ = CertificationRequest::read(&bytes);
        let _ = CertificationRequest::read(&[b"\x30".as_slice(), &bytes].concat());
    }

    #[test]
    fn no_extensions_make_the_reader_stumble(oid in 0_usize..6, critical: bool, content: Vec<u8>) {
        let oids = ["2.5.29.17", "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.14", "2.5.29.30"];
        let _ = Requested::of_extensions(&[extension(oids[oid], critical, &content)]);
    }
}
