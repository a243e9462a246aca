//! What a key is known by.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::engine::{Taken, Value};
use crate::journal::{hex, sha256_of};

/// SHA-256 over a key's SubjectPublicKeyInfo: what tells whether two certificates have the same key. Shown
/// as lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyFingerprint(pub [u8; 32]);

/// Not the 64 hex digits of a key's fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the fingerprint of a key; write the 64 hexadecimal digits of its SHA-256")]
pub struct KeyFingerprintError(pub String);

impl KeyFingerprint {
    /// The fingerprint of the key with this SubjectPublicKeyInfo, in DER.
    pub fn of(subject_public_key_info: &[u8]) -> Self {
        Self(sha256_of(subject_public_key_info))
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&hex(&self.0))
    }
}

impl FromStr for KeyFingerprint {
    type Err = KeyFingerprintError;

    /// Takes the digits in either case, with or without colons.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|character| *character != ':')
            .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
            .collect();
        let bytes = digits.unwrap_or_default();
        let bytes: Vec<u8> = bytes
            .chunks(2)
            .filter_map(|pair| if let [high, low] = pair { Some(high << 4 | low) } else { None })
            .collect();
        bytes.try_into().map(Self).map_err(|_| KeyFingerprintError(text.to_owned()))
    }
}

impl Serialize for KeyFingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<KeyFingerprint> for Value {
    fn from(fingerprint: KeyFingerprint) -> Self {
        fingerprint.0.into()
    }
}

impl Taken for KeyFingerprint {
    const KIND: &'static str = "fingerprint of a key";

    fn taken(value: Value) -> Option<Self> {
        <[u8; 32]>::taken(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_shown_and_as_openssl_shows_it() {
        let fingerprint = KeyFingerprint::of(b"a key");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        let pairs: Vec<_> = fingerprint.0.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(pairs.join(":").parse(), Ok(fingerprint));
        for text in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66)] {
            assert_eq!(text.parse::<KeyFingerprint>(), Err(KeyFingerprintError(text.to_owned())));
        }
    }
}
