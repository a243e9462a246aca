//! Keys, signatures and instants for tests.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_keys::{KeyAlgorithm, LocalSigner, Signer};

use hermetic_tls::Serial;

use crate::certificate::{AuthorityCertificate, AuthorityDraft, Publication, certify};
use crate::constraints::NameConstraints;
use crate::signed::assemble;
use crate::validity::Validity;

/// A fresh key.
pub(crate) fn key(algorithm: KeyAlgorithm) -> LocalSigner {
    LocalSigner::generate(algorithm).unwrap().0
}

/// Signs, with a key that answers at once.
pub(crate) fn sign(signer: &LocalSigner, message: &[u8]) -> Vec<u8> {
    match pin!(signer.sign(message)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(signature) => signature.unwrap(),
        Poll::Pending => panic!("a key in this process answers at once"),
    }
}

/// Signs, and puts the signature behind what was signed.
pub(crate) fn signed(signer: &LocalSigner, to_be_signed: &[u8]) -> Vec<u8> {
    let signature = sign(signer, to_be_signed);
    assemble(to_be_signed, signer.algorithm(), &signature, signer.public_key()).unwrap()
}

/// An authority that can sign.
pub(crate) struct Authority {
    pub(crate) certificate: AuthorityCertificate,
    pub(crate) signer: LocalSigner,
}

/// An authority with a fresh key on P-256, below another or for itself.
pub(crate) fn authority(
    subject: &str,
    issuer: Option<&Authority>,
    path_length: Option<u8>,
    name_constraints: Option<&NameConstraints>,
    validity: Validity,
) -> Authority {
    let (signer, subject) = (key(KeyAlgorithm::EcdsaP256), subject.parse().unwrap());
    let draft = AuthorityDraft {
        serial: &Serial::from_bytes(&[0x17; 20]),
        subject: &subject,
        key: signer.public_key(),
        validity,
        path_length,
        name_constraints,
        publication: Publication::NONE,
    };
    let by = issuer.map_or(&signer, |issuer| &issuer.signer);
    let certificate = match issuer {
        Some(issuer) => draft.under(&issuer.certificate, by.algorithm()),
        None => draft.root(by.algorithm()),
    };
    let to_be_signed = certificate.unwrap().to_der().unwrap();
    let der = certify(&to_be_signed, &sign(by, &to_be_signed), by.public_key()).unwrap();
    Authority { certificate: AuthorityCertificate::from_der(&der).unwrap(), signer }
}
