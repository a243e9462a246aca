//! What openssl asks, as we read it.

use hermetic_keys::KeyAlgorithm;
use hermetic_x509::ocsp::{HashAlgorithm, IssuerHashes, Request};

use crate::peers::Desk;
use crate::world::Authority;

fn request(desk: &Desk, about: &str) -> Request {
    desk.run(&format!("openssl ocsp -issuer ca.pem {about} -reqout request.der"));
    Request::read(&desk.take("request.der")).unwrap()
}

#[test]
fn certificates_are_named_by_their_issuer_and_serial_by_either_hash() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    // Of the same name, as a root that came after another is.
    let other = Authority::root(KeyAlgorithm::EcdsaP256);
    let leaf = root.issue(&[0x91; 19]);
    let desk = Desk::new();
    desk.put_pem("ca.pem", "CERTIFICATE", &[&root.der]).put_pem("leaf.pem", "CERTIFICATE", &[&leaf.der]);
    let (ours, theirs) = (&root.certificate, &other.certificate);
    let (ours, theirs) = (IssuerHashes::of(ours).unwrap(), IssuerHashes::of(theirs).unwrap());
    for (option, hash) in [("-sha1", HashAlgorithm::Sha1), ("-sha256", HashAlgorithm::Sha256)] {
        let request = request(&desk, &format!("{option} -cert leaf.pem"));
        let [id] = request.certificates() else { panic!("{request:?}") };
        assert_eq!((id.hash(), id.serial()), (Some(hash), &leaf.serial));
        assert!(id.is_of(&ours) && !id.is_of(&theirs));
    }
    let unserved = request(&desk, "-sha384 -cert leaf.pem");
    assert_eq!(unserved.certificates()[0].hash(), None);
    assert!(!unserved.certificates()[0].is_of(&ours));
}

#[test]
fn only_one_certificate_by_sha_1_has_an_answer_that_was_signed_ahead() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    let desk = Desk::new();
    desk.put_pem("ca.pem", "CERTIFICATE", &[&root.der]);
    assert!(request(&desk, "-sha1 -serial 7").lightweight().is_some());
    assert!(request(&desk, "-sha1 -no_nonce -serial 7").lightweight().is_some());
    assert!(request(&desk, "-sha256 -serial 7").lightweight().is_none());
    assert!(request(&desk, "-sha1 -serial 7 -serial 8").lightweight().is_none());
}

#[test]
fn a_nonce_is_read_where_there_is_one() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    let desk = Desk::new();
    desk.put_pem("ca.pem", "CERTIFICATE", &[&root.der]);
    assert_eq!(request(&desk, "-serial 7").nonce().unwrap().as_bytes().len(), 16);
    assert!(request(&desk, "-no_nonce -serial 7").nonce().is_none());
}

#[test]
fn who_signed_a_request_is_not_looked_at() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    let desk = Desk::new();
    desk.put_pem("ca.pem", "CERTIFICATE", &[&root.der]);
    desk.run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout me.key -out me.pem -subj /CN=me");
    let request = request(&desk, "-serial 7 -signer me.pem -signkey me.key");
    assert_eq!(request.certificates().len(), 1);
}
