//! Passphrases that exported keys may have.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::Passphrase;

/// How long it is, in bytes, as ACM has it.
const SHORTEST: usize = 4;
const LONGEST: usize = 128;

/// What ACM refuses: shells and templates of importers take these for something else.
const FORBIDDEN: &[u8] = b"#$%";

/// The passphrase of an exported key: 4 to 128 visible ASCII characters or blanks, without `#`, `$` and `%`, as
/// ACM's ExportCertificate asks for it.
#[derive(Clone, Debug)]
pub struct ExportPassphrase(Passphrase);

/// Why a passphrase does not do for an exported key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportPassphraseError {
    /// It is too short to protect anything, or too long.
    #[error("the passphrase has {0} bytes; {SHORTEST} to {LONGEST} are needed")]
    Length(usize),
    /// It has a character that importers stumble over.
    #[error("the passphrase may have ASCII characters and blanks only, and none of # $ %")]
    Character,
}

impl ExportPassphrase {
    /// Takes it if it will do.
    pub fn new(passphrase: Passphrase) -> Result<Self, ExportPassphraseError> {
        let bytes = passphrase.as_bytes();
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(ExportPassphraseError::Length(bytes.len()));
        }
        if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && !FORBIDDEN.contains(byte)) {
            return Err(ExportPassphraseError::Character);
        }
        Ok(Self(passphrase))
    }

    pub(super) fn passphrase(&self) -> &Passphrase {
        &self.0
    }
}
