//! The passphrase of a file, and how much work a file may ask for.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::num::NonZeroU32;

use hermetic_keys::Passphrase;
use zeroize::Zeroizing;

use crate::material::MaterialError;

/// How many rounds of derivation one file may ask for, all its parts together. GnuTLS and NSS ask for 600,000
/// a part, and GnuTLS makes a part of each certificate; Java allows 5,000,000 a part.
/// While it is fuzzed, most inputs would be about nothing else.
const MOST_ROUNDS: u32 = if cfg!(fuzzing) { 20_000 } else { 10_000_000 };

/// A passphrase in the encodings that PKCS#12 asks for.
pub(super) struct PassphraseForm<'a> {
    bytes: &'a [u8],
    utf16: Zeroizing<Vec<u8>>,
}

impl<'a> PassphraseForm<'a> {
    /// As RFC 7292 wants it.
    pub(super) fn new(passphrase: &'a Passphrase) -> Self {
        Self::of_bytes(passphrase.as_bytes())
    }

    fn of_bytes(bytes: &'a [u8]) -> Self {
        Self { bytes, utf16: terminated_utf16(bytes) }
    }

    /// All forms that somebody may have meant. No passphrase and an empty one are the same to people, and
    /// differ in files: by the specification it is two zeros, but some write none at all.
    pub(super) fn all(passphrase: Option<&'a Passphrase>) -> Vec<Self> {
        match passphrase {
            Some(passphrase) => vec![Self::new(passphrase)],
            None => vec![Self::of_bytes(&[]), Self { bytes: &[], utf16: Zeroizing::default() }],
        }
    }

    /// For PBES2: as it was given, which is UTF-8.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// For PKCS#12's own derivation.
    pub(super) fn utf16(&self) -> &[u8] {
        &self.utf16
    }
}

/// UTF-16 with a zero behind it (RFC 7292 appendix B.1). What is no UTF-8 is taken byte for byte, as OpenSSL
/// does.
fn terminated_utf16(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let octets = |units: &mut dyn Iterator<Item = u16>| {
        // A byte gives one unit at most. What grows would leave its old place behind, with the passphrase in it.
        let mut octets = Zeroizing::new(Vec::with_capacity(2 * (bytes.len() + 1)));
        octets.extend(units.chain([0]).flat_map(u16::to_be_bytes));
        octets
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => octets(&mut text.encode_utf16()),
        Err(_) => octets(&mut bytes.iter().copied().map(u16::from)),
    }
}

/// The rounds that a file may still ask for.
pub(super) struct Rounds(u32);

impl Rounds {
    /// Those of a whole file.
    pub(super) fn of_a_file() -> Self {
        Self(MOST_ROUNDS)
    }

    /// Takes some; an error where too few are left, or none are asked for.
    pub(super) fn spend(&mut self, rounds: u64) -> Result<NonZeroU32, MaterialError> {
        let asked = u32::try_from(rounds).ok().and_then(NonZeroU32::new);
        let granted = asked.filter(|asked| asked.get() <= self.0);
        let granted = granted.ok_or(MaterialError::Rounds { rounds, most: MOST_ROUNDS })?;
        self.0 -= granted.get();
        Ok(granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_no_passphrase_are_two_zeros_and_nothing() {
        let forms: Vec<_> = PassphraseForm::all(None).iter().map(|form| form.utf16().to_vec()).collect();
        assert_eq!(forms, [vec![0, 0], vec![]]);
    }

    #[test]
    fn other_letters_than_those_of_english_are_utf_16() {
        assert_eq!(terminated_utf16("é😀".as_bytes()).as_slice(), [0, 0xe9, 0xd8, 0x3d, 0xde, 0, 0, 0]);
        assert_eq!(terminated_utf16(&[0xe9]).as_slice(), [0, 0xe9, 0, 0]);
    }

    #[test]
    fn all_parts_of_a_file_share_its_rounds() {
        let mut rounds = Rounds::of_a_file();
        rounds.spend(u64::from(MOST_ROUNDS) - 1).unwrap();
        assert_eq!(rounds.spend(2), Err(MaterialError::Rounds { rounds: 2, most: MOST_ROUNDS }));
        assert_eq!(rounds.spend(1).unwrap().get(), 1);
        rounds.spend(0).unwrap_err();
        Rounds::of_a_file().spend(u64::MAX).unwrap_err();
    }
}
