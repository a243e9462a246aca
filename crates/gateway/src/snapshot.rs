//! The snapshot: a valid configuration joined with its certificates, ready to serve and immutable.
//! A connection keeps the snapshot that it began with.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hermetic_config::{
    CertificateSource, Clients, Configuration, Destination, Endpoint, HostPattern, Https, Listener, Protocol,
    Route, Trust, Upstream, UpstreamTransport,
};
use hermetic_hop::{Flow, HopName, Mode, PartyName};
use hermetic_tls::{
    ClientCertificates, ClientHandshake, ClientSettings, Clock, CredentialHandle, Expected, Identity,
    SecurityPolicy, ServerHandshake, ServerSettings, SettingsError, TicketKeys, TrustAnchors, TrustDomain,
};
use http::HeaderValue;

use crate::error::GatewayError;
use crate::pages::Pages;

/// What the authority gives a gateway.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whom those believe who believe the authority.
    pub anchors: TrustAnchors,
    /// The certificates of listeners that take theirs from the authority.
    pub listeners: HashMap<PartyName, CredentialHandle>,
    /// The certificates of the identities that upstreams are met with.
    pub identities: HashMap<PartyName, CredentialHandle>,
    /// The keys of session tickets.
    pub tickets: TicketKeys,
}

/// Everything that serving needs.
#[derive(Debug)]
pub struct Snapshot {
    /// The listeners by name.
    pub(crate) listeners: HashMap<PartyName, Arc<ListenerSnapshot>>,
}

/// A listener, ready to serve.
#[derive(Debug)]
pub(crate) struct ListenerSnapshot {
    pub name: PartyName,
    pub public_port: u16,
    pub handshake_timeout: Duration,
    pub idle_timeout: Duration,
    pub protocol: ProtocolSnapshot,
}

#[derive(Debug)]
pub(crate) enum ProtocolSnapshot {
    Https(Box<HttpsSnapshot>),
    Redirect { public_port: u16 },
}

/// An `https` listener, ready to serve.
#[derive(Debug)]
pub(crate) struct HttpsSnapshot {
    pub handshake: ServerHandshake,
    pub mode: Mode,
    pub policy: &'static SecurityPolicy,
    pub allow: Option<Vec<Identity>>,
    /// Whether everybody who comes in is an authenticated party whose word about the path counts.
    pub authenticates: bool,
    pub trust_domain: TrustDomain,
    pub hsts: Option<HeaderValue>,
    pub routes: Vec<RouteSnapshot>,
    pub flows: Arc<[Flow]>,
    /// The hop of those who did not prove who they are.
    pub stranger: HopName,
    /// What browsers are shown in place of a gateway's failure.
    pub failures: Option<Arc<dyn Pages>>,
}

#[derive(Debug)]
pub(crate) struct RouteSnapshot {
    pub host: Option<HostPattern>,
    pub path: String,
    pub to: DestinationSnapshot,
}

#[derive(Debug)]
pub(crate) enum DestinationSnapshot {
    Hop(Arc<HopSnapshot>),
    Path,
    Pages(Arc<dyn Pages>),
}

/// A hop to an upstream, ready to connect.
#[derive(Debug)]
pub(crate) struct HopSnapshot {
    pub name: HopName,
    pub mode: Mode,
    pub endpoints: Vec<Endpoint>,
    pub transport: TransportSnapshot,
    pub http2: bool,
    pub connect_timeout: Duration,
    pub response_timeout: Duration,
    /// Goes up when the hop's connections are to be forgotten; pools of an earlier one are.
    generation: AtomicU64,
}

#[derive(Debug)]
pub(crate) enum TransportSnapshot {
    Tls {
        policy: &'static SecurityPolicy,
        /// Offers HTTP/2 and HTTP/1.1.
        any: ClientHandshake,
        /// Offers HTTP/1.1 alone, which upgrades need.
        http1: ClientHandshake,
        /// Whether we show who we are, so that the far end may believe what we say of the path.
        identified: bool,
    },
    Cleartext {
        local: bool,
    },
}

