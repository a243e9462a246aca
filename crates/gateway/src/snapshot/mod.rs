//! The snapshot: a valid configuration joined with its certificates, ready to serve and immutable.
//! A connection keeps the snapshot that it began with.

mod hop;
mod https;
mod listener;
mod origin;
mod postgres;
mod stream;
mod succession;
mod termination;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use hermetic_config::{Configuration, StoredCertificate, Trust};
use hermetic_hop::{Flow, HopName, PartyName};
use hermetic_tls::{
    CertificateError, Clock, CredentialHandle, KEY_UPDATE_AFTER, Randomness, RandomnessFailed, Revocations,
    RevokedCertificates, TicketKeys, TrustAnchors,
};
use zeroize::Zeroizing;

use crate::error::GatewayError;
use crate::pages::Pages;
use crate::path::Onward;
use crate::sockets::Bind;

use hop::Hops;
pub(crate) use hop::{HopSnapshot, TlsSnapshot, TransportSnapshot};
pub(crate) use https::{DestinationSnapshot, HttpSnapshot, HttpsSnapshot, RouteSnapshot, SiteSnapshot};
pub(crate) use listener::{ListenerSnapshot, ProtocolSnapshot};
pub(crate) use postgres::{AskingSnapshot, LoginSnapshot, PostgresSnapshot, UserSource, UsersSnapshot};
pub(crate) use stream::{Ending, StreamClientsSnapshot, StreamRouteSnapshot, StreamSnapshot};
pub use succession::Changes;
pub(crate) use termination::TerminationSnapshot;

/// What the authority gives a gateway.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whom those believe who believe the authority.
    pub anchors: TrustAnchors,
    /// The certificates of listeners that take theirs from the authority.
    pub listeners: HashMap<PartyName, CredentialHandle>,
    /// The certificates in the store that listeners name.
    pub stored: HashMap<StoredCertificate, CredentialHandle>,
    /// The certificates of the identities that upstreams are met with.
    pub identities: HashMap<PartyName, CredentialHandle>,
    /// What the authority has revoked.
    pub revoked: RevokedCertificates,
    /// The keys of session tickets.
    pub tickets: TicketKeys,
    /// What the verifiers of users come from who are not known.
    pub mock_secret: MockSecret,
    /// Chance, for the nonces of logins.
    pub randomness: Arc<dyn Randomness>,
}

/// A secret that stays from start to start, so that what a login shows of a user who is not known stays too:
/// where it changed, and that of a user who is known did not, anybody could tell them apart.
#[derive(Clone)]
pub struct MockSecret(Arc<Zeroizing<[u8; 32]>>);

impl MockSecret {
    /// This secret.
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(secret))
    }

    /// One that does not stay.
    pub fn random(randomness: &dyn Randomness) -> Result<Self, RandomnessFailed> {
        let mut secret = Zeroizing::new([0; 32]);
        randomness.fill(&mut *secret)?;
        Ok(Self::new(secret))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for MockSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MockSecret(…)")
    }
}

impl Credentials {
    /// All certificates.
    pub fn handles(&self) -> impl Iterator<Item = &CredentialHandle> {
        self.listeners.values().chain(self.stored.values()).chain(self.identities.values())
    }
}

/// Everything that serving needs.
#[derive(Debug)]
pub struct Snapshot {
    /// The listeners by where their connections come in.
    pub(crate) listeners: HashMap<Bind, Arc<ListenerSnapshot>>,
}

