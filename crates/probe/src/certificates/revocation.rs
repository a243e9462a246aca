//! What lists and responders say of a chain, asked on request: it takes connections to others than the endpoint.

use hermetic_tls::Serial;
use hermetic_x509::crl::RevocationList;
use hermetic_x509::ocsp::{self, CertificateId, HashAlgorithm, IssuerHashes, Response, Status};
use hermetic_x509::{AuthorityCertificate, CertificateDetails, Revocation, RevocationReason};
use jiff::Timestamp;

use super::{Extent, Offered, Reading};
use crate::http::{Fetch, fetch};
use crate::way::Way;

/// The longest list that is fetched, in bytes: some hundred thousand entries.
const LONGEST_LIST: usize = 16 << 20;

/// How many steps up are asked for.
const MOST_STEPS: usize = 4;

/// What was said of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Which: its step on the way up; 0 is the leaf.
    pub step: usize,
    /// Who was asked.
    pub source: Source,
    /// What was said; an error is that nobody can tell, and why.
    pub status: Result<Status, String>,
}

/// Who says what is revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A list at this address.
    List(String),
    /// A responder at this address.
    Responder(String),
}

/// Asks for the leaf and the authorities above it, but for the root. The list first: public authorities must have
/// one, and need not answer by OCSP any more (CA/Browser Forum ballot SC-63).
pub(super) async fn check(offered: &mut Offered, extent: &Extent, way: &Way, at: Timestamp) {
    let mut checked = Vec::new();
    for step in 0..offered.path.len().min(MOST_STEPS) {
        let link = offered.path.get(step).and_then(|place| offered.links.get(*place));
        let Some(reading) = link.and_then(super::Link::read).filter(|it| !it.is_self_signed()) else {
            continue;
        };
        let issuer = offered.issuer_of(step, extent);
        let issuer = issuer.ok_or_else(|| "its issuer's certificate is not at hand".to_owned());
        let is_http = |url: &&String| url.starts_with("http://");
        if let Some(url) = reading.description.revocation_lists.iter().find(is_http) {
            let status = match &issuer {
                Ok(issuer) => listed(url, reading, issuer, (extent, way), at).await,
                Err(reason) => Err(reason.clone()),
            };
            checked.push(Checked { step, source: Source::List(url.clone()), status });
        }
        if let (Some(url), Some(link)) = (reading.description.ocsp_responders.iter().find(is_http), link) {
            let status = match &issuer {
                Ok(issuer) => answered(url, &link.der, issuer, (extent, way), at).await,
                Err(reason) => Err(reason.clone()),
            };
            checked.push(Checked { step, source: Source::Responder(url.clone()), status });
        }
    }
    offered.revocation = checked;
}

async fn listed(
    url: &str,
    certificate: &Reading,
    issuer: &[u8],
    (extent, way): (&Extent, &Way),
    at: Timestamp,
) -> Result<Status, String> {
    let list = fetch(way, Fetch { url, body: None, limit: LONGEST_LIST, within: extent.within }).await?;
    let list = RevocationList::read(&list).map_err(|error| error.to_string())?;
    let issuer = AuthorityCertificate::from_der(issuer).map_err(|error| error.to_string())?;
    if !list.is_signed_by(&issuer) {
        return Err("its issuer did not sign the list".to_owned());
    }
    if !list.scope().speaks_for(certificate.description.is_authority, url) {
        return Err("the list is for other certificates".to_owned());
    }
    if list.next_update() < at {
        return Err(format!("the list is stale since {}", list.next_update()));
    }
    let revoked = list.revoked().get(&Serial::from_bytes(&certificate.details.serial));
    Ok(match revoked {
        None => Status::Good,
        Some(listed) => Status::Revoked(Revocation {
            at: listed.at,
            reason: listed.reason.unwrap_or(RevocationReason::Unspecified),
        }),
    })
}

async fn answered(
    url: &str,
    certificate: &[u8],
    issuer: &[u8],
    (extent, way): (&Extent, &Way),
    at: Timestamp,
) -> Result<Status, String> {
    let question = question(certificate, issuer)?;
    let body = Some((question.as_slice(), "application/ocsp-request"));
    let limit = ocsp::LONGEST_RESPONSE;
    let response = fetch(way, Fetch { url, body, limit, within: extent.within }).await?;
    let response = Response::read(&response).map_err(|error| error.to_string())?;
    let said = response.says_of(certificate, issuer, at).map_err(|error| error.to_string())?;
    Ok(said.status)
}

fn question(certificate: &[u8], issuer: &[u8]) -> Result<Vec<u8>, String> {
    let certificate = CertificateDetails::read(certificate).map_err(|error| error.to_string())?;
    let issuer = AuthorityCertificate::from_der(issuer).map_err(|error| error.to_string())?;
    let hashes = IssuerHashes::of(&issuer).map_err(|error| error.to_string())?;
    let serial = Serial::from_bytes(&certificate.serial);
    let id = CertificateId::new(&hashes, HashAlgorithm::Sha1, &serial).map_err(|error| error.to_string())?;
    ocsp::question(&id).map_err(|error| error.to_string())
}
