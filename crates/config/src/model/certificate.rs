//! Where a listener's certificates come from.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use hermetic_tls::{Credential, Identity};

use super::Issuance;

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// The authority issues it, and renews it.
    Authority {
        /// For these identities, the listener's SPIFFE ID among them where its profile allows that.
        identities: Vec<Identity>,
        /// By whom, and as what.
        issuance: Issuance,
    },
    /// It is in the store.
    Stored(StoredCertificate),
    /// PEM files, read and checked.
    Files {
        /// The chain's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is in them.
        credential: Credential,
    },
}

impl CertificateSource {
    /// The identities that are known to be in it before the store is open.
    pub(crate) fn identities(&self) -> &[Identity] {
        match self {
            Self::Authority { identities, .. } => identities,
            Self::Files { credential, .. } => &credential.leaf().identities,
            Self::Stored(StoredCertificate::Name(identity)) => std::slice::from_ref(identity),
            Self::Stored(StoredCertificate::Serial(_)) => &[],
        }
    }
}

/// Which certificate in the store is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StoredCertificate {
    /// Of those that are valid and have this name, the one that ends last.
    Name(Identity),
    /// The one with this serial number: hex in small letters, without leading zeros.
    Serial(String),
}

/// Text that means no certificate in the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a name nor a serial number; write a name in the certificate, or `serial:` and the digits that `hermetic cert list` shows"
)]
pub struct StoredCertificateError(String);

impl FromStr for StoredCertificate {
    type Err = StoredCertificateError;

    fn from_str(text: &str) -> Result<Self, StoredCertificateError> {
        let error = || StoredCertificateError(text.escape_default().to_string());
        let Some(serial) = text.strip_prefix("serial:") else {
            return text.parse().map(Self::Name).map_err(|_| error());
        };
        let digits: String = serial.chars().filter(|c| *c != ':').collect();
        let digits = digits.trim_start_matches('0').to_ascii_lowercase();
        // RFC 5280 section 4.1.2.2: at most 20 bytes.
        match (1..=40).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            true => Ok(Self::Serial(digits)),
            false => Err(error()),
        }
    }
}

impl fmt::Display for StoredCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(identity) => identity.fmt(f),
            Self::Serial(serial) => write!(f, "serial:{serial}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        text.parse::<StoredCertificate>().map_or_else(|error| error.to_string(), |stored| stored.to_string())
    }

    #[test]
    fn serial_numbers_are_read_in_the_ways_that_tools_write_them() {
        for text in ["serial:4ab1", "serial:4A:B1", "serial:004AB1"] {
            assert_eq!(read(text), "serial:4ab1");
        }
        for text in ["serial:", "serial:0", "serial:xyz", &format!("serial:{}", "a".repeat(41)), "", "a b"] {
            assert!(read(text).contains("is neither a name nor a serial number; write"), "{text}");
        }
    }

    #[test]
    fn a_name_is_an_identity() {
        assert_eq!(read("Shop.example.com"), "dns:shop.example.com");
        assert_eq!(read("*.example.com"), "dns:*.example.com");
        assert_eq!(read("ip:::1"), "ip:::1");
    }
}
