//! What sealed secrets look like in the store.
//!
//! | format | what follows |
//! |---|---|
//! | 1 | nonce (12 bytes), ciphertext, tag (16 bytes): directly under the key of a key file |
//! | 2 | id of the key-encryption key (8), length of the wrapped data key (2, big-endian), the wrapped data key; then nonce, ciphertext and tag under the data key |

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt;

use super::error::KeyringError;

const DIRECT: u8 = 1;
const ENVELOPE: u8 = 2;

/// What names a key-encryption key in what it sealed. It is random, and tells nothing of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 8]);

/// The parts of a sealed secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealed<'a> {
    Direct(&'a [u8]),
    Envelope { id: KeyId, wrapped: &'a [u8], data: &'a [u8] },
}

impl<'a> Sealed<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, KeyringError> {
        match bytes.split_first().ok_or(KeyringError::CutOff)? {
            (&DIRECT, data) => Ok(Self::Direct(data)),
            (&ENVELOPE, rest) => Self::read_envelope(rest).ok_or(KeyringError::CutOff),
            (&format, _) => Err(KeyringError::Format(format)),
        }
    }

    fn read_envelope(rest: &'a [u8]) -> Option<Self> {
        let (id, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (wrapped, data) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        Some(Self::Envelope { id: KeyId(*id), wrapped, data })
    }

    pub(super) fn write(self) -> Result<Vec<u8>, KeyringError> {
        match self {
            Self::Direct(data) => Ok([&[DIRECT], data].concat()),
            Self::Envelope { id, wrapped, data } => {
                // A token that wraps 32 bytes into 64 KiB is broken.
                let length = u16::try_from(wrapped.len()).map_err(|_| KeyringError::Library)?;
                Ok([&[ENVELOPE], id.0.as_slice(), &length.to_be_bytes(), wrapped, data].concat())
            }
        }
    }
}

impl KeyId {
    pub(super) fn random() -> Result<Self, KeyringError> {
        let mut id = [0; 8];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| KeyringError::Library)?;
        Ok(Self(id))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_and_what_is_read_is_written_the_same(
            first in 0_u8..4, rest in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let bytes = [&[first], rest.as_slice()].concat();
            if let Ok(sealed) = Sealed::read(&bytes) {
                prop_assert_eq!(sealed.write().unwrap(), bytes);
            }
        }
    }

    #[test]
    fn another_format_is_named() {
        assert!(matches!(Sealed::read(&[3, 1]), Err(KeyringError::Format(3))));
        assert!(matches!(Sealed::read(&[]), Err(KeyringError::CutOff)));
    }
}
