//! Keys from passphrases as PKCS#12 makes them (RFC 7292 appendix B.2).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::num::NonZeroU32;

use aws_lc_rs::digest::{Algorithm, Context};
use zeroize::Zeroizing;

/// What a derived key is for. From the same salt each purpose has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Encryption = 1,
    Vector = 2,
    Authentication = 3,
}

/// Derives `length` bytes.
pub(super) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    passphrase: &[u8],
    salt: &[u8],
    rounds: NonZeroU32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = hash.block_len();
    let diversifier = vec![purpose as u8; block];
    // At once as long as it will be: what grows leaves its old place behind, with the passphrase in it.
    let whole = |bytes: &[u8]| bytes.len().div_ceil(block) * block;
    let mut input = Zeroizing::new(Vec::with_capacity(whole(salt) + whole(passphrase)));
    for bytes in [salt, passphrase] {
        input.extend(bytes.iter().copied().cycle().take(whole(bytes)));
    }
    let mut derived = Zeroizing::new(Vec::with_capacity(length + hash.output_len()));
    loop {
        let mut first = Context::new(hash);
        first.update(&diversifier);
        first.update(&input);
        let mut output = first.finish();
        for _ in 1..rounds.get() {
            output = aws_lc_rs::digest::digest(hash, output.as_ref());
        }
        derived.extend_from_slice(output.as_ref());
        if derived.len() >= length {
            derived.truncate(length);
            return derived;
        }
        for part in input.chunks_mut(block) {
            add_and_one(part, output.as_ref());
        }
    }
}

/// Adds `number`, repeated to the same length, and one; both are big-endian.
fn add_and_one(part: &mut [u8], number: &[u8]) {
    let repeated = Zeroizing::new(number.iter().copied().cycle().take(part.len()).collect::<Vec<u8>>());
    let mut carry = 1_u16;
    for (digit, added) in part.iter_mut().zip(repeated.iter()).rev() {
        let sum = u16::from(*digit) + u16::from(*added) + carry;
        *digit = sum.to_be_bytes()[1];
        carry = sum >> 8;
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn terminated(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect()
    }

    fn rounds(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    const SHA1: &Algorithm = &SHA1_FOR_LEGACY_USE_ONLY;

    /// From the tests of Bouncy Castle and of OpenSSL, which have them from the same source.
    #[test]
    fn the_published_values_come_out() {
        let smeg = |purpose, salt: &str, length| {
            derive(SHA1, purpose, &terminated("smeg"), &hex(salt), rounds(1), length).to_vec()
        };
        let key = smeg(Purpose::Encryption, "0A58CF64530D823F", 24);
        assert_eq!(key, hex("8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"));
        assert_eq!(smeg(Purpose::Vector, "0A58CF64530D823F", 8), hex("79993DFE048D3B76"));
        let mac = smeg(Purpose::Authentication, "3D83C0E4546AC140", 20);
        assert_eq!(mac, hex("8D967D88F6CAA9D714800AB3D48051D63F73A312"));

        let salt = hex("05DEC959ACFF72F7");
        let key = derive(SHA1, Purpose::Encryption, &terminated("queeg"), &salt, rounds(1000), 24);
        assert_eq!(key.to_vec(), hex("ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4"));
    }

    #[test]
    fn any_length_is_derived_and_a_shorter_one_is_its_start() {
        let of = |length| derive(&SHA256, Purpose::Vector, b"x", b"salt", rounds(3), length);
        let long = of(200);
        for length in [0, 1, 32, 33, 199] {
            assert_eq!(of(length).as_slice(), &long[..length]);
        }
    }
}