impl Snapshot {
    /// Builds the snapshot of a configuration, whole or not at all.
    pub fn build(
        configuration: &Configuration,
        credentials: &Credentials,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, GatewayError> {
        let builder =
            Builder { configuration, credentials, clock, flows: configuration.flows.as_slice().into() };
        let listeners = configuration
            .listeners
            .iter()
            .map(|listener| Ok((listener.name.clone(), Arc::new(builder.listener(listener)?))))
            .collect::<Result<_, GatewayError>>()?;
        Ok(Self { listeners })
    }
}

impl Snapshot {
    /// Has the listener serve `pages` at `path` and below, before all of its routes, and show them to
    /// browsers in place of failures. Pages are code of the process that runs the gateway, so no
    /// configuration names them. A listener that is no `https` listener of this snapshot serves none.
    pub fn with_pages(mut self, listener: &PartyName, path: &str, pages: Arc<dyn Pages>) -> Self {
        let listener = self.listeners.get_mut(listener).and_then(Arc::get_mut);
        if let Some(ProtocolSnapshot::Https(https)) = listener.map(|listener| &mut listener.protocol) {
            let to = DestinationSnapshot::Pages(pages.clone());
            https.routes.insert(0, RouteSnapshot { host: None, path: path.to_owned(), to });
            https.failures = Some(pages);
        }
        self
    }

    /// The hops of this name that routes lead over.
    pub(crate) fn hops<'a>(&'a self, name: &'a HopName) -> impl Iterator<Item = &'a Arc<HopSnapshot>> {
        let https = self.listeners.values().filter_map(|listener| match &listener.protocol {
            ProtocolSnapshot::Https(https) => Some(https),
            ProtocolSnapshot::Redirect { .. } => None,
        });
        https.flat_map(|https| &https.routes).filter_map(move |route| match &route.to {
            DestinationSnapshot::Hop(hop) if hop.name == *name => Some(hop),
            _ => None,
        })
    }
}

impl HopSnapshot {
    /// Connections of an earlier generation serve no more requests.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Begins anew: the next request opens a connection with a full handshake.
    pub fn forget_connections(&self) -> Result<(), SettingsError> {
        if let TransportSnapshot::Tls { any, http1, .. } = &self.transport {
            any.forget_sessions()?;
            http1.forget_sessions()?;
        }
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

struct Builder<'a> {
    configuration: &'a Configuration,
    credentials: &'a Credentials,
    clock: &'a Arc<dyn Clock>,
    flows: Arc<[Flow]>,
}

impl Builder<'_> {
    fn listener(&self, listener: &Listener) -> Result<ListenerSnapshot, GatewayError> {
        let protocol = match &listener.protocol {
            Protocol::Https(https) => ProtocolSnapshot::Https(Box::new(self.https(&listener.name, https)?)),
            Protocol::Redirect { public_port, .. } => {
                ProtocolSnapshot::Redirect { public_port: *public_port }
            }
        };
        Ok(ListenerSnapshot {
            name: listener.name.clone(),
            public_port: listener.public_port,
            handshake_timeout: listener.handshake_timeout,
            idle_timeout: listener.idle_timeout,
            protocol,
        })
    }

    fn https(&self, name: &PartyName, https: &Https) -> Result<HttpsSnapshot, GatewayError> {
        let clients = match &https.clients {
            Clients::None => ClientCertificates::None,
            Clients::Optional(trust) => ClientCertificates::Optional(self.anchors(name, trust)?),
            Clients::Required(trust) => ClientCertificates::Required(self.anchors(name, trust)?),
        };
        let authenticates = matches!(clients, ClientCertificates::Required(_)) && https.allow.is_some();
        let settings = ServerSettings {
            policy: https.policy,
            certificates: self.certificates(name, &https.certificates)?,
            unknown_sni: https.unknown_sni,
            clients,
            alpn: vec!["h2".to_owned(), "http/1.1".to_owned()],
        };
        let handshake = ServerHandshake::new(settings, &self.credentials.tickets, self.clock.clone())
            .map_err(|source| GatewayError::Settings { party: name.clone(), source })?;
        Ok(HttpsSnapshot {
            handshake,
            mode: Mode::Require,
            policy: https.policy,
            allow: https.allow.clone(),
            authenticates,
            trust_domain: self.configuration.authority.trust_domain.clone(),
            hsts: https.hsts.and_then(strict_transport_security),
            routes: self.routes(name, &https.routes)?,
            flows: self.flows.clone(),
            stranger: HopName::new(PartyName::client(), name.clone()),
            failures: None,
        })
    }

