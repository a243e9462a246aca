//! A certificate with the intermediates behind it.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::certificate::Certificate;
use crate::error::{CertificateError, PeerCertificateProblem};
use crate::revocation::CertificationPath;
use crate::trust::TrustAnchors;
use crate::verify::ClientVerifier;

/// A certificate and the intermediates behind it, leaf first; never empty. Clones share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain(Arc<[Certificate]>);

impl Chain {
    /// Reads all certificates of a PEM text, in order.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        Self::new(certificates_of_pem(pem)?)
    }

    /// The chain of these certificates, leaf first.
    pub fn from_ders<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, CertificateError> {
        Self::new(ders.into_iter().map(Certificate::from_der).collect::<Result<_, _>>()?)
    }

    /// What a peer presented and we verified. Certificates behind the leaf that can't be read were
    /// no part of what was verified, and are left out.
    pub(crate) fn presented(ders: &[CertificateDer<'_>]) -> Result<Self, CertificateError> {
        let (leaf, others) = ders.split_first().ok_or(CertificateError::NoCertificate)?;
        let others = others.iter().filter_map(|der| Certificate::from_der(der).ok());
        Self::new(std::iter::once(Certificate::from_der(leaf)?).chain(others).collect())
    }

    /// What somebody showed and nobody here verified; `None` where the leaf can't be read.
    pub(crate) fn shown<T: AsRef<[u8]>>(ders: &[T]) -> Option<Self> {
        let ders: Vec<CertificateDer<'_>> = ders.iter().map(|der| der.as_ref().into()).collect();
        Self::presented(&ders).ok()
    }

    fn new(certificates: Vec<Certificate>) -> Result<Self, CertificateError> {
        if certificates.is_empty() {
            Err(CertificateError::NoCertificate)
        } else {
            Ok(Self(certificates.into()))
        }
    }

    /// The leaf.
    #[expect(clippy::expect_used, reason = "`new`, the only constructor, refuses an empty list")]
    pub fn leaf(&self) -> &Certificate {
        self.0.first().expect("a chain is never empty")
    }

    /// The path by which it proves a client to those who believe `trust`, at this instant. Revocation is
    /// not looked at.
    pub fn path_to(
        &self,
        trust: &TrustAnchors,
        at: Timestamp,
    ) -> Result<CertificationPath, PeerCertificateProblem> {
        ClientVerifier::for_paths(trust).path_of(self, at)
    }

    /// All certificates, leaf first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// The chain as PEM blocks, leaf first.
    pub fn to_pem(&self) -> String {
        self.0.iter().map(Certificate::to_pem).collect()
    }
}

/// All certificates of a PEM text; other blocks are passed over.
pub(crate) fn certificates_of_pem(pem: &str) -> Result<Vec<Certificate>, CertificateError> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|der| Certificate::from_der(&der.map_err(|error| CertificateError::Pem(error.to_string()))?))
        .collect()
}
