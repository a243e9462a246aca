//! Certificates and keys as people have them: PEM in any order and with anything between, DER, PKCS#12.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod arrangement;
mod document;
mod error;
mod pem;
#[cfg(test)]
mod tests;

use hermetic_keys::{Passphrase, PrivateKey};
use hermetic_tls::Certificate;

pub(crate) use arrangement::called;
pub use error::MaterialError;

/// What is read at most, in bytes: a chain of 2 MiB, as ACM takes it, and its frame.
const MOST: usize = 4 << 20;

/// How many certificates or keys are read at most from one file: a bundle of all public roots has half as many.
/// Each is compared with all others.
const MOST_PARTS: usize = 256;

/// The certificates and keys of files, in the order in which they stand there; each once.
#[derive(Debug, Default)]
pub struct Contents {
    certificates: Vec<Certificate>,
    keys: Vec<PrivateKey>,
}

/// A certificate with its private key and the certificates behind it, in the order in which they were found.
#[derive(Debug)]
pub struct Material {
    certified: Certified,
    key: PrivateKey,
}

/// A certificate and those behind it, without a key: that is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// The certificate of the party.
    pub leaf: Certificate,
    /// The certificates of authorities behind it.
    pub chain: Vec<Certificate>,
}

impl Material {
    /// A certificate with its key. An error where the key is another's.
    pub fn new(certified: Certified, key: PrivateKey) -> Result<Self, MaterialError> {
        arrangement::joined(certified, key)
    }

    /// The certificate of the party.
    pub fn leaf(&self) -> &Certificate {
        &self.certified.leaf
    }

    /// The certificates of authorities behind it.
    pub fn chain(&self) -> &[Certificate] {
        &self.certified.chain
    }

    /// The key of the leaf.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Both.
    pub fn into_parts(self) -> (Certified, PrivateKey) {
        (self.certified, self.key)
    }
}

impl Contents {
    /// Reads a file. The passphrase is asked of what is encrypted only; then it may take seconds: not for a
    /// runtime's own threads.
    pub fn read(file: &[u8], passphrase: Option<&Passphrase>) -> Result<Self, MaterialError> {
        if file.len() > MOST {
            return Err(MaterialError::TooLarge { size: file.len(), most: MOST });
        }
        let mut contents = Self::default();
        let text = pem::text(file);
        let blocks = pem::blocks(&text)?;
        if blocks.is_empty() {
            document::read(file, passphrase, &mut contents)?;
        }
        for block in blocks {
            block.read(passphrase, &mut contents)?;
        }
        Ok(contents)
    }

    /// What this and another file hold together, such as when the key has a file of its own.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        other.certificates.into_iter().for_each(|certificate| self.put_certificate(certificate));
        other.keys.into_iter().for_each(|key| self.put_key(key));
        self
    }

    /// Finds the leaf among the certificates, wherever it stands. An error where there are several, or none.
    pub fn certified(self) -> Result<Certified, MaterialError> {
        arrangement::certified(self.certificates)
    }

    /// The same, with its key. An error where the key is missing, or another's.
    pub fn material(self) -> Result<Material, MaterialError> {
        arrangement::material(self)
    }

    fn add_certificate(&mut self, certificate: Certificate) -> Result<(), MaterialError> {
        self.put_certificate(certificate);
        if self.certificates.len() > MOST_PARTS { Err(MaterialError::TooMany(MOST_PARTS)) } else { Ok(()) }
    }

    fn add_key(&mut self, key: PrivateKey) -> Result<(), MaterialError> {
        self.put_key(key);
        if self.keys.len() > MOST_PARTS { Err(MaterialError::TooMany(MOST_PARTS)) } else { Ok(()) }
    }

    fn put_certificate(&mut self, certificate: Certificate) {
        if !self.certificates.contains(&certificate) {
            self.certificates.push(certificate);
        }
    }

    fn put_key(&mut self, key: PrivateKey) {
        if self.keys.iter().all(|known| known.public_key() != key.public_key()) {
            self.keys.push(key);
        }
    }
}
