//! Whom those believe who believe this authority: its roots.

use std::path::Path;

use hermetic_store::Stage;
use hermetic_tls::{Certificate, TrustAnchors};
use jiff::Timestamp;

use super::certificate_authority::is_self_signed;
use super::{Authorities, CertificateAuthority, State};
use crate::error::AuthorityError;
use crate::file;

impl Authorities {
    /// The roots that are believed at this time, the one that signs first: of each authority that is in use, and
    /// from when they are published, which is before they sign. What a root has signed that is retired is
    /// believed until its end. `None` where there is none.
    pub(crate) fn anchors(&self, now: Timestamp) -> Result<Option<TrustAnchors>, AuthorityError> {
        let mut believed: Vec<_> =
            self.all().iter().filter(|authority| is_believed(authority, now)).collect();
        believed.sort_by_key(|authority| match authority.stage() {
            Stage::Signing => 0,
            Stage::Published | Stage::Prepared => 1,
            Stage::Retired => 2,
        });
        let mut roots: Vec<Certificate> = Vec::new();
        for authority in believed {
            for certificate in authority.chain().iter().flat_map(|chain| chain.certificates()) {
                let is_new = !roots.contains(certificate) && certificate.not_after > now;
                if is_new && is_self_signed(certificate)? {
                    roots.push(certificate.clone());
                }
            }
        }
        match roots.is_empty() {
            true => Ok(None),
            false => Ok(Some(TrustAnchors::new(roots)?)),
        }
    }
}

fn is_believed(authority: &CertificateAuthority, now: Timestamp) -> bool {
    // What is only prepared was handed to nobody, so that it can still be given up.
    authority.stage() != Stage::Prepared
        && matches!(authority.state(now), State::Active | State::Disabled | State::Expired)
}

/// Writes the anchors where people find them. Where there are none, nothing stays there that would be believed.
pub(crate) fn publish(anchors: Option<&TrustAnchors>, data: &Path) -> Result<(), AuthorityError> {
    let path = data.join("ca.pem");
    let Some(anchors) = anchors else { return file::remove(&path) };
    let pem: String = anchors.certificates().iter().map(Certificate::to_pem).collect();
    if file::read(&path)?.as_deref() == Some(pem.as_bytes()) {
        return Ok(());
    }
    file::replace(&path, pem.as_bytes(), 0o644)
}
