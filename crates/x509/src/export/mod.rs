//! Certificates with their keys, as they leave the house: the key always under a passphrase.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod passphrase;
#[cfg(test)]
mod tests;

use hermetic_keys::PrivateKeyError;
use hermetic_tls::Certificate;

pub use passphrase::{ExportPassphrase, ExportPassphraseError};

use crate::material::{Material, called};
use crate::pkcs12::{CertificateBag, KeyBag, Label, Pkcs12, Pkcs12Error, Pkcs12Form};

/// Why nothing could be exported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The key could not be written.
    #[error(transparent)]
    Key(#[from] PrivateKeyError),
    /// The file could not be written.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Error),
}

/// A certificate with its chain and key in three texts, as ACM's ExportCertificate gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPem {
    /// The certificate.
    pub certificate: String,
    /// The certificates behind it, in order; empty where there are none.
    pub chain: String,
    /// The key, PKCS#8 under the passphrase.
    pub key: String,
}

/// The same as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedDer {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// The certificates behind it, in order.
    pub chain: Vec<Vec<u8>>,
    /// The key, PKCS#8 under the passphrase.
    pub key: Vec<u8>,
}

impl Material {
    /// Certificate, chain and key as PEM. It takes half a second: not for a runtime's own threads.
    pub fn to_pem(&self, passphrase: &ExportPassphrase) -> Result<ExportedPem, ExportError> {
        Ok(ExportedPem {
            certificate: self.leaf().to_pem(),
            chain: self.chain().iter().map(Certificate::to_pem).collect(),
            key: self.key().to_encrypted_pem(passphrase.passphrase())?,
        })
    }

    /// Certificate, chain and key as DER. It takes half a second: not for a runtime's own threads.
    pub fn to_der(&self, passphrase: &ExportPassphrase) -> Result<ExportedDer, ExportError> {
        Ok(ExportedDer {
            certificate: self.leaf().der.to_vec(),
            chain: self.chain().iter().map(|certificate| certificate.der.to_vec()).collect(),
            key: self.key().to_encrypted_der(passphrase.passphrase())?,
        })
    }

    /// All of it in one PKCS#12 file. It takes a second: not for a runtime's own threads.
    pub fn to_pkcs12(&self, passphrase: &ExportPassphrase, form: Pkcs12Form) -> Result<Vec<u8>, ExportError> {
        // Java asks for a name, and both for what ties certificate and key together.
        let label = Label {
            friendly_name: Some(called(self.leaf())),
            local_key_id: Some(self.key().public_key().id()),
        };
        let leaf = CertificateBag { der: self.leaf().der.to_vec(), label: label.clone() };
        let behind = self.chain().iter().map(|certificate| CertificateBag {
            der: certificate.der.to_vec(),
            label: Label { friendly_name: Some(called(certificate)), local_key_id: None },
        });
        let key = KeyBag { pkcs8: self.key().pkcs8().to_vec().into(), label };
        let file = Pkcs12 { certificates: std::iter::once(leaf).chain(behind).collect(), keys: vec![key] };
        Ok(file.write(passphrase.passphrase(), form)?)
    }
}
