//! A valid configuration. Whoever holds one needs to check nothing again.

mod audit;
mod authority;
mod certificate;
mod fraction;
mod hook;
mod keys;
mod limits;
mod listener;
mod name;
mod postgres;
mod proxy_protocol;
mod route;
mod scanning;
mod scram;
mod secret;
mod upstream;
mod webhook;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use hermetic_guard::RuleId;
use hermetic_hop::{Exception, Flow, PartyName, Requirement};
use hermetic_store::PostgresUrl;
use hermetic_tls::TrustAnchors;
use hermetic_x509::Profile;

use crate::external::ExternalHop;
pub use audit::{Accepted, AuditTerms, ControlRequirement, NamedAt};
pub use authority::{Authority, Issuance, Presented};
pub use certificate::{CertificateSource, StoredCertificate, StoredCertificateError};
pub use fraction::Fraction;
pub use hook::{Hook, HookAction, HookEvent};
pub use keys::{KeyEncryption, SecretSource, Token};
pub use limits::{Limits, Rate};
pub use listener::{
    Admitted, ClientCrl, Clients, Http, Https, Listener, Passage, Protocol, Redirect, Stream, StreamClients,
    Termination,
};
pub use name::{Name, NameError};
pub use postgres::{AuthQuery, Login, Postgres, SslNegotiation, UserList, Users};
pub use proxy_protocol::{Network, NetworkError, Others, ProxyProtocol, ProxyProtocolVersion};
pub use route::{Destination, HostPattern, Route, StreamRoute};
pub use scanning::Scanning;
pub use scram::{ScramVerifier, ScramVerifierError};
pub use secret::Secret;
pub use upstream::{Endpoint, Upstream, UpstreamTls, UpstreamTransport};
pub use webhook::{WebhookUrl, WebhookUrlError};

/// All of `hermetic.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The folder of keys, certificates, evidence and the admin socket.
    pub data: PathBuf,
    /// The database of the store; `None`: SQLite in `data`.
    pub store: Option<PostgresUrl>,
    /// Threads of the data plane; `None`: one a core.
    pub workers: Option<NonZeroUsize>,
    /// Where access records go, one JSON object a line; `None`: nowhere.
    pub access_log: Option<PathBuf>,
    /// Where metrics are served; always loopback.
    pub admin: Option<SocketAddr>,
    /// How long connections may finish their work after a stop.
    pub drain: Duration,
    /// Where the key comes from under which private keys are encrypted.
    pub encryption: KeyEncryption,
    /// How often what its hops lead to is scanned.
    pub scanning: Scanning,
    /// The PKCS#11 tokens; no two of one name.
    pub tokens: Vec<Token>,
    /// The certificate authority.
    pub authority: Authority,
    /// The built-in profiles, and those of the configuration; no two of one name.
    pub profiles: Vec<Profile>,
    /// Who is told when something happens to a certificate; no two of one name.
    pub hooks: Vec<Hook>,
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
    /// The rules of the guard that do less than by default.
    pub weakened: Vec<Weakened>,
}

impl Configuration {
    /// Puts the data folder elsewhere, and the key file with it where that is the one in the folder.
    pub fn move_data(&mut self, data: PathBuf) {
        const KEY_FILE: &str = "key";
        if self.encryption == KeyEncryption::File(self.data.join(KEY_FILE)) {
            self.encryption = KeyEncryption::File(data.join(KEY_FILE));
        }
        self.data = data;
    }

    /// The profile of this name.
    pub fn profile(&self, name: &Name) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name() == name.as_str())
    }

    /// The listener of this name.
    pub fn listener(&self, name: &PartyName) -> Option<&Listener> {
        self.listeners.iter().find(|listener| listener.name == *name)
    }

    /// The upstream of this name.
    pub fn upstream(&self, name: &PartyName) -> Option<&Upstream> {
        self.upstreams.iter().find(|upstream| upstream.name == *name)
    }
}

/// A rule of the guard that does less than by default on a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakened {
    /// The listener.
    pub listener: PartyName,
    /// The rule.
    pub rule: RuleId,
    /// By whose leave.
    pub exception: Exception,
}

/// Whom we believe.
#[derive(Clone, Debug, PartialEq, Eq)]
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
