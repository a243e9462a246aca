//! The last look before signing, given leaves that no code of ours builds.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_CE_ISSUER_ALT_NAME};
use der::Encode;
use der::asn1::OctetString;
use hermetic_tls::Clock;
use spki::AlgorithmIdentifierOwned;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use super::world::*;
use crate::issuer::Issuer;
use crate::lint::{Purpose, check};
use crate::public_key::PublicKey;
use crate::tbs::ToBeSigned;
use crate::{LocalSigner, Signer, Usage, profile, validity};

/// An issuer, and a leaf of it that is as it should be.
async fn sound() -> (Scene, Issuer, ToBeSigned) {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let issuer = authority.inner.issuance.issuer.clone();
    let (key, _) = LocalSigner::generate().unwrap();
    let key = PublicKey::from_der(key.public_key()).unwrap();
    let validity = validity::of_leaf(scene.clock.now(), DAY, issuer.certificate()).unwrap();
    let serial = SerialNumber::new(&[0x2a; 20]).unwrap();
    let request = request(Usage::Server);
    let leaf = profile::leaf(&issuer, &key, serial, validity, &request.identities, Usage::Server).unwrap();
    (scene, issuer, leaf)
}

fn problem(issuer: &Issuer, leaf: &ToBeSigned) -> Option<String> {
    let request = request(Usage::Server);
    let purpose = Purpose::Leaf(&request.identities, Usage::Server);
    check(&leaf.to_der().unwrap(), purpose, Some(issuer)).err().map(|error| error.to_string())
}

/// Puts something else into an extension of the leaf.
fn with<T: const_oid::AssociatedOid + Encode>(leaf: &ToBeSigned, critical: bool, content: &T) -> ToBeSigned {
    let mut leaf = leaf.clone();
    for extension in &mut leaf.extensions {
        if extension.extn_id == T::OID {
            extension.critical = critical;
            extension.extn_value = OctetString::new(content.to_der().unwrap()).unwrap();
        }
    }
    leaf
}

fn without(leaf: &ToBeSigned, index: usize) -> ToBeSigned {
    let mut leaf = leaf.clone();
    leaf.extensions.remove(index);
    leaf
}

fn usages(purposes: &[ObjectIdentifier]) -> ExtendedKeyUsage {
    ExtendedKeyUsage(purposes.to_vec())
}

#[tokio::test]
async fn a_sound_leaf_passes() {
    let (_scene, issuer, leaf) = sound().await;
    assert_eq!(problem(&issuer, &leaf), None);
}

#[tokio::test]
async fn each_fault_is_found_before_anything_is_signed() {
    let (_scene, issuer, leaf) = sound().await;
    let serial =
        |bytes: &[u8]| ToBeSigned { serial_number: SerialNumber::new(bytes).unwrap(), ..leaf.clone() };
    let life =
        |not_before, not_after| ToBeSigned { validity: Validity::new(not_before, not_after), ..leaf.clone() };
    let Validity { not_before, not_after, .. } = leaf.validity;
    let extra = |id: ObjectIdentifier| {
        let mut leaf = leaf.clone();
        let extn_value = OctetString::new([0x05, 0x00]).unwrap();
        leaf.extensions.push(Extension { extn_id: id, critical: false, extn_value });
        leaf
    };
    let ca = BasicConstraints { ca: true, path_len_constraint: None };
    let encipherment = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment);
    let other_names = SubjectAltName(vec![std::net::IpAddr::from([10, 0, 0, 1]).into()]);
    let sha384 =
        AlgorithmIdentifierOwned { oid: const_oid::db::rfc5912::ECDSA_WITH_SHA_384, parameters: None };
    for (faulty, found) in [
        (serial(&[0]), "serial number is zero"),
        (serial(&[1, 2, 3]), "too short to be random"),
        (ToBeSigned { version: Version::V1, ..leaf.clone() }, "version is not 3"),
        (ToBeSigned { signature: sha384, ..leaf.clone() }, "signature algorithm"),
        (ToBeSigned { issuer: "CN=somebody else".parse().unwrap(), ..leaf.clone() }, "issuer is not the one"),
        (ToBeSigned { issuer: Default::default(), ..leaf.clone() }, "issuer has no name"),
        (ToBeSigned { subject: "CN=edge".parse().unwrap(), ..leaf.clone() }, "critical, or not, wrongly"),
        (life(not_after, not_before), "ends before it begins"),
        (life(not_before, "2099-01-01T00:00:00Z".parse().unwrap()), "outlives its issuer"),
        (life("2020-01-01T00:00:00Z".parse().unwrap(), not_after), "begins before its issuer"),
        (with(&leaf, true, &SubjectAltName(vec![])), "alternative names are empty"),
        (with(&leaf, true, &other_names), "not the requested ones"),
        (with(&leaf, true, &ca), "basic constraints"),
        (with(&leaf, true, &encipherment), "its key usage"),
        (with(&leaf, false, &KeyUsage(KeyUsages::DigitalSignature.into())), "its key usage"),
        (with(&leaf, false, &usages(&[ANY_EXTENDED_KEY_USAGE])), "extended key usage"),
        (with(&leaf, false, &usages(profile::purposes(Usage::Both))), "extended key usage"),
        (without(&leaf, 0), "no alternative names"),
        (without(&leaf, 2), "its key usage"),
        (without(&leaf, 3), "extended key usage"),
        (without(&leaf, 4), "key identifier"),
        (without(&leaf, 5), "issuer's key"),
        (extra(ID_CE_ISSUER_ALT_NAME), "that we do not write"),
        (extra(leaf.extensions[0].extn_id), "twice"),
    ] {
        let problem = problem(&issuer, &faulty).unwrap_or_default();
        assert!(problem.contains(found), "{found}: {problem}");
    }
}

#[tokio::test]
async fn a_leaf_of_another_issuer_is_refused() {
    let (_scene, issuer, leaf) = sound().await;
    let (_other_scene, other, _) = sound().await;
    assert_eq!(problem(&issuer, &leaf), None);
    assert!(problem(&other, &leaf).unwrap().contains("its issuer is not the one that signs"));
}

#[tokio::test]
async fn bytes_with_something_behind_them_are_refused() {
    let (_scene, issuer, leaf) = sound().await;
    let request = request(Usage::Server);
    let mut bytes = leaf.to_der().unwrap();
    bytes.push(0);
    check(&bytes, Purpose::Leaf(&request.identities, Usage::Server), Some(&issuer)).unwrap_err();
}
