//! The certification path by which a client proved who it is.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use webpki::{Cert, VerifiedPath};

use super::place::ListPlace;
use super::signer::IssuerId;
use crate::certificate::{Certificate, Serial};

/// The path from a client's certificate to a trust anchor (RFC 5280 section 6), as CRLs name its
/// certificates, and how long it holds. Clones share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificationPath {
    links: Arc<[Link]>,
    not_after: Timestamp,
}

/// A certificate of a path, and where it says that its CRL is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Link {
    pub(crate) certificate: CertificateId,
    pub(crate) lists: Box<[ListPlace]>,
}

/// A certificate, as CRLs name it: who issued it, and its serial number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CertificateId {
    pub(crate) issuer: IssuerId,
    pub(crate) serial: Serial,
}

impl CertificationPath {
    /// The last instant at which all certificates of the path are valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    pub(crate) fn new(links: Vec<Link>, not_after: Timestamp) -> Self {
        Self { links: links.into(), not_after }
    }

    /// The path that was verified; `None` where a certificate in it can't be read.
    pub(crate) fn of(verified: &VerifiedPath<'_>) -> Option<Self> {
        let below_anchor =
            || std::iter::once(&**verified.end_entity()).chain(verified.intermediate_certificates());
        let issuers = verified.intermediate_certificates().map(|issuer| Some(id(issuer)));
        let issuers = issuers.chain(std::iter::once_with(|| IssuerId::of_anchor(verified.anchor())));
        let links = below_anchor().zip(issuers).map(|(certificate, issuer)| {
            let serial = Serial::from_bytes(certificate.serial());
            Some(Link {
                certificate: CertificateId { issuer: issuer?, serial },
                lists: ListPlace::of_certificate(&certificate.der()),
            })
        });
        let ends = below_anchor().map(|certificate| not_after(&certificate.der()));
        let not_after = ends.collect::<Option<Vec<_>>>()?.into_iter().min()?;
        Some(Self::new(links.collect::<Option<_>>()?, not_after))
    }

    /// The certificates below the anchor, the client's own first.
    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }
}

fn id(issuer: &Cert<'_>) -> IssuerId {
    IssuerId::new(issuer.subject(), &issuer.subject_public_key_info())
}

fn not_after(der: &CertificateDer<'_>) -> Option<Timestamp> {
    Certificate::from_der(der).ok().map(|certificate| certificate.not_after)
}
