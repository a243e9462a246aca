//! What the store keeps of certificates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The identity of an issuance in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CertificateId(pub i64);

/// A certificate that is about to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The serial number in hex; unique by constraint.
    pub serial: String,
    /// The name of the authority that will sign.
    pub authority: String,
    /// The to-be-signed bytes.
    pub to_be_signed: Vec<u8>,
    /// For whom: what the certificate is used as, such as a listener's name.
    pub subject: String,
    /// The names in it, as text.
    pub identities: Vec<String>,
    /// Start of validity, as in the to-be-signed bytes.
    pub not_before: Timestamp,
    /// End of validity, as in the to-be-signed bytes.
    pub not_after: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// A certificate as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// The serial number in hex.
    pub serial: String,
    /// Where it stands.
    pub state: CertificateState,
    /// The name of the authority that signed.
    pub authority: String,
    /// What it is used as.
    pub subject: String,
    /// The names in it, as text.
    pub identities: Vec<String>,
    /// The chain as PEM, leaf first; empty where only the intent is known.
    pub chain_pem: String,
    /// The private key, sealed; `None` where the requester made it.
    #[serde(skip)]
    pub sealed_key: Option<Vec<u8>>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// When it was signed, or intended.
    pub at: Timestamp,
}

/// Where a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// About to be signed.
    Intended,
    /// Signed and recorded.
    Issued,
    /// A crash came between intent and record: perhaps signed, never handed out.
    PresumedIssued,
}

/// An authority's certificate and sealed key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityRecord {
    /// `root` or `intermediate`.
    pub name: String,
    /// Its chain as PEM, itself first.
    pub chain_pem: String,
    /// Its private key, sealed.
    pub sealed_key: Vec<u8>,
    /// When it was made.
    pub at: Timestamp,
}
