//! A chain whose missing issuers are fetched from where certificates say that they are (caIssuers, RFC 5280 section
//! 4.2.2.1), as browsers do and most other clients don't.

use bytes::Bytes;
use hermetic_tls::{Certificate, PeerCertificateProblem};
use jiff::Timestamp;

use super::{Extent, Link, Offered};
use crate::http::{Fetch, fetch};
use crate::way::Way;

/// How many issuers are fetched for one chain at most.
const MOST_FETCHES: usize = 4;

/// The longest certificate that is fetched, in bytes.
const LONGEST: usize = 64 * 1024;

/// What became of a chain with what was missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// With these the first store trusts it: it is incomplete, and not untrusted.
    Whole {
        /// The certificates that a server should send beside its own, in DER.
        missing: Vec<Bytes>,
    },
    /// The first store trusts it no more than before.
    Untrusted(PeerCertificateProblem),
    /// What is missing was not to be had.
    Unavailable(String),
}

pub(super) async fn complete(offered: &mut Offered, extent: &Extent, way: &Way, at: Timestamp) {
    if offered.lacks_an_issuer() && !offered.is_trusted() {
        offered.completion = Some(completed(offered, extent, way, at).await);
    }
}

async fn completed(offered: &Offered, extent: &Extent, way: &Way, at: Timestamp) -> Completion {
    let (Some(store), Some(leaf)) = (extent.stores.first(), offered.links.first()) else {
        return Completion::Unavailable("no store to lead it to".to_owned());
    };
    let last = offered.path.last().and_then(|place| offered.links.get(*place));
    let Some(mut last) = last.cloned() else {
        return Completion::Unavailable("its leaf can't be read".to_owned());
    };
    let mut missing: Vec<Bytes> = Vec::new();
    let mut problem = PeerCertificateProblem::UnknownIssuer;
    while missing.len() < MOST_FETCHES && !last.read().is_some_and(super::Reading::is_self_signed) {
        let issuer = match issuer_of(&last, extent, way).await {
            Ok(issuer) => issuer,
            Err(reason) if missing.is_empty() => return Completion::Unavailable(reason),
            Err(_) => break,
        };
        if missing.contains(&issuer) {
            break;
        }
        missing.push(issuer.clone());
        last = Link::of(issuer, at);
        let sent = offered.links.iter().skip(1).map(|link| link.der.as_ref());
        let all: Vec<&[u8]> = sent.chain(missing.iter().map(AsRef::as_ref)).collect();
        match store.anchors.vouch_for(&leaf.der, &all, at) {
            Ok(()) => return Completion::Whole { missing },
            Err(error) => problem = error,
        }
    }
    Completion::Untrusted(problem)
}

/// What is fetched is only what signed: anybody may be at that address.
async fn issuer_of(link: &Link, extent: &Extent, way: &Way) -> Result<Bytes, String> {
    let reading = link.read().ok_or("its issuer can't be read")?;
    let urls = &reading.description.issuer_certificates;
    let url = urls.iter().find(|url| url.starts_with("http://"));
    let url = url.ok_or("it does not say where its issuer's certificate is")?;
    let fetched = fetch(way, Fetch { url, body: None, limit: LONGEST, within: extent.within }).await?;
    let fetched = Bytes::from(der_of(fetched));
    let issuer = hermetic_x509::CertificateDetails::read(&fetched)
        .map_err(|error| format!("{url}: no certificate in DER: {error}"))?;
    match issuer.signed(&reading.details) {
        Some(false) => Err(format!("{url}: it is the certificate of another")),
        _ => Ok(fetched),
    }
}

/// Some serve PEM, against the RFC.
fn der_of(fetched: Vec<u8>) -> Vec<u8> {
    if !fetched.starts_with(b"-----BEGIN") {
        return fetched;
    }
    let text = String::from_utf8_lossy(&fetched);
    let chain = hermetic_tls::Chain::from_pem(&text);
    chain.map(|chain| Certificate::clone(chain.leaf()).der.to_vec()).unwrap_or(fetched)
}
