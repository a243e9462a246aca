//! A valid configuration. Whoever holds one needs to check nothing again.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use hermetic_hop::{Exception, Flow, PartyName, Requirement};
use hermetic_tls::{Credential, Identity, SecurityPolicy, TrustAnchors, TrustDomain, UnknownSni};

use crate::external::ExternalHop;

/// All of `hermetic.toml`.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The folder of keys, certificates, evidence and the admin socket.
    pub data: PathBuf,
    /// Threads of the data plane; `None`: one a core.
    pub workers: Option<NonZeroUsize>,
    /// Where access records go, one JSON object a line; `None`: nowhere.
    pub access_log: Option<PathBuf>,
    /// Where metrics are served; always loopback.
    pub admin: Option<SocketAddr>,
    /// How long connections may finish their work after a stop.
    pub drain: Duration,
    /// The certificate authority.
    pub authority: Authority,
    /// Where data comes in.
    pub listeners: Vec<Listener>,
    /// Where it goes out to.
    pub upstreams: Vec<Upstream>,
    /// The hops that are not ours; no two of one name, and none that is also ours.
    pub external: Vec<ExternalHop>,
    /// The data paths.
    pub flows: Vec<Flow>,
    /// What is demanded of them.
    pub requirements: Vec<Requirement>,
}

impl Configuration {
    /// The listener of this name.
    pub fn listener(&self, name: &PartyName) -> Option<&Listener> {
        self.listeners.iter().find(|listener| listener.name == *name)
    }

    /// The upstream of this name.
    pub fn upstream(&self, name: &PartyName) -> Option<&Upstream> {
        self.upstreams.iter().find(|upstream| upstream.name == *name)
    }
}

/// `[authority]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The trust domain of SPIFFE IDs.
    pub trust_domain: TrustDomain,
    /// The lifetime of leaf certificates.
    pub lifetime: Duration,
}

/// Where data comes in.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Its name; the party that it is.
    pub name: PartyName,
    /// The address to listen on.
    pub bind: SocketAddr,
    /// The port under which clients reach it; that of `bind` unless told otherwise.
    pub public_port: u16,
    /// How long a client may take for its hello and handshake.
    pub handshake_timeout: Duration,
    /// How long a client may take for a request's head, and how long a connection may idle.
    pub idle_timeout: Duration,
    /// What is spoken on it.
    pub protocol: Protocol,
}

/// What is spoken on a listener.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// HTTP over TLS.
    Https(Box<Https>),
    /// Cleartext HTTP that serves nothing but redirects to an `https` listener.
    Redirect {
        /// The listener that it redirects to.
        to: PartyName,
        /// That listener's public port.
        public_port: u16,
    },
}

/// An `https` listener.
#[derive(Clone, Debug)]
pub struct Https {
    /// What may be negotiated.
    pub policy: &'static SecurityPolicy,
    /// Where its certificates come from; never empty.
    pub certificates: Vec<CertificateSource>,
    /// What to do with a server name that no certificate covers.
    pub unknown_sni: UnknownSni,
    /// What is demanded of clients.
    pub clients: Clients,
    /// Who may come in; `None`: whoever meets `clients`.
    pub allow: Option<Vec<Identity>>,
    /// `max-age` of Strict-Transport-Security.
    pub hsts: Option<Duration>,
    /// Where requests go; the first that matches.
    pub routes: Vec<Route>,
}

/// Where a certificate comes from.
#[derive(Clone, Debug)]
pub enum CertificateSource {
    /// The authority issues it for these identities, the listener's SPIFFE ID among them.
    Authority(Vec<Identity>),
    /// PEM files, read and checked.
    Files {
        /// The chain's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is in them.
        credential: Credential,
    },
}

/// What is demanded of a listener's clients.
#[derive(Clone, Debug)]
pub enum Clients {
    /// Nothing.
    None,
    /// A certificate is verified where one comes.
    Optional(Trust),
    /// Without a valid certificate nobody comes in.
    Required(Trust),
}

/// Whom we believe.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Hermetic's own authority.
    Authority,
    /// The operating system's roots.
    System,
    /// The roots in a PEM file, read and checked.
    File {
        /// The file.
        path: PathBuf,
        /// What is in it.
        anchors: TrustAnchors,
    },
}

/// Which way requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The hosts that it takes; `None`: any.
    pub host: Option<HostPattern>,
    /// The path prefix that it takes; `/` takes all. `/api` takes `/api` and `/api/…`, not `/apis`.
    pub path: String,
    /// Where to.
    pub to: Destination,
}

/// An exact host, or `*.` and a parent domain. Lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(pub String);

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To an upstream.
    Upstream(PartyName),
    /// To the page that shows the path which the request took, hop by hop (`show = "path"`).
    Path,
}

/// Where data goes out to.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Its name; the party that it is.
    pub name: PartyName,
    /// Where it is; never empty.
    pub endpoints: Vec<Endpoint>,
    /// How connections to it are protected.
    pub transport: UpstreamTransport,
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
#[derive(Clone, Debug)]
pub enum UpstreamTransport {
    /// TLS, always verified.
    Tls {
        /// What may be negotiated.
        policy: &'static SecurityPolicy,
        /// Whom we believe.
        trust: Trust,
        /// Who it must be.
        name: Identity,
        /// As which identity of the authority we present ourselves: `spiffe://<trust domain>/<name>`.
        identity: Option<PartyName>,
    },
    /// Cleartext.
    Cleartext {
        /// Whether all endpoints are loopback or unix sockets, so that nothing can leave the host.
        local: bool,
        /// Why it is accepted; always there unless `local`.
        exception: Option<Exception>,
    },
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
