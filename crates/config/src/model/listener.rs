//! Listeners: where data comes in.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hermetic_guard::Settings;
use hermetic_hop::{Demand, Exception, PartyName};
use hermetic_permit::{Callers, PolicyDocument};
use hermetic_tls::{Certificate, Fingerprint, Identity, RevocationList, SecurityPolicy, UnknownSni};

use super::{CertificateSource, Destination, Limits, Postgres, ProxyProtocol, Route, StreamRoute, Trust};

/// Where data comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Whose word it takes for whom a connection is from; `None`: nobody's.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// How much it takes on.
    pub limits: Limits,
    /// The policy document of what is behind.
    pub policy_document: Option<Arc<PolicyDocument>>,
    /// By what those who call are known to policy documents; `None`: by nothing.
    pub callers: Option<Arc<Callers>>,
    /// What is spoken on it.
    pub protocol: Protocol,
}

impl Listener {
    /// How its clients' TLS ends, where it does.
    pub fn termination(&self) -> Option<&Termination> {
        match &self.protocol {
            Protocol::Https(https) => Some(&https.termination),
            Protocol::Stream(stream) => stream.clients.termination(),
            Protocol::Postgres(postgres) => postgres.stream.clients.termination(),
            Protocol::Http(_) | Protocol::Redirect { .. } => None,
        }
    }

    /// Where its requests go; none where it serves none.
    pub fn routes(&self) -> &[Route] {
        match &self.protocol {
            Protocol::Https(https) => https.routes.as_slice(),
            Protocol::Http(http) => &http.routes,
            Protocol::Stream(_) | Protocol::Postgres(_) | Protocol::Redirect(_) => &[],
        }
    }

    /// The same, to be completed.
    pub(crate) fn routes_mut(&mut self) -> &mut [Route] {
        match &mut self.protocol {
            Protocol::Https(https) => https.routes.as_mut_slice(),
            Protocol::Http(http) => &mut http.routes,
            Protocol::Stream(_) | Protocol::Postgres(_) | Protocol::Redirect(_) => &mut [],
        }
    }

    /// Whether a route of its shows the path of a request.
    pub fn shows_paths(&self) -> bool {
        self.routes().iter().any(|route| route.to == Destination::Path)
    }

    /// What it demands of the way to it; `None` where no content is served, or where what comes in
    /// cleartext can't leave the host.
    pub fn demand(&self) -> Option<Demand> {
        match &self.protocol {
            Protocol::Https(https) => Some(https.termination.demand.clone()),
            Protocol::Http(http) => Some(http.demand()),
            Protocol::Stream(stream) => stream.clients.demand(),
            Protocol::Postgres(postgres) => postgres.stream.clients.demand(),
            Protocol::Redirect { .. } => None,
        }
    }

    /// What may be negotiated by those whose TLS passes through to this upstream; `None` where none does.
    pub fn passes_through_to(&self, upstream: &PartyName) -> Option<&'static SecurityPolicy> {
        self.passing().find(|(to, _)| *to == upstream).map(|(_, policy)| policy)
    }

    /// The upstreams that TLS passes through to, and what may be negotiated there.
    pub(crate) fn passing(&self) -> impl Iterator<Item = (&PartyName, &'static SecurityPolicy)> {
        let stream = match &self.protocol {
            Protocol::Stream(stream) => Some(stream),
            Protocol::Https(_) | Protocol::Http(_) | Protocol::Postgres(_) | Protocol::Redirect(_) => None,
        };
        stream.into_iter().flat_map(|stream| {
            let policy = stream.clients.policy();
            let passing = stream.routes.iter().filter(|route| route.passthrough);
            passing.filter_map(move |route| Some((&route.to, policy?)))
        })
    }

    /// The upstreams that its routes lead to, in their order.
    pub fn upstreams(&self) -> Vec<&PartyName> {
        match &self.protocol {
            Protocol::Https(https) => https.routes.iter().filter_map(Route::upstream).collect(),
            Protocol::Http(http) => http.routes.iter().filter_map(Route::upstream).collect(),
            Protocol::Stream(stream) => stream.upstreams(),
            Protocol::Postgres(postgres) => postgres.stream.upstreams(),
            Protocol::Redirect { .. } => Vec::new(),
        }
    }
}

/// What is spoken on a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP over TLS.
    Https(Box<Https>),
    /// Cleartext HTTP that serves content, by an exception.
    Http(Box<Http>),
    /// Bytes of any protocol.
    Stream(Box<Stream>),
    /// PostgreSQL.
    Postgres(Box<Postgres>),
    /// Cleartext HTTP that serves nothing but redirects to an `https` listener.
    Redirect(Redirect),
}

/// Where cleartext HTTP is redirected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The `https` listener.
    pub to: PartyName,
    /// That listener's public port.
    pub public_port: u16,
}

/// An `http` listener that serves content, by an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// The exception.
    pub exception: Exception,
    /// What the guard's rules do.
    pub guard: Arc<Settings>,
    /// Where those are redirected to who ask for it (`prefer`); `None`: nobody is (`observe`).
    pub redirect: Option<Redirect>,
    /// Where requests go; the first that matches.
    pub routes: Vec<Route>,
}

