//! A key from a passphrase: Argon2id (RFC 9106).

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::error::KeyringError;
use super::key::LENGTH;
use crate::passphrase::Passphrase;

/// The most memory that is taken, in KiB, whatever a record asks for: 1 GiB.
const MOST_MEMORY: u32 = 1 << 20;
/// The most passes over it.
const MOST_PASSES: u32 = 16;
/// The most lanes.
const MOST_LANES: u32 = 16;

/// How a key is derived from a passphrase. Written as everybody writes it (the PHC string format), without
/// the hash, which is the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argon2id {
    /// In KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; 16],
}

impl Argon2id {
    /// With a fresh salt, and what RFC 9106 section 4 recommends where 2 GiB of memory are too much: 64 MiB,
    /// three passes, four lanes.
    pub(super) fn fresh() -> Result<Self, KeyringError> {
        let mut salt = [0; 16];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| KeyringError::Library)?;
        Ok(Self { memory: 64 * 1024, passes: 3, lanes: 4, salt })
    }

    /// The key. It takes a fraction of a second and the memory that it says: not for a runtime's own threads.
    pub(super) fn derive(&self, passphrase: &Passphrase) -> Result<Zeroizing<[u8; LENGTH]>, KeyringError> {
        let failed = |_| KeyringError::Library;
        let parameters = Params::new(self.memory, self.passes, self.lanes, Some(LENGTH)).map_err(failed)?;
        // The memory tells the passphrase's hash, so it is ours to wipe.
        let mut memory = Zeroizing::new(vec![Block::default(); parameters.block_count()]);
        let mut key = Zeroizing::new([0; LENGTH]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into_with_memory(
                passphrase.as_bytes(),
                &self.salt,
                &mut *key,
                memory.as_mut_slice(),
            )
            .map_err(failed)?;
        Ok(key)
    }
}

impl fmt::Display for Argon2id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, passes, lanes, salt } = self;
        let salt = Base64Unpadded::encode_string(salt);
        write!(formatter, "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}")
    }
}

impl FromStr for Argon2id {
    type Err = KeyringError;

    /// Takes what was written, within bounds: whoever can write to the store must not choose how much memory
    /// a start takes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| KeyringError::Record(format!("`{text}` is no derivation of a key")))
    }
}

fn read(text: &str) -> Option<Argon2id> {
    let (costs, salt) = text.strip_prefix("$argon2id$v=19$")?.split_once('$')?;
    let mut costs = costs.split(',');
    let mut cost = |name: &str, most: u32| {
        let value: u32 = costs.next()?.strip_prefix(name)?.parse().ok()?;
        (1..=most).contains(&value).then_some(value)
    };
    let (memory, passes, lanes) =
        (cost("m=", MOST_MEMORY)?, cost("t=", MOST_PASSES)?, cost("p=", MOST_LANES)?);
    let salt = Base64Unpadded::decode_vec(salt).ok()?.try_into().ok()?;
    Some(Argon2id { memory, passes, lanes, salt })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_derives_what_the_reference_implementation_does() {
        // `echo -n "two words" | argon2 0123456789abcdef -id -t 3 -k 65536 -p 4 -l 32 -r`
        let how: Argon2id = "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg".parse().unwrap();
        let key = how.derive(&Passphrase::new("two words").unwrap()).unwrap();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "0b326f6f107581eedd73c4905ba96a62a9cb6170b723833994a4790b498b0e49");
    }

    #[test]
    fn what_a_record_asks_for_is_bounded() {
        for text in [
            "$argon2id$v=19$m=1048577,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg",
            "$argon2id$v=19$m=65536,t=17,p=4$MDEyMzQ1Njc4OWFiY2RlZg",
            "$argon2id$v=19$m=65536,t=3,p=0$MDEyMzQ1Njc4OWFiY2RlZg",
            "$argon2id$v=19$m=65536,t=3,p=4$MDEy",
            "$argon2i$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg",
        ] {
            assert!(matches!(text.parse::<Argon2id>(), Err(KeyringError::Record(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            memory in 1..=MOST_MEMORY, passes in 1..=MOST_PASSES, lanes in 1..=MOST_LANES, salt: [u8; 16],
        ) {
            let how = Argon2id { memory, passes, lanes, salt };
            prop_assert_eq!(how.to_string().parse::<Argon2id>(), Ok(how));
        }
    }
}
