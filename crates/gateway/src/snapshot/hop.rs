//! A hop to an upstream, ready to connect.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hermetic_config::{
    Endpoint, Protocol, ProxyProtocolVersion, SslNegotiation, Upstream, UpstreamTls, UpstreamTransport,
};
use hermetic_hop::{Demand, HopName, PartyName};
use hermetic_tls::{ClientHandshake, ClientSettings, Expected, SecurityPolicy, SettingsError};

use super::Builder;
use super::origin::HopOrigin;
use crate::error::GatewayError;
use crate::leg::Leg;
use crate::postgres::ALPN;

/// A hop to an upstream, ready to connect.
#[derive(Debug)]
pub(crate) struct HopSnapshot {
    pub name: HopName,
    pub demand: Demand,
    pub endpoints: Vec<Endpoint>,
    pub transport: TransportSnapshot,
    /// The header by which the upstream is told of the client.
    pub proxy_protocol: Option<ProxyProtocolVersion>,
    pub http2: bool,
    /// How TLS begins where PostgreSQL is spoken; `None` where something else is.
    pub sslnegotiation: Option<SslNegotiation>,
    pub connect_timeout: Duration,
    pub response_timeout: Duration,
    /// Bytes in either direction after which keys are changed.
    pub key_update_after: u64,
    /// Goes up when the hop's connections are to be forgotten; pools of an earlier one are.
    generation: AtomicU64,
    pub(super) origin: HopOrigin,
}

#[derive(Debug)]
pub(crate) enum TransportSnapshot {
    Tls(Box<TlsSnapshot>),
    /// TLS where the far end speaks it, cleartext where it does not.
    Preferred {
        tls: Box<TlsSnapshot>,
        local: bool,
    },
    /// The clients' own TLS: nothing is put around it, and nothing is seen of it here.
    Passthrough,
    Cleartext {
        local: bool,
        /// The TLS that will take its place, to be tried from time to time.
        next: Option<Box<TlsSnapshot>>,
    },
}

/// TLS to an upstream, ready to begin.
#[derive(Debug)]
pub(crate) struct TlsSnapshot {
    pub policy: &'static SecurityPolicy,
    /// Offers HTTP/2 and HTTP/1.1.
    pub any: ClientHandshake,
    /// Offers HTTP/1.1 alone, which upgrades need.
    pub http1: ClientHandshake,
    /// Offers no application protocol, for bytes of any, or that of PostgreSQL.
    pub bytes: ClientHandshake,
    /// Whether we show who we are, so that the far end may believe what we say of the path.
    pub identified: bool,
}

impl TransportSnapshot {
    /// Whether others than the two ends can read, and say, what goes over this leg.
    pub fn is_exposed<IO>(&self, leg: &Leg<IO>) -> bool {
        let local = match self {
            Self::Tls(_) | Self::Passthrough => false,
            Self::Preferred { local, .. } | Self::Cleartext { local, .. } => *local,
        };
        matches!(leg, Leg::Cleartext(_)) && !local
    }

    /// The TLS that is spoken, or may be.
    pub fn tls(&self) -> Option<&TlsSnapshot> {
        match self {
            Self::Tls(tls) | Self::Preferred { tls, .. } => Some(tls),
            Self::Passthrough => None,
            Self::Cleartext { next, .. } => next.as_deref(),
        }
    }
}

impl HopSnapshot {
    /// Connections of an earlier generation serve no more requests.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether its far end has proven itself by a certificate that is revoked by now.
    pub fn rests_on_revoked(&self) -> bool {
        let tls = self.transport.tls();
        tls.is_some_and(|TlsSnapshot { any, http1, bytes, .. }| {
            [any, http1, bytes].into_iter().any(ClientHandshake::rests_on_revoked)
        })
    }