impl Http {
    /// What it demands.
    pub fn demand(&self) -> Demand {
        match self.redirect {
            Some(_) => Demand::Prefer(self.exception.clone()),
            None => Demand::Observe(self.exception.clone()),
        }
    }
}

/// An `https` listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// How its clients' TLS ends.
    pub termination: Termination,
    /// `max-age` of Strict-Transport-Security.
    pub hsts: Option<Duration>,
    /// Where requests go; the first that matches.
    pub routes: Vec<Route>,
}

/// A `tls` or `tcp` listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// How its clients come.
    pub clients: StreamClients,
    /// Where connections go; the first that matches, never empty.
    pub routes: Vec<StreamRoute>,
}

/// How the clients of a stream listener come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamClients {
    /// By TLS, which ends here (`tls`).
    Tls(Termination),
    /// By TLS, which passes through on every route and ends nowhere here.
    PassedThrough(Passage),
    /// In cleartext (`tcp`).
    Cleartext {
        /// Why that is accepted from other hosts; `None`: it comes from this host alone.
        exception: Option<Exception>,
    },
}

/// What is demanded of TLS that passes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// What may be negotiated, by others; what is outside of it is refused as it is seen.
    pub policy: &'static SecurityPolicy,
    /// What the guard's rules do with hellos.
    pub guard: Arc<Settings>,
}

impl Stream {
    /// The upstreams that its routes lead to, in their order.
    fn upstreams(&self) -> Vec<&PartyName> {
        self.routes.iter().map(|route| &route.to).collect()
    }
}

impl StreamClients {
    /// How their TLS ends, where they come by it.
    pub fn termination(&self) -> Option<&Termination> {
        match self {
            Self::Tls(termination) => Some(termination),
            Self::PassedThrough(_) | Self::Cleartext { .. } => None,
        }
    }

    /// What is demanded of those whose TLS passes through; `None` for cleartext.
    pub fn passage(&self) -> Option<Passage> {
        match self {
            Self::Tls(Termination { policy, guard, .. }) => Some(Passage { policy, guard: guard.clone() }),
            Self::PassedThrough(passage) => Some(passage.clone()),
            Self::Cleartext { .. } => None,
        }
    }

    fn policy(&self) -> Option<&'static SecurityPolicy> {
        match self {
            Self::Tls(termination) => Some(termination.policy),
            Self::PassedThrough(passage) => Some(passage.policy),
            Self::Cleartext { .. } => None,
        }
    }

    /// What is demanded of their way; `None` where what comes in cleartext can't leave the host.
    fn demand(&self) -> Option<Demand> {
        match self {
            Self::Tls(termination) => Some(termination.demand.clone()),
            Self::PassedThrough(_) => Some(Demand::Require),
            Self::Cleartext { exception } => exception.clone().map(Demand::Observe),
        }
    }
}

/// How the TLS of a listener's clients ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Termination {
    /// What is demanded of the way of its clients: TLS, or by an exception less.
    pub demand: Demand,
    /// What may be negotiated.
    pub policy: &'static SecurityPolicy,
    /// Where its certificates come from; never empty.
    pub certificates: Vec<CertificateSource>,
    /// What to do with a server name that no certificate covers.
    pub unknown_sni: UnknownSni,
    /// What is demanded of clients.
    pub clients: Clients,
    /// The CRLs that the certificates of clients are held against; `None`: none.
    pub client_crl: Option<ClientCrl>,
    /// Who may come in; `None`: whoever meets `clients`.
    pub allow: Option<Vec<Admitted>>,
    /// What the guard's rules do.
    pub guard: Arc<Settings>,
}

/// CRL files, read and checked against the authorities of clients.
///
/// Two are the same when they name the same files: what is in them changes often, and is taken up without
/// another configuration.
#[derive(Clone, Debug)]
pub struct ClientCrl {
    /// The files.
    pub files: Vec<PathBuf>,
    /// What is in them; never empty.
    pub lists: Vec<RevocationList>,
}

impl PartialEq for ClientCrl {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files
    }
}

impl Eq for ClientCrl {}

/// Who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// Whoever is this.
    Identity(Identity),
    /// Whoever shows this certificate.
    Certificate(Fingerprint),
}

impl Admitted {
    /// Whether this entry lets a certificate in.
    pub fn admits(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Identity(identity) => certificate.identities.contains(identity),
            Self::Certificate(fingerprint) => certificate.fingerprint == *fingerprint,
        }
    }
}

/// As it may be written.
impl std::fmt::Display for Admitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Identity(identity) => identity.fmt(f),
            Self::Certificate(fingerprint) => write!(f, "sha256:{fingerprint}"),
        }
    }
}

/// What is demanded of a listener's clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clients {
    /// Nothing.
    None,
    /// A certificate is verified where one comes.
    Optional(Trust),
    /// Without a valid certificate nobody comes in.
    Required(Trust),
}

impl Clients {
    /// Whom we believe about them; `None` where nobody is asked.
    pub fn trust(&self) -> Option<&Trust> {
        match self {
            Self::None => None,
            Self::Optional(trust) | Self::Required(trust) => Some(trust),
        }
    }
}
