//! Upstreams: where data goes out to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hermetic_hop::{Demand, Exception, PartyName};
use hermetic_permit::PolicyDocument;
use hermetic_tls::{Fingerprint, Identity, SecurityPolicy};

use super::{Presented, ProxyProtocolVersion, SslNegotiation, Trust};

/// Where data goes out to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its name; the party that it is.
    pub name: PartyName,
    /// Where it is; never empty.
    pub endpoints: Vec<Endpoint>,
    /// How connections to it are protected.
    pub transport: UpstreamTransport,
    /// The header by which it is told of the client, first on each connection; `None`: it is not.
    pub proxy_protocol: Option<ProxyProtocolVersion>,
    /// How its TLS begins where it speaks PostgreSQL.
    pub sslnegotiation: SslNegotiation,
    /// The policy document of what is there.
    pub policy_document: Option<Arc<PolicyDocument>>,
    /// Whether HTTP/2 is spoken without TLS's negotiation (gRPC over cleartext).
    pub http2: bool,
    /// How long a connection and its handshake may take.
    pub connect_timeout: Duration,
    /// How long the upstream may take until its response's head.
    pub response_timeout: Duration,
}

/// The place of an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A host and port.
    Tcp {
        /// A DNS name or an IP address.
        host: String,
        /// The port.
        port: u16,
    },
    /// A unix socket.
    Unix(PathBuf),
}

/// How connections to an upstream are protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamTransport {
    /// TLS, always verified.
    Tls(UpstreamTls),
    /// TLS, always verified, where the far end speaks it; cleartext where it does not (`prefer`).
    Preferred {
        /// The TLS.
        tls: UpstreamTls,
        /// Whether all endpoints are loopback or unix sockets, so that nothing can leave the host.
        local: bool,
        /// Why cleartext is accepted.
        exception: Exception,
    },
    /// TLS of the clients themselves, which passes through a listener: theirs to verify, and not ours.
    Passthrough,
    /// Cleartext.
    Cleartext {
        /// Whether all endpoints are loopback or unix sockets, so that nothing can leave the host.
        local: bool,
        /// Why it is accepted (`observe`); always there unless `local`.
        exception: Option<Exception>,
        /// The TLS that will take its place; tried from time to time to tell whether it could.
        tls: Option<UpstreamTls>,
    },
}

/// TLS to an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamTls {
    /// What may be negotiated.
    pub policy: &'static SecurityPolicy,
    /// Whom we believe.
    pub trust: Trust,
    /// Who it must be.
    pub name: Identity,
    /// The certificates by which alone it may prove that; empty: any.
    pub pins: Vec<Fingerprint>,
    /// As whom we present ourselves.
    pub identity: Option<Presented>,
}

impl UpstreamTransport {
    /// The TLS that is spoken, or may be.
    pub fn tls(&self) -> Option<&UpstreamTls> {
        match self {
            Self::Tls(tls) | Self::Preferred { tls, .. } => Some(tls),
            Self::Passthrough => None,
            Self::Cleartext { tls, .. } => tls.as_ref(),
        }
    }

    /// What it demands of the way to the upstream. Cleartext that can't leave the host is no
    /// weakening of anything.
    pub fn demand(&self) -> Demand {
        match self {
            Self::Tls(_) | Self::Passthrough | Self::Cleartext { exception: None, .. } => Demand::Require,
            Self::Preferred { exception, .. } => Demand::Prefer(exception.clone()),
            Self::Cleartext { exception: Some(exception), .. } => Demand::Observe(exception.clone()),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
