//! A listener, ready to serve.

use std::sync::Arc;
use std::time::Duration;

use hermetic_config::{Limits, Listener, Protocol, ProxyProtocol};
use hermetic_hop::{HopName, PartyName};
use hermetic_permit::Callers;

use super::origin::ListenerOrigin;
use super::{
    Builder, HopSnapshot, HttpSnapshot, HttpsSnapshot, PostgresSnapshot, StreamSnapshot, TerminationSnapshot,
};
use crate::error::GatewayError;
use crate::sockets::Bind;
use crate::tenure::Tenure;

/// A listener, ready to serve.
#[derive(Debug)]
pub(crate) struct ListenerSnapshot {
    pub name: PartyName,
    /// The hop of those who did not prove who they are.
    pub stranger: HopName,
    /// Where its sockets are.
    pub bind: Bind,
    pub public_port: u16,
    pub handshake_timeout: Duration,
    pub idle_timeout: Duration,
    pub limits: Limits,
    /// Whose word is taken for whom a connection is from.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// By what those who call are known to policy documents.
    pub callers: Option<Arc<Callers>>,
    pub protocol: ProtocolSnapshot,
    pub tenure: Tenure,
    pub(super) origin: ListenerOrigin,
}

#[derive(Debug)]
pub(crate) enum ProtocolSnapshot {
    Https(Box<HttpsSnapshot>),
    Http(Box<HttpSnapshot>),
    Redirect { public_port: u16 },
    Stream(Box<StreamSnapshot>),
    Postgres(Box<PostgresSnapshot>),
}

impl ListenerSnapshot {
    /// Whether an upstream is told of the clients.
    pub fn introduces(&self) -> bool {
        self.hops().iter().any(|hop| hop.proxy_protocol.is_some())
    }

    /// How its clients' TLS ends, where it does.
    pub fn termination(&self) -> Option<&TerminationSnapshot> {
        match &self.protocol {
            ProtocolSnapshot::Https(https) => Some(&https.termination),
            ProtocolSnapshot::Stream(stream) => stream.clients.termination(),
            ProtocolSnapshot::Postgres(postgres) => postgres.stream.clients.termination(),
            ProtocolSnapshot::Http(_) | ProtocolSnapshot::Redirect { .. } => None,
        }
    }

    /// The hops that its routes lead over.
    pub(super) fn hops(&self) -> Vec<&Arc<HopSnapshot>> {
        match &self.protocol {
            ProtocolSnapshot::Https(https) => https.site.hops().collect(),
            ProtocolSnapshot::Http(http) => http.site.hops().collect(),
            ProtocolSnapshot::Stream(stream) => stream.routes.iter().map(|route| &route.to).collect(),
            ProtocolSnapshot::Postgres(postgres) => {
                postgres.stream.routes.iter().map(|route| &route.to).collect()
            }
            ProtocolSnapshot::Redirect { .. } => Vec::new(),
        }
    }
}

impl Builder<'_> {
    /// The listener as it is configured; the very one of the snapshot before where nothing about it changed.
    pub(super) fn listener(&self, listener: &Listener) -> Result<Arc<ListenerSnapshot>, GatewayError> {
        let origin = self.origin(listener);
        if let Some(kept) = self.kept_listener(&origin) {
            return Ok(kept);
        }
        let protocol = match &listener.protocol {
            Protocol::Https(https) => ProtocolSnapshot::Https(Box::new(self.https(&listener.name, https)?)),
            Protocol::Http(http) => ProtocolSnapshot::Http(Box::new(self.http(&listener.name, http)?)),
            Protocol::Redirect(redirect) => ProtocolSnapshot::Redirect { public_port: redirect.public_port },
            Protocol::Stream(stream) => {
                ProtocolSnapshot::Stream(Box::new(self.stream(&listener.name, stream)?))
            }
            Protocol::Postgres(postgres) => {
                ProtocolSnapshot::Postgres(Box::new(self.postgres(&listener.name, postgres)?))
            }
        };
        Ok(Arc::new(ListenerSnapshot {
            name: listener.name.clone(),
            stranger: HopName::new(PartyName::client(), listener.name.clone()),
            bind: Bind::of(listener),
            public_port: listener.public_port,
            handshake_timeout: listener.handshake_timeout,
            idle_timeout: listener.idle_timeout,
            limits: listener.limits.clone(),
            proxy_protocol: listener.proxy_protocol.clone(),
            callers: listener.callers.clone(),
            protocol,
            tenure: Tenure::new(),
            origin,
        }))
    }
}
