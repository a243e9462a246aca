//! Identify: who the client proved to be, which party of ours that is, and whether it may come in.

use std::net::SocketAddr;

use hermetic_hop::{HopName, PartyName};
use hermetic_tls::{Certificate, Identity, Negotiated};

use crate::headers::ClientHeaders;
use crate::snapshot::HttpsSnapshot;

/// The client of a connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub address: SocketAddr,
    /// The hop that it came over.
    pub hop: HopName,
    /// Whether the listener's `allow` lets it in.
    pub admitted: bool,
    /// Whether it is an authenticated party whose word about the path counts.
    pub authenticated: bool,
    /// What upstreams are told of it.
    pub headers: ClientHeaders,
}

impl Client {
    /// Reads it from a finished handshake.
    pub fn of(
        https: &HttpsSnapshot,
        listener: &PartyName,
        negotiated: &Negotiated,
        address: SocketAddr,
    ) -> Self {
        let certificate = negotiated.peer.as_ref().map(hermetic_tls::Chain::leaf);
        let admitted = admits(https, certificate);
        let from = certificate.filter(|_| admitted).and_then(|certificate| party(https, certificate));
        Self {
            address,
            hop: HopName::new(from.unwrap_or_else(PartyName::client), listener.clone()),
            admitted,
            authenticated: https.authenticates && admitted,
            headers: ClientHeaders::of(certificate, address),
        }
    }
}

/// An authority's certificate alone admits nobody to a listener that lists identities.
fn admits(https: &HttpsSnapshot, certificate: Option<&Certificate>) -> bool {
    let Some(allow) = &https.allow else { return true };
    certificate
        .is_some_and(|certificate| certificate.identities.iter().any(|identity| allow.contains(identity)))
}

/// The party that a SPIFFE ID of our trust domain names, where the listener lists it. Whoever signs
/// for the listener's `client_ca` vouches for it.
fn party(https: &HttpsSnapshot, certificate: &Certificate) -> Option<PartyName> {
    let allow = https.allow.as_ref()?;
    certificate.identities.iter().filter(|identity| allow.contains(identity)).find_map(|identity| {
        match identity {
            Identity::Spiffe(id) if *id.trust_domain() == https.trust_domain => id.path().parse().ok(),
            _ => None,
        }
    })
}