    fn certificates(
        &self,
        party: &PartyName,
        sources: &[CertificateSource],
    ) -> Result<Vec<CredentialHandle>, GatewayError> {
        let missing = || GatewayError::NoCredential { party: party.clone() };
        sources
            .iter()
            .map(|source| match source {
                CertificateSource::Authority(_) => {
                    self.credentials.listeners.get(party).cloned().ok_or_else(missing)
                }
                CertificateSource::Files { credential, .. } => Ok(CredentialHandle::new(credential.clone())),
            })
            .collect()
    }

    fn anchors(&self, party: &PartyName, trust: &Trust) -> Result<TrustAnchors, GatewayError> {
        match trust {
            Trust::Authority => Ok(self.credentials.anchors.clone()),
            Trust::System => TrustAnchors::system()
                .map_err(|source| GatewayError::SystemTrust { party: party.clone(), source }),
            Trust::File { anchors, .. } => Ok(anchors.clone()),
        }
    }

    /// Routes to one upstream share one hop, and so its connections.
    fn routes(&self, listener: &PartyName, routes: &[Route]) -> Result<Vec<RouteSnapshot>, GatewayError> {
        let mut hops: HashMap<&PartyName, Arc<HopSnapshot>> = HashMap::new();
        routes
            .iter()
            .map(|route| {
                let to = match &route.to {
                    Destination::Path => DestinationSnapshot::Path,
                    Destination::Upstream(name) => match hops.get(name) {
                        Some(hop) => DestinationSnapshot::Hop(hop.clone()),
                        None => {
                            let hop = Arc::new(self.hop(listener, self.upstream(listener, name)?)?);
                            hops.insert(name, hop.clone());
                            DestinationSnapshot::Hop(hop)
                        }
                    },
                };
                Ok(RouteSnapshot { host: route.host.clone(), path: route.path.clone(), to })
            })
            .collect()
    }

    fn upstream(&self, listener: &PartyName, name: &PartyName) -> Result<&Upstream, GatewayError> {
        let missing = || GatewayError::NoUpstream { listener: listener.clone(), name: name.clone() };
        self.configuration.upstream(name).ok_or_else(missing)
    }

    fn hop(&self, listener: &PartyName, upstream: &Upstream) -> Result<HopSnapshot, GatewayError> {
        let transport = match &upstream.transport {
            UpstreamTransport::Cleartext { local, .. } => TransportSnapshot::Cleartext { local: *local },
            UpstreamTransport::Tls { policy, trust, name, identity } => {
                let missing = |party: &PartyName| GatewayError::NoCredential { party: party.clone() };
                let presented = identity
                    .as_ref()
                    .map(|party| {
                        self.credentials.identities.get(party).cloned().ok_or_else(|| missing(party))
                    })
                    .transpose()?;
                let settings = ClientSettings {
                    policy,
                    trust: self.anchors(&upstream.name, trust)?,
                    expected: Expected(name.clone()),
                    identity: presented.clone(),
                    alpn: vec!["h2".to_owned(), "http/1.1".to_owned()],
                };
                let refused = |source| GatewayError::Settings { party: upstream.name.clone(), source };
                let any = ClientHandshake::new(settings, self.clock.clone()).map_err(refused)?;
                let http1 = any.with_alpn(vec!["http/1.1".to_owned()]).map_err(refused)?;
                TransportSnapshot::Tls { policy, any, http1, identified: presented.is_some() }
            }
        };
        Ok(HopSnapshot {
            name: HopName::new(listener.clone(), upstream.name.clone()),
            mode: Mode::Require,
            endpoints: upstream.endpoints.clone(),
            transport,
            http2: upstream.http2,
            connect_timeout: upstream.connect_timeout,
            response_timeout: upstream.response_timeout,
            generation: AtomicU64::new(0),
        })
    }
}

/// RFC 6797: `max-age` in seconds. Sub-domains are the site's own decision, so they are left out.
fn strict_transport_security(age: Duration) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("max-age={}", age.as_secs())).ok()
}
