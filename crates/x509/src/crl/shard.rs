//! Which list of an authority speaks for a certificate.

use std::fmt;
use std::num::NonZeroU16;

use hermetic_tls::Serial;

/// How many lists the revocations of an authority are spread over, so that one revocation makes one small
/// list anew (hashicorp/vault#9176: each rebuilt a list of 17,000).
///
/// A generation of an authority keeps its number for life. The one list of a generation says that it is
/// complete, and with a second it would not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shards(NonZeroU16);

/// The number of one of these lists, from 0. It is chosen when a certificate is issued, and the certificate
/// says where that list is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard(u16);

/// A number of shards that can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no number of revocation lists; 1 to {most} are", most = Shards::MOST)]
pub struct ShardsError(pub u32);

impl Shards {
    /// As many as an authority has where nobody says it: with a million certificates of which one in a hundred
    /// is revoked, each list has some hundreds of entries.
    pub const USUAL: Self = Self(NonZeroU16::MIN.saturating_add(15));

    /// One list for all certificates.
    pub const ONE: Self = Self(NonZeroU16::MIN);

    /// The most: a million certificates make 250 a list.
    pub const MOST: u16 = 4096;

    /// So many.
    pub fn new(count: u32) -> Result<Self, ShardsError> {
        let fits = u16::try_from(count).ok().filter(|count| *count <= Self::MOST).and_then(NonZeroU16::new);
        fits.map(Self).ok_or(ShardsError(count))
    }

    /// How many.
    pub fn count(self) -> u16 {
        self.0.get()
    }

    /// The shard that a certificate of this serial number belongs to: the serial, which is a big number drawn
    /// at random, modulo the count. Every node gives the same, today and in ten years.
    pub fn of(self, serial: &Serial) -> Shard {
        let count = u32::from(self.count());
        let digit = |rest: u32, byte: &u8| (rest * 256 + u32::from(*byte)) % count;
        // What is left of a division by a u16 is one.
        Shard(u16::try_from(serial.as_bytes().iter().fold(0, digit)).unwrap_or_default())
    }

    /// All of them.
    pub fn all(self) -> impl Iterator<Item = Shard> {
        (0..self.count()).map(Shard)
    }
}

impl Shard {
    /// The shard of this number, as the store has it.
    pub fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn none_and_too_many_are_no_number_of_shards() {
        for count in [0, 4097, 65_537] {
            assert_eq!(Shards::new(count), Err(ShardsError(count)));
        }
        assert_eq!(Shards::new(1), Ok(Shards::ONE));
    }

    #[test]
    fn the_shard_is_the_serial_modulo_the_count() {
        let serial = Serial::from_bytes(&0x0123_4567_89ab_cdef_u64.to_be_bytes());
        let expected = 0x0123_4567_89ab_cdef_u64 % 1000;
        assert_eq!(u64::from(Shards::new(1000).unwrap().of(&serial).number()), expected);
    }

    proptest! {
        #[test]
        fn each_serial_has_a_shard_and_leading_zeros_do_not_change_it(bytes: Vec<u8>, count in 1..=4096_u32) {
            let shards = Shards::new(count).unwrap();
            let shard = shards.of(&Serial::from_bytes(&bytes));
            prop_assert!(shard.number() < shards.count());
            prop_assert_eq!(shards.of(&Serial::from_bytes(&[&[0, 0], &bytes[..]].concat())), shard);
        }
    }
}
