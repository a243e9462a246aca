//! What a store keeps of its keyring.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64Unpadded, Encoding};

use super::argon2id::Argon2id;
use super::error::KeyringError;
use super::source::SourceKind;

/// What a store keeps of its keyring, as a line of text: what kind of source the key-encryption key has, how it
/// is derived from a passphrase, and what only the right key opens. Nothing in it is secret, and without it
/// nothing opens: it belongs into every backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringRecord {
    kind: SourceKind,
    derivation: Option<Argon2id>,
    check: Vec<u8>,
}

impl KeyringRecord {
    pub(super) fn new(kind: SourceKind, derivation: Option<Argon2id>, check: Vec<u8>) -> Self {
        Self { kind, derivation, check }
    }

    /// The kind of source that the key-encryption key has.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    pub(super) fn derivation(&self) -> Option<&Argon2id> {
        self.derivation.as_ref()
    }

    pub(super) fn check(&self) -> &[u8] {
        &self.check
    }
}

impl fmt::Display for KeyringRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "1 {} {}", self.kind.name(), Base64Unpadded::encode_string(&self.check))?;
        self.derivation.as_ref().map_or(Ok(()), |how| write!(formatter, " {how}"))
    }
}

impl FromStr for KeyringRecord {
    type Err = KeyringError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || KeyringError::Record(format!("`{text}` is none"));
        let mut fields = text.split(' ');
        let (version, kind) = (fields.next(), fields.next());
        let check = fields.next().and_then(|check| Base64Unpadded::decode_vec(check).ok());
        let derivation = fields.next().map(str::parse).transpose()?;
        let kind = SourceKind::ALL.into_iter().find(|known| Some(known.name()) == kind);
        match (version, kind, check, fields.next()) {
            (Some("1"), Some(kind), Some(check), None) => Ok(Self { kind, derivation, check }),
            _ => Err(malformed()),
        }
    }
}
