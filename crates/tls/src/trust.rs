//! Whom we believe: a set of root certificates.

use crate::certificate::Certificate;
use crate::error::CertificateError;

/// A set of trust anchors; never empty.
#[derive(Clone, Debug)]
pub struct TrustAnchors {
    certificates: Vec<Certificate>,
}

impl TrustAnchors {
    /// The anchors of a PEM text.
    pub fn from_pem(_pem: &str) -> Result<Self, CertificateError> {
        todo!()
    }
    /// The operating system's anchors.
    pub fn system() -> Result<Self, CertificateError> {
        todo!()
    }
    /// The anchors as certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }
    /// SHA-256 over the anchors in canonical order: what partitions session tickets.
    pub fn digest(&self) -> [u8; 32] {
        todo!()
    }
}