    /// Begins anew: the next request opens a connection with a full handshake.
    pub fn forget_connections(&self) -> Result<(), SettingsError> {
        if let Some(TlsSnapshot { any, http1, bytes, .. }) = self.transport.tls() {
            for handshake in [any, http1, bytes] {
                handshake.forget_sessions()?;
            }
        }
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

/// The hops of one listener by their upstream.
pub(super) type Hops = HashMap<PartyName, Arc<HopSnapshot>>;

impl Builder<'_> {
    pub(super) fn shared_hop(
        &self,
        hops: &mut Hops,
        listener: &PartyName,
        name: &PartyName,
    ) -> Result<Arc<HopSnapshot>, GatewayError> {
        if let Some(hop) = hops.get(name) {
            return Ok(hop.clone());
        }
        let upstream = self.upstream(listener, name)?;
        let hop = match self.kept_hop(listener, upstream) {
            Some(kept) => kept,
            None => Arc::new(self.hop(listener, upstream)?),
        };
        hops.insert(name.clone(), hop.clone());
        Ok(hop)
    }

    fn upstream(&self, listener: &PartyName, name: &PartyName) -> Result<&Upstream, GatewayError> {
        let missing = || GatewayError::NoUpstream { listener: listener.clone(), name: name.clone() };
        self.configuration.upstream(name).ok_or_else(missing)
    }

    /// Whether PostgreSQL is spoken with what is behind this listener.
    pub(super) fn of_postgres(&self, listener: &PartyName) -> bool {
        let listener = self.configuration.listener(listener);
        listener.is_some_and(|listener| matches!(listener.protocol, Protocol::Postgres(_)))
    }

    fn hop(&self, listener: &PartyName, upstream: &Upstream) -> Result<HopSnapshot, GatewayError> {
        let of_postgres = self.of_postgres(listener);
        let alpn = if of_postgres { vec![ALPN.to_owned()] } else { Vec::new() };
        let tls = |tls| self.tls(upstream, tls, alpn.clone()).map(Box::new);
        let tls = upstream.transport.tls().map(tls).transpose()?;
        let transport = match (&upstream.transport, tls) {
            (UpstreamTransport::Tls(_), Some(tls)) => TransportSnapshot::Tls(tls),
            (UpstreamTransport::Preferred { local, .. }, Some(tls)) => {
                TransportSnapshot::Preferred { tls, local: *local }
            }
            (UpstreamTransport::Passthrough, _) => TransportSnapshot::Passthrough,
            (UpstreamTransport::Cleartext { local, .. }, next) => {
                TransportSnapshot::Cleartext { local: *local, next }
            }
            // Their TLS is part of them.
            (UpstreamTransport::Tls(_) | UpstreamTransport::Preferred { .. }, None) => {
                return Err(GatewayError::NoCredential { party: upstream.name.clone() });
            }
        };
        Ok(HopSnapshot {
            name: HopName::new(listener.clone(), upstream.name.clone()),
            demand: upstream.transport.demand(),
            endpoints: upstream.endpoints.clone(),
            transport,
            proxy_protocol: upstream.proxy_protocol,
            http2: upstream.http2,
            sslnegotiation: of_postgres.then_some(upstream.sslnegotiation),
            connect_timeout: upstream.connect_timeout,
            response_timeout: upstream.response_timeout,
            key_update_after: self.key_update_after,
            generation: AtomicU64::new(0),
            origin: self.hop_origin(upstream),
        })
    }

    /// `of_bytes` are the application protocols where HTTP is not spoken.
    fn tls(
        &self,
        upstream: &Upstream,
        tls: &UpstreamTls,
        of_bytes: Vec<String>,
    ) -> Result<TlsSnapshot, GatewayError> {
        let UpstreamTls { policy, trust, name, pins, identity } = tls;
        let presented = self.presented(upstream);
        if let (Some(identity), None) = (identity, &presented) {
            return Err(GatewayError::NoCredential { party: identity.party.clone() });
        }
        let settings = ClientSettings {
            policy,
            trust: self.anchors(&upstream.name, trust)?,
            expected: Expected(name.clone()),
            pins: pins.clone(),
            revoked: self.credentials.revoked.clone(),
            identity: presented.clone(),
            alpn: vec!["h2".to_owned(), "http/1.1".to_owned()],
        };
        let refused = |source| GatewayError::Settings { party: upstream.name.clone(), source };
        let any = ClientHandshake::new(settings, self.clock.clone()).map_err(refused)?;
        let http1 = any.with_alpn(vec!["http/1.1".to_owned()]).map_err(refused)?;
        let bytes = any.with_alpn(of_bytes).map_err(refused)?;
        Ok(TlsSnapshot { policy, any, http1, bytes, identified: presented.is_some() })
    }
}
