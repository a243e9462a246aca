//! Origin: all that a listener or a hop is built from. Where two origins are the same, what would be
//! built is the same, and what was built before is kept with its connections, sessions and counts.
//! This is the one place that decides what a reload leaves alone.

use std::sync::Arc;

use hermetic_config::{CertificateSource, Listener, Trust, Upstream};
use hermetic_hop::{Flow, PartyName};
use hermetic_tls::{CredentialHandle, TrustAnchors, TrustDomain};

use super::{Builder, HopSnapshot, ListenerSnapshot};

/// What a listener is built from. The ticket keys are the same for as long as the process lives; files are in `listener` and `upstream`, as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenerOrigin {
    listener: Listener,
    certificates: Vec<CredentialHandle>,
    trust_domain: TrustDomain,
    hops: Vec<HopOrigin>,
    /// What the page of a path shows, where there is one.
    flows: Option<Arc<[Flow]>>,
    /// The system's or the authority's roots as they are, where clients are held against them.
    roots: Option<TrustAnchors>,
}

/// What a hop to an upstream is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HopOrigin {
    upstream: Upstream,
    identity: Option<CredentialHandle>,
    /// The system's or the authority's roots as they are, where it is held against them.
    roots: Option<TrustAnchors>,
}

impl Builder<'_> {
    /// What this listener is built from.
    pub(super) fn origin(&self, listener: &Listener) -> ListenerOrigin {
        let handle = |source: &CertificateSource| match source {
            CertificateSource::Authority { .. } => self.credentials.listeners.get(&listener.name),
            CertificateSource::Stored(which) => self.credentials.stored.get(which),
            CertificateSource::Files { .. } => None,
        };
        let sources = listener.termination().into_iter().flat_map(|it| &it.certificates);
        let upstreams = listener.upstreams().into_iter().filter_map(|name| self.configuration.upstream(name));
        ListenerOrigin {
            listener: listener.clone(),
            certificates: sources.filter_map(handle).cloned().collect(),
            trust_domain: self.configuration.authority.trust_domain.clone(),
            hops: upstreams.map(|upstream| self.hop_origin(upstream)).collect(),
            flows: listener.shows_paths().then(|| self.flows.clone()),
            roots: self.roots(listener.termination().and_then(|it| it.clients.trust())),
        }
    }

    /// What a hop to this upstream is built from.
    pub(super) fn hop_origin(&self, upstream: &Upstream) -> HopOrigin {
        HopOrigin {
            // What is denied on the way there changes nothing about connections.
            upstream: Upstream { policy_document: None, ..upstream.clone() },
            identity: self.presented(upstream),
            roots: self.roots(upstream.transport.tls().map(|tls| &tls.trust)),
        }
    }

    /// The roots that are not in the configuration. Where the system's can't be had, building tells.
    fn roots(&self, trust: Option<&Trust>) -> Option<TrustAnchors> {
        match trust? {
            Trust::System => self.system.anchors().ok(),
            Trust::Authority => Some(self.credentials.anchors.clone()),
            Trust::File { .. } => None,
        }
    }

    /// The certificate that is shown to this upstream.
    pub(super) fn presented(&self, upstream: &Upstream) -> Option<CredentialHandle> {
        let presented = upstream.transport.tls()?.identity.as_ref()?;
        self.credentials.identities.get(&presented.party).cloned()
    }

    /// The listener of the snapshot before that was built from the same.
    pub(super) fn kept_listener(&self, origin: &ListenerOrigin) -> Option<Arc<ListenerSnapshot>> {
        self.before?.listeners.values().find(|known| known.origin == *origin).cloned()
    }

    /// The hop of the snapshot before that was built from the same.
    pub(super) fn kept_hop(&self, listener: &PartyName, upstream: &Upstream) -> Option<Arc<HopSnapshot>> {
        let origin = self.hop_origin(upstream);
        let known = self.before?.listeners.values().filter(|known| known.name == *listener);
        let alike = |hop: &&Arc<HopSnapshot>| {
            hop.origin == origin && hop.sslnegotiation.is_some() == self.of_postgres(listener)
        };
        known.flat_map(|known| known.hops()).find(alike).cloned()
    }
}
