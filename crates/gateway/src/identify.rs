//! Identify: who the client proved to be, which party of ours that is, and whether it may come in.

use std::sync::Arc;

use hermetic_config::Admitted;
use hermetic_hop::{HopName, PartyName};
use hermetic_permit::Who;
use hermetic_tls::{Certificate, Identity, Negotiated};

use crate::headers::ClientHeaders;
use crate::introduction;
use crate::policy;
use crate::prelude::Ends;
use crate::proxy_protocol::Details;
use crate::snapshot::{ListenerSnapshot, TerminationSnapshot};

/// The client of a connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub ends: Ends,
    /// The hop that it came over.
    pub hop: HopName,
    /// Whether the listener's `allow` lets it in.
    pub admitted: bool,
    /// Whether it is an authenticated party whose word about the path counts.
    pub authenticated: bool,
    /// The principal that its certificate stands for, to policy documents.
    pub caller: Option<Arc<Who>>,
    /// What upstreams are told of it.
    pub headers: ClientHeaders,
    /// What upstreams with PROXY protocol are told of it; made only where there are some.
    pub details: Option<Box<Details>>,
}

impl Client {
    /// Reads it from a finished handshake.
    pub fn of(
        termination: &TerminationSnapshot,
        listener: &ListenerSnapshot,
        negotiated: &Negotiated,
        ends: Ends,
    ) -> Self {
        let certificate = negotiated.peer.as_ref().map(hermetic_tls::Chain::leaf);
        let admitted = admits(termination, certificate);
        let from = certificate.filter(|_| admitted).and_then(|certificate| party(termination, certificate));
        let details = listener.introduces().then(|| Box::new(introduction::under_tls(&ends, negotiated)));
        Self {
            hop: HopName::new(from.unwrap_or_else(PartyName::client), listener.name.clone()),
            admitted,
            authenticated: termination.authenticates && admitted,
            caller: policy::caller(listener.callers.as_ref(), certificate.filter(|_| admitted)),
            headers: ClientHeaders::of(certificate, ends.client),
            details,
            ends,
        }
    }
}

impl Client {
    /// One that came in cleartext: it proved nothing, and where that matters none comes in so.
    pub fn in_cleartext(listener: &ListenerSnapshot, ends: Ends) -> Self {
        Self {
            hop: listener.stranger.clone(),
            admitted: true,
            authenticated: false,
            caller: None,
            headers: ClientHeaders::in_cleartext(ends.client),
            details: listener.introduces().then(|| Box::new(introduction::in_cleartext(&ends))),
            ends,
        }
    }
}

/// An authority's certificate alone admits nobody to a listener that lists identities.
fn admits(termination: &TerminationSnapshot, certificate: Option<&Certificate>) -> bool {
    let Some(allow) = &termination.allow else { return true };
    certificate.is_some_and(|certificate| allow.iter().any(|entry| entry.admits(certificate)))
}

/// The party that a SPIFFE ID of our trust domain names, where the listener lists it. Whoever signs
/// for the listener's `client_ca` vouches for it.
fn party(termination: &TerminationSnapshot, certificate: &Certificate) -> Option<PartyName> {
    let allow = termination.allow.as_ref()?;
    let listed = allow.iter().filter(|entry| entry.admits(certificate));
    listed.into_iter().find_map(|entry| match entry {
        Admitted::Identity(Identity::Spiffe(id)) if *id.trust_domain() == termination.trust_domain => {
            id.path().parse().ok()
        }
        _ => None,
    })
}
