//! Signatures between what tokens take and give and what X.509 carries.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_SHA_256, ID_SHA_384, ID_SHA_512};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use der::asn1::{AnyRef, OctetStringRef, UintRef};
use der::{Encode, Sequence};
use spki::AlgorithmIdentifierRef;

use crate::algorithm::SignatureAlgorithm;

/// What a token is asked for.
pub(super) struct Asked {
    how: How,
    /// What it is given: a hash, a DigestInfo or the message.
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Ecdsa,
    Rsa,
    Ed25519,
}

/// DigestInfo (RFC 8017 section 9.2).
#[derive(Sequence)]
struct DigestInfo<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    digest: &'a OctetStringRef,
}

/// Ecdsa-Sig-Value (RFC 3279 section 2.2.3).
#[derive(Sequence)]
struct EcdsaSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

impl Asked {
    /// How to ask for a signature of this kind; `None` where PKCS#11 2.40 has no way. Messages are hashed here,
    /// but for Ed25519, which takes them whole.
    pub(super) fn new(algorithm: SignatureAlgorithm, message: &[u8]) -> Option<Self> {
        let hash = |with| digest(with, message).as_ref().to_vec();
        let (how, data) = match algorithm {
            SignatureAlgorithm::EcdsaSha256 => (How::Ecdsa, hash(&SHA256)),
            SignatureAlgorithm::EcdsaSha384 => (How::Ecdsa, hash(&SHA384)),
            SignatureAlgorithm::RsaSha256 => (How::Rsa, digest_info(ID_SHA_256, &hash(&SHA256))?),
            SignatureAlgorithm::RsaSha384 => (How::Rsa, digest_info(ID_SHA_384, &hash(&SHA384))?),
            SignatureAlgorithm::RsaSha512 => (How::Rsa, digest_info(ID_SHA_512, &hash(&SHA512))?),
            SignatureAlgorithm::Ed25519 => (How::Ed25519, message.to_vec()),
            SignatureAlgorithm::MlDsa44 | SignatureAlgorithm::MlDsa65 | SignatureAlgorithm::MlDsa87 => {
                return None;
            }
        };
        Some(Self { how, data })
    }

    pub(super) fn mechanism(&self) -> Mechanism<'static> {
        match self.how {
            How::Ecdsa => Mechanism::Ecdsa,
            How::Rsa => Mechanism::RsaPkcs,
            How::Ed25519 => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)),
        }
    }

    /// What the token gave, as X.509 carries it; `None` where it is no signature.
    pub(super) fn answered(&self, signature: Vec<u8>) -> Option<Vec<u8>> {
        if self.how == How::Ecdsa { ecdsa_der(&signature) } else { Some(signature) }
    }
}

/// Ecdsa-Sig-Value of r‖s, two numbers of one length (PKCS#11 2.40, section 2.3.1).
fn ecdsa_der(raw: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = raw.split_at_checked(raw.len() / 2)?;
    if r.is_empty() || r.len() != s.len() {
        return None;
    }
    // Numbers in DER have no zeros before them, but one where they would look negative.
    EcdsaSignature { r: UintRef::new(r).ok()?, s: UintRef::new(s).ok()? }.to_der().ok()
}

fn digest_info(hash: ObjectIdentifier, digest: &[u8]) -> Option<Vec<u8>> {
    let algorithm = AlgorithmIdentifierRef { oid: hash, parameters: Some(AnyRef::NULL) };
    DigestInfo { algorithm, digest: OctetStringRef::new(digest).ok()? }.to_der().ok()
}

#[cfg(test)]
mod tests {
    use der::Decode;
    use proptest::prelude::*;

    use super::*;

    /// Bytes of a number that has zeros or a high bit before it as often as not.
    fn number() -> impl Strategy<Value = Vec<u8>> {
        (0_usize..32, prop::sample::select(vec![0x00_u8, 0x01, 0x7f, 0x80, 0xff]), any::<[u8; 32]>())
            .prop_map(|(zeros, first, mut bytes)| {
                bytes[..zeros].fill(0);
                bytes[zeros] = first;
                bytes.to_vec()
            })
    }

    /// Whether a DER INTEGER is the shortest that is not negative.
    fn canonical(bytes: &[u8]) -> bool {
        match bytes {
            [0, next, ..] => next & 0x80 != 0,
            [first, ..] => first & 0x80 == 0,
            [] => false,
        }
    }

    proptest! {
        #[test]
        fn r_and_s_are_canonical_in_der_and_the_same_numbers(r in number(), s in number()) {
            let der = ecdsa_der(&[r.as_slice(), &s].concat()).unwrap();
            let read = EcdsaSignature::from_der(&der).unwrap();
            for (number, read) in [(&r, read.r), (&s, read.s)] {
                let significant = number.iter().position(|byte| *byte != 0).unwrap_or(31);
                prop_assert_eq!(read.as_bytes(), &number[significant..]);
            }
            let r_length = usize::from(der[3]);
            let s_length = usize::from(der[5 + r_length]);
            prop_assert!(canonical(&der[4..4 + r_length]));
            prop_assert!(canonical(&der[6 + r_length..6 + r_length + s_length]));
            prop_assert_eq!(der.len(), 6 + r_length + s_length);
        }

        #[test]
        fn whatever_a_token_gives_does_not_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(ecdsa_der(&raw).is_some(), !raw.is_empty() && raw.len() % 2 == 0);
        }
    }

    #[test]
    fn a_digest_info_is_as_rfc_8017_prints_it() {
        // Section 9.2, note 1.
        let asked = Asked::new(SignatureAlgorithm::RsaSha256, b"message").unwrap();
        let prefix =
            [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        assert_eq!(asked.data[..15], prefix);
        assert_eq!(asked.data[15..19], [0x05, 0x00, 0x04, 0x20]);
        assert_eq!(asked.data.len(), 19 + 32);
    }
}
