//! A certificate that was issued.

use std::sync::Arc;

use hermetic_store::CertificateId;
use hermetic_tls::{Chain, Serial};
use jiff::Timestamp;

use crate::authorities::CertificateAuthority;
use crate::error::AuthorityError;

/// A certificate that was issued, and is recorded.
#[derive(Clone, Debug)]
pub struct Issued {
    pub(crate) id: CertificateId,
    pub(crate) serial: Serial,
    pub(crate) certificate: Vec<u8>,
    pub(crate) issuer: Arc<CertificateAuthority>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) at: Timestamp,
}

impl Issued {
    /// Its identity in the store.
    pub fn id(&self) -> CertificateId {
        self.id
    }

    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Who signed it.
    pub fn issuer(&self) -> &CertificateAuthority {
        &self.issuer
    }

    /// Start of its validity.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// End of its validity.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// When it was made, which is after the start of its validity.
    pub fn made_at(&self) -> Timestamp {
        self.at
    }

    /// It and those above it, as they are handed out: without the root.
    pub fn chain(&self) -> Result<Chain, AuthorityError> {
        behind(&self.certificate, &self.issuer, self.at)
    }
}

/// A certificate and what is handed out behind it at this time.
pub(crate) fn behind(
    certificate: &[u8],
    issuer: &CertificateAuthority,
    now: Timestamp,
) -> Result<Chain, AuthorityError> {
    let above = issuer.handed_out(now).map(|certificate| &*certificate.der);
    Ok(Chain::from_ders([certificate].into_iter().chain(above))?)
}
