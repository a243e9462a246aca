//! Passphrases and PINs: where they come from.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The longest that is taken, in bytes: a file that is longer is another file.
const LONGEST: usize = 1024;

/// What a person or a file knows: a passphrase, or the PIN of a token. Not empty; wiped when dropped, and
/// shown by nothing.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

/// Where a passphrase comes from. Never from the command line, which every user of the machine can read.
#[derive(Clone, Debug)]
pub enum PassphraseSource {
    /// A file; one line break at its end is not part of it.
    File(PathBuf),
    /// An environment variable. Other processes of the same user can read it, and so can children: a file
    /// is better.
    Environment(String),
    /// Handed in.
    Given(Passphrase),
}

/// Why there is no passphrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// The file can't be read.
    #[error("{path}: the passphrase can't be read: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set; it should hold the passphrase")]
    Environment(String),
    /// There are no bytes in it.
    #[error("the passphrase is empty")]
    Empty,
    /// No passphrase is as long.
    #[error("the passphrase is longer than {LONGEST} bytes; is it another file?")]
    Long,
}

impl Passphrase {
    /// Takes its bytes, as they are.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, PassphraseError> {
        let bytes = Zeroizing::new(bytes.into());
        match bytes.len() {
            0 => Err(PassphraseError::Empty),
            1..=LONGEST => Ok(Self(bytes)),
            _ => Err(PassphraseError::Long),
        }
    }

    /// Its bytes, for whoever derives a key from them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(…)")
    }
}

impl PassphraseSource {
    /// Reads it, anew each time: it may have been changed.
    pub fn read(&self) -> Result<Passphrase, PassphraseError> {
        match self {
            Self::File(path) => {
                let unreadable = |error: io::Error| PassphraseError::File {
                    path: path.display().to_string(),
                    reason: error.to_string(),
                };
                let mut bytes = read(path).map_err(unreadable)?;
                crate::file::warn_if_open_to_others(path);
                let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
                let length = line.strip_suffix(b"\r").unwrap_or(line).len();
                bytes.truncate(length);
                Passphrase::new(std::mem::take(&mut *bytes))
            }
            // The process keeps its environment, so this copy can't be the only one.
            Self::Environment(name) => match std::env::var_os(name) {
                Some(value) => Passphrase::new(value.into_encoded_bytes()),
                None => Err(PassphraseError::Environment(name.clone())),
            },
            Self::Given(passphrase) => Ok(passphrase.clone()),
        }
    }
}

/// Reads the file into memory that never grows: growing leaves a copy behind that nobody wipes.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for what is too long, for the line break, and for the read that finds the end.
    let limit = LONGEST + 3;
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 32));
    File::open(path)?.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_file(content: &[u8]) -> Result<Passphrase, PassphraseError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        std::fs::write(&path, content).unwrap();
        PassphraseSource::File(path).read()
    }

    #[test]
    fn one_line_break_at_the_end_of_a_file_is_not_part_of_the_passphrase() {
        for content in [&b"two words"[..], b"two words\n", b"two words\r\n"] {
            assert_eq!(of_file(content).unwrap().as_bytes(), b"two words");
        }
        assert_eq!(of_file(b"two words\n\n").unwrap().as_bytes(), b"two words\n");
    }

    #[test]
    fn an_empty_file_is_no_passphrase() {
        assert_eq!(of_file(b"\n").unwrap_err(), PassphraseError::Empty);
    }

    #[test]
    fn a_file_of_something_else_is_no_passphrase() {
        assert_eq!(of_file(&[b'a'; 4096]).unwrap_err(), PassphraseError::Long);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = PassphraseSource::File("/nowhere/passphrase".into()).read().unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/passphrase: "), "{error}");
    }

    #[test]
    fn an_environment_variable_holds_one_or_is_named_as_missing() {
        // Set by cargo for each test.
        let set = PassphraseSource::Environment("CARGO_PKG_NAME".to_owned());
        assert_eq!(set.read().unwrap().as_bytes(), b"hermetic-keys");
        let unset = PassphraseSource::Environment("HERMETIC_UNSET".to_owned());
        assert_eq!(unset.read().unwrap_err(), PassphraseError::Environment("HERMETIC_UNSET".to_owned()));
    }

    #[test]
    fn a_passphrase_is_not_shown_when_debugged() {
        let passphrase = Passphrase::new("two words").unwrap();
        assert!(
            !format!("{passphrase:?} {:?}", PassphraseSource::Given(passphrase.clone())).contains("words")
        );
    }
}
