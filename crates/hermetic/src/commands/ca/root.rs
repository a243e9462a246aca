//! The root certificate that is to be believed.

use std::path::PathBuf;

use hermetic_tls::Chain;

use crate::exit::Failure;

/// How much of a fingerprint tells roots apart: 8 of its 64 hexadecimal digits.
const DIGITS: usize = 8;

/// A root certificate in its file.
#[derive(Clone, Debug)]
pub struct Root {
    /// The file.
    pub path: PathBuf,
    pem: String,
    id: String,
}

impl Root {
    /// Reads the first certificate of a file.
    pub fn read(path: PathBuf) -> Result<Self, Failure> {
        let text =
            std::fs::read_to_string(&path).map_err(|error| super::printed_root::unread(&path, &error))?;
        let chain = Chain::from_pem(&text).map_err(|error| {
            Failure::wrong(format!("this is no root certificate: {error}")).at(path.display().to_string())
        })?;
        let root = chain.leaf();
        if !root.is_authority {
            return Err(Failure::wrong("this certificate is no authority's").at(path.display().to_string()));
        }
        let id = root.fingerprint.to_string().chars().take(DIGITS).collect();
        Ok(Self { pem: root.to_pem(), id, path })
    }

    /// The name that browsers show for it: `Hermetic root 9c9c9c9c`.
    pub fn nickname(&self) -> String {
        format!("Hermetic root {}", self.id)
    }

    /// The name of its file in the system's store: `hermetic-9c9c9c9c.crt`.
    pub fn file_name(&self) -> String {
        format!("hermetic-{}.crt", self.id)
    }

    /// It as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Whether a PEM text holds it, whatever its line breaks.
    pub fn is_in(&self, pem: &str) -> bool {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        bare(pem).contains(&bare(&self.pem))
    }
}
