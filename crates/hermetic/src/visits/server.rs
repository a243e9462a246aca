//! The PostgreSQL server that keeps the visits, as the application meets it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hermetic_hop::{Checked, Declared, Demand, HopName, TlsFacts, Transport};
use hermetic_tls::{
    ClientHandshake, ClientSettings, Clock, Expected, Identity, RevokedCertificates, SecurityPolicy,
    TrustAnchors,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use super::VisitsError;

/// A PostgreSQL server.
#[derive(Clone, Serialize, Deserialize)]
pub struct Server {
    /// Where to connect to: a DNS name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The relay that is connected to instead, where one stands before the server.
    pub via: Option<SocketAddr>,
    /// Who it must be.
    pub identity: Identity,
    /// The roots of those who may say so, as PEM.
    pub anchors: String,
    /// The database.
    pub database: String,
    /// As whom.
    pub user: String,
    /// The password, where there is one.
    pub password: Option<String>,
}

/// The hop to it, as the tour declares it.
#[expect(clippy::expect_used, reason = "both names are plain words, which any party may have")]
pub fn declared() -> Declared {
    let party = |name: &str| name.parse().expect("a plain word");
    let policy = SecurityPolicy::default_policy();
    let facts = TlsFacts {
        version: policy.servable_versions().into_iter().min(),
        server_checked: Checked::Verified,
        client_checked: Checked::NotAsked,
        ..TlsFacts::default()
    };
    Declared {
        name: HopName::new(party("app"), party("database")),
        demand: Some(Demand::Require),
        policy,
        transport: Some(Transport::Tls(Box::new(facts))),
    }
}

impl Server {
    /// Where it is, for people.
    pub fn place(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// A new socket to it.
    pub async fn connect(&self) -> io::Result<TcpStream> {
        let stream = match self.via {
            Some(relay) => TcpStream::connect(relay).await?,
            None => TcpStream::connect((self.host.as_str(), self.port)).await?,
        };
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// How it is met: always verified.
    pub(super) fn handshake(&self, clock: Arc<dyn Clock>) -> Result<ClientHandshake, VisitsError> {
        let settings = ClientSettings {
            policy: declared().policy,
            trust: TrustAnchors::from_pem(&self.anchors)?,
            expected: Expected(self.identity.clone()),
            pins: Vec::new(),
            revoked: RevokedCertificates::default(),
            identity: None,
            alpn: Vec::new(),
        };
        Ok(ClientHandshake::new(settings, clock)?)
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("place", &self.place())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
