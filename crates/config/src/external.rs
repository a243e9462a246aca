//! The hops that are not ours: what they should be, and what shows what they are.

use std::path::PathBuf;
use std::time::Duration;

use hermetic_hop::{ExternalEndpoint, HopName, View};
use hermetic_tls::{Identity, SecurityPolicy};

use crate::model::Trust;

/// `[[hop]]`: a hop that Hermetic is at neither end of. What is in here is a wish and never
/// evidence; until some comes, the hop is `unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalHop {
    /// Its two parties.
    pub name: HopName,
    /// Where the far end is; always there where `evidence` has a probe.
    pub endpoint: Option<ExternalEndpoint>,
    /// Whom we believe.
    pub trust: Trust,
    /// Who the far end must be: as written, or the endpoint's host; `None` only where there is
    /// neither, so that no probe asks.
    pub expected: Option<Identity>,
    /// Within which policy it should be.
    pub policy: &'static SecurityPolicy,
    /// What shows how it is protected; never empty, no source twice.
    pub evidence: Vec<EvidenceSource>,
    /// How long `up` waits from one look at the far end to the next.
    pub interval: Duration,
}

/// What shows how an external hop is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceSource {
    /// A handshake with the endpoint, from here.
    Probe,
    /// A log of the hop's connections.
    Log {
        /// The file; it may be rotated.
        path: PathBuf,
        /// Who wrote it.
        format: LogFormat,
        /// Which end of the hop wrote it.
        view: End,
    },
    /// The view `pg_stat_ssl` of a PostgreSQL server.
    PgStatSsl(PgStatSsl),
}

/// Who wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// nginx.
    Nginx,
    /// Envoy.
    Envoy,
    /// HAProxy.
    Haproxy,
}

/// An end of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The end that connects.
    Client,
    /// The end that is connected to.
    Server,
}

/// A PostgreSQL server that is asked what its connections have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgStatSsl {
    /// A DNS name or an IP address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Who asks.
    pub user: String,
    /// The database to connect to; the view shows the connections of all.
    pub database: String,
    /// The file with the user's password; `None` where the server asks for none.
    pub password_file: Option<PathBuf>,
    /// Who the server must be: as `tls` of the hop names it, or `host`.
    pub expected: Identity,
}

impl From<End> for View {
    fn from(end: End) -> Self {
        match end {
            End::Client => Self::Client,
            End::Server => Self::Server,
        }
    }
}
