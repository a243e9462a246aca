//! Public keys.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION};
use spki::SubjectPublicKeyInfoOwned;

use super::hex;
use super::object::{long_name, short_name};
use super::value::{self, tag};

/// Curves: their sizes in bits, and what NIST calls them.
const CURVES: [(&str, usize, Option<&str>); 9] = [
    ("1.2.840.10045.3.1.1", 192, Some("P-192")),
    ("1.3.132.0.33", 224, Some("P-224")),
    ("1.2.840.10045.3.1.7", 256, Some("P-256")),
    ("1.3.132.0.34", 384, Some("P-384")),
    ("1.3.132.0.35", 521, Some("P-521")),
    ("1.3.132.0.10", 256, None),
    ("1.3.36.3.3.2.8.1.1.7", 256, None),
    ("1.3.36.3.3.2.8.1.1.11", 384, None),
    ("1.3.36.3.3.2.8.1.1.13", 512, None),
];

/// Kinds whose keys are a string of bytes: EdDSA, X25519 and the like, and ML-DSA.
const PLAIN: [(&str, &str); 7] = [
    ("1.3.101.112", "ED25519"),
    ("1.3.101.113", "ED448"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

const INDENT: usize = 16;

/// Kind and value of a public key.
pub(super) fn public_key(info: &SubjectPublicKeyInfoOwned) -> String {
    let oid = info.algorithm.oid;
    let bits = info.subject_public_key.raw_bytes();
    let value = match oid {
        RSA_ENCRYPTION => rsa(bits),
        ID_EC_PUBLIC_KEY => ec(info, bits),
        other => plain(other, bits),
    };
    let value = value.unwrap_or_else(|| format!("{:INDENT$}Public-Key:\n", "") + &labelled("pub:", bits));
    format!("        Subject Public Key Info:\n            Public Key Algorithm: {}\n{value}", kind(oid))
}

/// The name of a kind of key or signature. OpenSSL 3.0 does not know those of FIPS 204 yet.
pub(crate) fn kind(oid: ObjectIdentifier) -> String {
    let plain = PLAIN.iter().find(|(known, _)| *known == oid.to_string()).map(|(_, name)| (*name).to_owned());
    plain.unwrap_or_else(|| long_name(oid))
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
fn rsa(bits: &[u8]) -> Option<String> {
    let parts = value::one(bits)?.within(tag::SEQUENCE)?;
    let [modulus, exponent] = parts.as_slice() else { return None };
    let (modulus, exponent) = (modulus.bytes(tag::INTEGER)?, exponent.bytes(tag::INTEGER)?);
    let significant: Vec<u8> = modulus.iter().copied().skip_while(|byte| *byte == 0).collect();
    let unused = significant.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let size = significant.len() * 8 - unused;
    let exponent = exponent
        .iter()
        .try_fold(0_u64, |sum, byte| sum.checked_mul(256).map(|sum| sum + u64::from(*byte)))?;
    let head = format!("{:INDENT$}Public-Key: ({size} bit)\n", "");
    let tail = format!("{:INDENT$}Exponent: {exponent} ({exponent:#x})\n", "");
    Some(head + &labelled("Modulus:", modulus) + &tail)
}

fn ec(info: &SubjectPublicKeyInfoOwned, bits: &[u8]) -> Option<String> {
    let curve: ObjectIdentifier = info.algorithm.parameters.as_ref()?.decode_as().ok()?;
    let (_, size, nist) = CURVES.iter().find(|(oid, ..)| *oid == curve.to_string())?;
    let mut text = format!("{:INDENT$}Public-Key: ({size} bit)\n", "") + &labelled("pub:", bits);
    text += &format!("{:INDENT$}ASN1 OID: {}\n", "", short_name(curve));
    if let Some(nist) = nist {
        text += &format!("{:INDENT$}NIST CURVE: {nist}\n", "");
    }
    Some(text)
}

fn plain(oid: ObjectIdentifier, bits: &[u8]) -> Option<String> {
    let (_, name) = PLAIN.iter().find(|(known, _)| *known == oid.to_string())?;
    Some(format!("{:INDENT$}{name} Public-Key:\n", "") + &labelled("pub:", bits))
}

fn labelled(label: &str, bytes: &[u8]) -> String {
    format!("{:INDENT$}{label}\n", "") + &hex::lines(bytes, 15, INDENT + 4)
}
