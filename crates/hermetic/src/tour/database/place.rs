//! Where clusters are made: among the temporary files, under a name that nobody guesses.

use std::path::{Path, PathBuf};

use hermetic_tls::{Randomness, RandomnessFailed};

/// How each name begins.
const PREFIX: &str = "hermetic-tour-";

/// The bytes of chance in a name, each two digits of it.
const CHANCE: usize = 6;

/// The name of a cluster's folder. It leads nowhere else: whoever wrote it down may have been a stranger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// One where nothing is yet.
    pub fn new(randomness: &dyn Randomness) -> Result<Self, RandomnessFailed> {
        let mut bytes = [0; CHANCE];
        randomness.fill(&mut bytes)?;
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(format!("{PREFIX}{digits}")))
    }

    /// Reads a name; `None` for one that is no cluster's.
    pub fn read(name: &str) -> Option<Self> {
        let digits = name.strip_prefix(PREFIX)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == 2 * CHANCE && digits.bytes().all(is_digit)).then(|| Self(name.to_owned()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Its path among these temporary files.
    pub fn within(&self, temporary: &Path) -> PathBuf {
        temporary.join(&self.0)
    }

    /// Its path. Not in the data folder: that of root is closed to the user whom PostgreSQL runs as.
    pub fn path(&self) -> PathBuf {
        self.within(&std::env::temp_dir())
    }
}

#[cfg(test)]
mod tests {
    use hermetic_tls::SystemRandomness;

    use super::*;

    #[test]
    fn a_name_that_is_made_reads_back_and_another_does_not() {
        let made = Place::new(&SystemRandomness::default()).unwrap();
        assert_eq!(Place::read(made.name()), Some(made.clone()));
        for other in
            ["", "/home/me", "hermetic-tour-", "hermetic-tour-../../home", "hermetic-tour-0123456789AB"]
        {
            assert_eq!(Place::read(other), None, "{other}");
        }
        assert_eq!(Place::read(&format!("{}/..", made.name())), None);
    }
}
