//! One certificate of a chain, as it was sent.

use bytes::Bytes;
use hermetic_tls::Certificate;
use hermetic_x509::{
    CertificateDescription, CertificateDetails, KeyStrength, Weakness, describe, weaknesses,
};
use jiff::Timestamp;

/// One certificate of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Its bytes.
    pub der: Bytes,
    /// What stands in it; or why it can't be read.
    pub reading: Result<Box<Reading>, String>,
}

/// What stands in a certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Field by field.
    pub description: CertificateDescription,
    /// How strong its key is.
    pub strength: KeyStrength,
    /// What is wrong with it by itself, at the instant of the look.
    pub weaknesses: Vec<Weakness>,
    /// As handshakes read it.
    pub(super) certificate: Certificate,
    /// As it is held against others.
    pub(super) details: CertificateDetails,
}

impl Link {
    pub(crate) fn of(der: Bytes, at: Timestamp) -> Self {
        Self { reading: Reading::of(&der, at).map(Box::new), der }
    }

    /// What stands in it, where it can be read.
    pub fn read(&self) -> Option<&Reading> {
        self.reading.as_deref().ok()
    }
}

impl Reading {
    fn of(der: &[u8], at: Timestamp) -> Result<Self, String> {
        let details = CertificateDetails::read(der).map_err(|error| error.to_string())?;
        Ok(Self {
            description: describe(der).map_err(|error| error.to_string())?,
            strength: details.key_strength(),
            weaknesses: weaknesses(der, at).map_err(|error| error.to_string())?,
            certificate: Certificate::from_der(der).map_err(|error| error.to_string())?,
            details,
        })
    }

    /// Whether it names its own key as its issuer's, and that is true.
    pub fn is_self_signed(&self) -> bool {
        self.details.is_self_issued() && self.details.signed(&self.details) != Some(false)
    }

    /// The DER of its key.
    pub fn key_der(&self) -> Vec<u8> {
        self.details.key_der()
    }

    /// Whether it is for servers, as far as it says what it is for.
    pub fn is_for_servers(&self) -> bool {
        let purposes = &self.description.purposes;
        let for_servers = |purpose: &String| purpose == "serverAuth" || purpose == "anyExtendedKeyUsage";
        purposes.is_empty() || purposes.iter().any(for_servers)
    }

    /// Whether it names a wildcard.
    pub fn is_wildcard(&self) -> bool {
        self.description.names.iter().any(|name| name.starts_with("dns:*."))
    }
}
