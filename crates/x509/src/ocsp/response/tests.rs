use hermetic_keys::{LocalSigner, Signer};
use jiff::ToSpan;
use proptest::prelude::*;
use rcgen::ExtendedKeyUsagePurpose;

use super::*;
use crate::foreign::{Party, now, root};
use crate::ocsp::{AnswerDraft, HashAlgorithm, SingleAnswer, assemble};
use crate::testing::sign;

fn signer(party: &Party) -> LocalSigner {
    LocalSigner::from_pkcs8(&party.key.serialize_der()).unwrap()
}

/// What `by` answers of a certificate of `issuer`'s, with these certificates beside it.
fn answered(by: &LocalSigner, issuer: &Party, of: &Party, status: Status, with: &[&[u8]]) -> Vec<u8> {
    let authority = AuthorityCertificate::from_der(&issuer.der).unwrap();
    let hashes = IssuerHashes::of(&authority).unwrap();
    let serial = CertificateDetails::read(&of.der).unwrap().serial;
    let id = CertificateId::new(&hashes, HashAlgorithm::Sha1, &Serial::from_bytes(&serial)).unwrap();
    let hour = 1.hour();
    let single =
        SingleAnswer { certificate: &id, status, this_update: now() - hour, next_update: now() + hour };
    let draft = AnswerDraft {
        responder: by.public_key(),
        produced_at: now(),
        answers: std::slice::from_ref(&single),
        nonce: None,
    };
    let to_be_signed = draft.to_der().unwrap();
    assemble(&to_be_signed, by.algorithm(), &sign(by, &to_be_signed), by.public_key(), with).unwrap()
}

fn revoked() -> Status {
    Status::Revoked(Revocation { at: now() - 2.hours(), reason: RevocationReason::KeyCompromise })
}

#[test]
fn what_the_issuer_says_is_believed() {
    let issuer = root("Root");
    let leaf = issuer.leaf("shop.test");
    for status in [Status::Good, Status::Unknown, revoked()] {
        let der = answered(&signer(&issuer), &issuer, &leaf, status, &[]);
        let response = Response::read(&der).unwrap();
        assert_eq!(response.says_of(&leaf.der, &issuer.der, now()).unwrap().status, status);
    }
}

#[test]
fn what_is_early_or_stale_is_not_believed() {
    let issuer = root("Root");
    let leaf = issuer.leaf("shop.test");
    let response = Response::read(&answered(&signer(&issuer), &issuer, &leaf, Status::Good, &[])).unwrap();
    let at = |at| response.says_of(&leaf.der, &issuer.der, at).unwrap_err();
    assert_eq!(at(now() + 2.hours()), Disbelief::Stale(now() + 1.hour()));
    assert_eq!(at(now() - 2.hours()), Disbelief::NotYet(now() - 1.hour()));
}

#[test]
fn a_responder_speaks_for_the_issuer_only_with_its_certificate_for_that() {
    let issuer = root("Root");
    let leaf = issuer.leaf("shop.test");
    let responder = issuer.leaf_with("ocsp.test", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    });
    let server = issuer.leaf("server.test");
    let stranger = root("Root").leaf_with("ocsp.test", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    });
    for (by, believed) in [(&responder, true), (&server, false), (&stranger, false)] {
        let der = answered(&signer(by), &issuer, &leaf, Status::Good, &[&by.der]);
        let said = Response::read(&der).unwrap().says_of(&leaf.der, &issuer.der, now()).cloned();
        assert_eq!(said.is_ok(), believed, "{said:?}");
    }
    let alone = answered(&signer(&responder), &issuer, &leaf, Status::Good, &[]);
    let said = Response::read(&alone).unwrap().says_of(&leaf.der, &issuer.der, now()).cloned();
    assert_eq!(said, Err(Disbelief::Signature));
}

#[test]
fn what_is_said_of_another_certificate_counts_for_none() {
    let issuer = root("Root");
    let (leaf, other) = (issuer.leaf("shop.test"), issuer.leaf("other.test"));
    let response = Response::read(&answered(&signer(&issuer), &issuer, &other, Status::Good, &[])).unwrap();
    assert_eq!(response.says_of(&leaf.der, &issuer.der, now()).cloned(), Err(Disbelief::OfAnother));
}

#[test]
fn a_refusal_is_told_by_its_name() {
    let read = Response::read(&[0x30, 3, 0x0a, 1, 6]);
    assert_eq!(read, Err(ResponseError::Refused("unauthorized")));
}

#[test]
fn a_question_is_what_responders_read() {
    let issuer = root("Root");
    let hashes = IssuerHashes::of(&AuthorityCertificate::from_der(&issuer.der).unwrap()).unwrap();
    let id = CertificateId::new(&hashes, HashAlgorithm::Sha1, &Serial::from_bytes(&[7])).unwrap();
    let read = crate::ocsp::Request::read(&crate::ocsp::question(&id).unwrap()).unwrap();
    assert_eq!((read.certificates(), read.nonce()), (&[id][..], None));
}

#[test]
fn what_was_signed_can_t_be_changed() {
    let issuer = root("Root");
    let leaf = issuer.leaf("shop.test");
    let sound = answered(&signer(&issuer), &issuer, &leaf, Status::Good, &[]);
    let signed = Response::read(&sound).unwrap().signed.to_be_signed;
    for place in 0..sound.len() {
        let mut changed = sound.clone();
        changed[place] ^= 1;
        let Ok(response) = Response::read(&changed) else { continue };
        let believed = response.says_of(&leaf.der, &issuer.der, now()).is_ok();
        assert!(!believed || response.signed.to_be_signed == signed, "byte {place}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_response_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Response::read(&bytes);
    }
}
