//! A `tls` or `tcp` listener, ready to serve.

use std::sync::Arc;

use hermetic_config::{HostPattern, Passage, Stream, StreamClients, StreamRoute};
use hermetic_hop::{Demand, PartyName};

use super::{Builder, HopSnapshot, Hops, TerminationSnapshot};
use crate::error::GatewayError;

/// A `tls` or `tcp` listener, ready to serve.
#[derive(Debug)]
pub(crate) struct StreamSnapshot {
    pub clients: StreamClientsSnapshot,
    pub routes: Vec<StreamRouteSnapshot>,
}

/// How the clients of a stream listener come.
#[derive(Debug)]
pub(crate) enum StreamClientsSnapshot {
    /// By TLS, or as its demand allows.
    Tls(Box<TerminationSnapshot>),
    /// By TLS that passes through on every route.
    PassedThrough,
    /// In cleartext from this host alone.
    Local,
    /// In cleartext from anywhere, as long as the exception holds.
    Cleartext(Demand),
}

impl StreamClientsSnapshot {
    /// How their TLS ends, where they come by it and it ends here.
    pub fn termination(&self) -> Option<&TerminationSnapshot> {
        match self {
            Self::Tls(termination) => Some(termination),
            Self::PassedThrough | Self::Local | Self::Cleartext(_) => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct StreamRouteSnapshot {
    pub server_name: Option<HostPattern>,
    /// Empty: whatever is offered.
    pub alpn: Vec<String>,
    pub ending: Ending,
    pub to: Arc<HopSnapshot>,
}

/// Where the TLS of a route's clients ends, if they come by it.
#[derive(Debug)]
pub(crate) enum Ending {
    /// As it does for the listener.
    Here,
    /// The same with application protocols of the route's own.
    With(Box<TerminationSnapshot>),
    /// Behind the upstream; what is demanded of those who pass.
    Beyond(Passage),
}

impl Builder<'_> {
    pub(super) fn stream(&self, name: &PartyName, stream: &Stream) -> Result<StreamSnapshot, GatewayError> {
        self.stream_with(name, stream, Vec::new())
    }

    /// The same with application protocols.
    pub(super) fn stream_with(
        &self,
        name: &PartyName,
        stream: &Stream,
        alpn: Vec<String>,
    ) -> Result<StreamSnapshot, GatewayError> {
        let clients = match &stream.clients {
            StreamClients::Tls(termination) => {
                StreamClientsSnapshot::Tls(Box::new(self.termination(name, termination, alpn)?))
            }
            StreamClients::PassedThrough(_) => StreamClientsSnapshot::PassedThrough,
            StreamClients::Cleartext { exception: None } => StreamClientsSnapshot::Local,
            StreamClients::Cleartext { exception: Some(exception) } => {
                StreamClientsSnapshot::Cleartext(Demand::Observe(exception.clone()))
            }
        };
        let mut hops = Hops::default();
        let mut route = |route: &StreamRoute| {
            Ok(StreamRouteSnapshot {
                server_name: route.server_name.clone(),
                alpn: route.alpn.clone(),
                ending: self.ending(name, stream, &clients, route)?,
                to: self.shared_hop(&mut hops, name, &route.to)?,
            })
        };
        let routes = stream.routes.iter().map(&mut route).collect::<Result<_, GatewayError>>()?;
        Ok(StreamSnapshot { clients, routes })
    }

    fn ending(
        &self,
        name: &PartyName,
        stream: &Stream,
        clients: &StreamClientsSnapshot,
        route: &StreamRoute,
    ) -> Result<Ending, GatewayError> {
        match (&stream.clients, clients.termination()) {
            _ if route.passthrough => Ok(stream.clients.passage().map_or(Ending::Here, Ending::Beyond)),
            (StreamClients::Tls(written), Some(own)) if !route.alpn.is_empty() => {
                // They know of the same revoked certificates.
                let revocations = own.revocations.clone();
                let with = self.termination_with(name, written, route.alpn.clone(), revocations)?;
                Ok(Ending::With(Box::new(with)))
            }
            _ => Ok(Ending::Here),
        }
    }
}
