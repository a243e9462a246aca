//! Whom we believe: a set of root certificates.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};

use crate::certificate::Certificate;
use crate::chain::certificates_of_pem;
use crate::digest::FieldDigest;
use crate::error::{CertificateError, PeerCertificateProblem};
use crate::{failure, verify};

/// A set of trust anchors; never empty. Clones share it.
#[derive(Clone, Debug)]
pub struct TrustAnchors {
    certificates: Arc<[Certificate]>,
    roots: Arc<RootCertStore>,
}

impl PartialEq for TrustAnchors {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates
    }
}

impl Eq for TrustAnchors {}

impl TrustAnchors {
    /// These certificates as anchors; an error where there is none, or one can't be an anchor.
    pub fn new(certificates: Vec<Certificate>) -> Result<Self, CertificateError> {
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            let der = CertificateDer::from(certificate.der.as_ref());
            roots.add(der).map_err(|error| CertificateError::Malformed(error.to_string()))?;
        }
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        Ok(Self { certificates: certificates.into(), roots: Arc::new(roots) })
    }

    /// The anchors of a PEM text.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        Self::new(certificates_of_pem(pem)?)
    }

    /// The operating system's anchors. Those that can't be read are left out: such collections hold
    /// a few odd ones everywhere.
    pub fn system() -> Result<Self, CertificateError> {
        Self::usable(rustls_native_certs::load_native_certs().certs.iter().map(AsRef::as_ref))
    }

    fn usable<'a>(ders: impl Iterator<Item = &'a [u8]>) -> Result<Self, CertificateError> {
        let usable = |certificate: &Certificate| Self::new(vec![certificate.clone()]).is_ok();
        Self::new(ders.filter_map(|der| Certificate::from_der(der).ok()).filter(usable).collect())
    }

    /// Mozilla's anchors, as they were when this was built: what Firefox and most Linux systems believe.
    pub fn mozilla() -> Result<Self, CertificateError> {
        let ders = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
        Self::usable(ders.iter().map(AsRef::as_ref))
    }

    /// Whether they vouch for a server's certificate at this instant, over these intermediates, in any order.
    /// Whose it is, is not asked, nor whether it is revoked.
    pub fn vouch_for(
        &self,
        leaf: &[u8],
        intermediates: &[impl AsRef<[u8]>],
        at: Timestamp,
    ) -> Result<(), PeerCertificateProblem> {
        let seconds = u64::try_from(at.as_second()).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        verify::vouch(self, leaf, intermediates, at).map_err(|error| failure::of_verification(&error))
    }

    /// The anchors as certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// SHA-256 over the anchors in canonical order: what partitions session tickets.
    pub fn digest(&self) -> [u8; 32] {
        let mut fingerprints: Vec<_> = self.certificates.iter().map(|c| c.fingerprint.0).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        let mut digest = FieldDigest::new();
        digest.list(&fingerprints);
        digest.finish()
    }

    pub(crate) fn roots(&self) -> &Arc<RootCertStore> {
        &self.roots
    }
}
