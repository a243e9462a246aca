//! Keys that anybody can break, whatever their length.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::asn1::UintRef;
use der::{Decode, Sequence};
use hermetic_keys::{KeyAlgorithm, PublicKey};

/// Primes below this are looked for in a modulus (CA/Browser Forum BR 6.1.6).
const SMALL: u32 = 752;

/// The primes that Infineon's generator worked with and whose residues still tell it apart.
const ROCA: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Why a key is weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeakKey {
    /// RSA: the generator of Infineon made it, and it can be factored (ROCA, CVE-2017-15361).
    #[error("its modulus comes from Infineon's broken generator and can be factored (ROCA, CVE-2017-15361)")]
    Roca,
    /// RSA: the modulus is no product of two large primes.
    #[error("its modulus can be divided by {0}")]
    SmallFactor(u32),
}

/// Why this key is weak; `None` where nothing is known against it. Lengths and exponents are checked where
/// public keys are read.
pub fn weakness(key: &PublicKey) -> Option<WeakKey> {
    if !matches!(key.algorithm(), KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096) {
        return None;
    }
    let key = RsaPublicKey::from_der(key.info().subject_public_key.raw_bytes()).ok()?;
    let modulus = key.modulus.as_bytes();
    let divisor = (2..SMALL).find(|candidate| remainder(modulus, *candidate) == 0);
    if let Some(divisor) = divisor {
        return Some(WeakKey::SmallFactor(divisor));
    }
    ROCA.iter().all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime)).then_some(WeakKey::Roca)
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

fn remainder(number: &[u8], divisor: u32) -> u32 {
    number.iter().fold(0, |rest, byte| ((rest << 8) | u32::from(*byte)) % divisor)
}

/// Both primes of such a key are a power of 65537 modulo each small prime, so their product is one, too: by
/// chance this is so for one key in 2^27.
fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == residue {
            return true;
        }
        power = power * (65537 % prime) % prime;
        if power == 1 {
            return false;
        }
    }
}