impl Snapshot {
    /// Builds the snapshot of a configuration, whole or not at all.
    pub fn build(
        configuration: &Configuration,
        credentials: &Credentials,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, GatewayError> {
        Self::build_after(None, configuration, credentials, clock)
    }

    /// The same, to follow another: of that one, every listener and hop stays about which nothing changed,
    /// with its connections and sessions.
    pub fn build_after(
        before: Option<&Self>,
        configuration: &Configuration,
        credentials: &Credentials,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, GatewayError> {
        let flows = configuration.flows.as_slice().into();
        let key_update_after = KEY_UPDATE_AFTER;
        let system = SystemRoots::default();
        Self::built(Builder { configuration, credentials, clock, flows, before, key_update_after, system })
    }

    pub(crate) fn built(builder: Builder<'_>) -> Result<Self, GatewayError> {
        let configuration = builder.configuration;
        let listeners = configuration
            .listeners
            .iter()
            .map(|listener| Ok((Bind::of(listener), builder.listener(listener)?)))
            .collect::<Result<_, GatewayError>>()?;
        Ok(Self { listeners })
    }
}

impl Snapshot {
    /// Has the listener serve `pages` at `path` and below, before all of its routes, and show them to
    /// browsers in place of failures. Pages are code of the process that runs the gateway, so no
    /// configuration names them. A listener that is no `https` listener of this snapshot serves none.
    pub fn with_pages(mut self, listener: &PartyName, path: &str, pages: Arc<dyn Pages>) -> Self {
        let mut listeners = self.listeners.values_mut();
        let listener = listeners.find(|known| known.name == *listener).and_then(Arc::get_mut);
        if let Some(ProtocolSnapshot::Https(https)) = listener.map(|listener| &mut listener.protocol) {
            let to = DestinationSnapshot::Pages(pages.clone());
            let path = path.to_owned();
            https.site.routes.insert(0, RouteSnapshot { host: None, path, to, enforcement: None });
            https.site.failures = Some(pages);
        }
        self
    }

    /// Has the pages that show a path link to another one. That it is served on the host that people ask
    /// for is known to this process, and in no configuration.
    pub fn leading_on_to(mut self, onward: Onward) -> Self {
        for listener in self.listeners.values_mut().filter_map(Arc::get_mut) {
            if let ProtocolSnapshot::Https(https) = &mut listener.protocol {
                https.site.onward = Some(onward);
            }
        }
        self
    }

    /// What the listener at that place knows of revoked certificates.
    pub(crate) fn revocations(&self, bind: &Bind) -> Option<&Revocations> {
        self.listeners.get(bind)?.termination().map(|termination| &termination.revocations)
    }

    /// The hops that routes lead over.
    pub(crate) fn all_hops(&self) -> impl Iterator<Item = &Arc<HopSnapshot>> {
        self.listeners.values().flat_map(|listener| listener.hops())
    }

    /// Those of this name.
    pub(crate) fn hops<'a>(&'a self, name: &'a HopName) -> impl Iterator<Item = &'a Arc<HopSnapshot>> {
        self.all_hops().filter(move |hop| hop.name == *name)
    }
}

/// What a snapshot is built from.
pub(crate) struct Builder<'a> {
    pub configuration: &'a Configuration,
    pub credentials: &'a Credentials,
    pub clock: &'a Arc<dyn Clock>,
    pub flows: Arc<[Flow]>,
    /// The snapshot that it follows.
    pub before: Option<&'a Snapshot>,
    /// Bytes in either direction after which keys are changed.
    pub key_update_after: u64,
    /// The system's roots.
    pub system: SystemRoots,
}

/// The system's roots, read once for a whole snapshot, and only where somebody believes them.
#[derive(Debug, Default)]
pub(crate) struct SystemRoots(OnceCell<Result<TrustAnchors, CertificateError>>);

impl SystemRoots {
    fn anchors(&self) -> Result<TrustAnchors, CertificateError> {
        self.0.get_or_init(TrustAnchors::system).clone()
    }
}

impl Builder<'_> {
    fn anchors(&self, party: &PartyName, trust: &Trust) -> Result<TrustAnchors, GatewayError> {
        match trust {
            Trust::Authority => Ok(self.credentials.anchors.clone()),
            Trust::System => self
                .system
                .anchors()
                .map_err(|source| GatewayError::SystemTrust { party: party.clone(), source }),
            Trust::File { anchors, .. } => Ok(anchors.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
