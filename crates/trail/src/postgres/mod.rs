//! The sessions of a PostgreSQL server, as it knows them itself.

mod tls;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hermetic_tls::ClientHandshake;
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Row};

use crate::connections::LoggedConnections;
use crate::entry::{Address, ClientVerified, Connection, LoggedTransport, Occasion};
pub use tls::{Sealed, Secured};

/// Whether we may see the sessions of others.
const MAY_SEE: &str = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')";

/// The sessions of clients, replicas among them, since they carry all data there is.
const SESSIONS: &str = "\
    SELECT a.datname::text, a.usename::text, a.client_addr, s.ssl, s.version, s.cipher, \
           s.client_dn IS NOT NULL \
    FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) \
    WHERE a.backend_type IN ('client backend', 'walsender') AND a.pid <> pg_backend_pid() \
    ORDER BY a.pid";

/// A PostgreSQL server, and who we are to it.
#[derive(Clone)]
pub struct PgServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database to log in to.
    pub database: String,
    /// A user that may read all statistics: a member of `pg_monitor`.
    pub user: String,
    /// The user's password.
    pub password: String,
    /// How TLS to it is made. Without it only a server on this host is asked, since the password
    /// would travel in clear.
    pub tls: Option<ClientHandshake>,
    /// How long the whole of it may take.
    pub deadline: Duration,
}

/// A session that a client had open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgSession {
    /// The database; `None` for a replica's.
    pub database: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The client's address; `None` over a unix socket.
    pub address: Option<IpAddr>,
    /// How its bytes travel.
    pub transport: LoggedTransport,
}

/// Why a server's sessions could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PgError {
    /// The password would have travelled in clear.
    #[error("{0} is not on this host: give `tls` for it, since the password would travel in clear without")]
    Cleartext(String),
    /// Nobody answers there.
    #[error("{endpoint} could not be reached: {error}")]
    Connect {
        /// The server.
        endpoint: String,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// It took too long.
    #[error("{endpoint} did not answer within {} s", deadline.as_secs_f32())]
    Deadline {
        /// The server.
        endpoint: String,
        /// How long it had.
        deadline: Duration,
    },
    /// The server refused, or TLS to it failed.
    #[error("{endpoint} did not tell its sessions: {reason}")]
    Refused {
        /// The server.
        endpoint: String,
        /// Why, with all causes.
        reason: String,
    },
    /// The user sees only its own sessions.
    #[error(
        "{user} may not see the sessions of others at {endpoint}; as a superuser there: GRANT pg_monitor TO {user}"
    )]
    Permission {
        /// The server.
        endpoint: String,
        /// The user.
        user: String,
    },
}

/// Asks a server for the sessions that clients have open, without our own.
pub async fn pg_stat_ssl(server: &PgServer) -> Result<Vec<PgSession>, PgError> {
    let deadline = server.deadline;
    let asked = tokio::time::timeout(deadline, server.ask()).await;
    asked.unwrap_or_else(|_| Err(PgError::Deadline { endpoint: server.endpoint(), deadline }))
}

impl PgServer {
    async fn ask(&self) -> Result<Vec<PgSession>, PgError> {
        let address = (self.host.as_str(), self.port);
        let connected = TcpStream::connect(address).await;
        let stream = connected.map_err(|error| PgError::Connect { endpoint: self.endpoint(), error })?;
        let is_near = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        let mut config = Config::new();
        config.user(&self.user).password(&self.password).dbname(&self.database).application_name("hermetic");
        let refused = |error| self.refused(&error);
        match &self.tls {
            Some(handshake) => {
                config.ssl_mode(SslMode::Require);
                let connecting = config.connect_raw(stream, Sealed::new(handshake.clone(), Arc::default()));
                let (client, connection) = connecting.await.map_err(refused)?;
                self.sessions(client, connection).await
            }
            None if is_near => {
                config.ssl_mode(SslMode::Disable);
                let connecting = config.connect_raw(stream, tokio_postgres::NoTls);
                let (client, connection) = connecting.await.map_err(refused)?;
                self.sessions(client, connection).await
            }
            None => Err(PgError::Cleartext(self.endpoint())),
        }
    }

    /// Runs the queries while the connection is driven, and takes leave.
    async fn sessions(
        &self,
        client: Client,
        connection: impl Future<Output = Result<(), tokio_postgres::Error>>,
    ) -> Result<Vec<PgSession>, PgError> {
        // The connection ends when the client is dropped, which the first of these owns.
        let (told, ended) = tokio::join!(queries(client), connection);
        // Where the connection broke, that is the reason, and "closed" what came of it.
        let told = told.map_err(|closed| self.refused(&ended.err().unwrap_or(closed)))?;
        told.ok_or_else(|| PgError::Permission { endpoint: self.endpoint(), user: self.user.clone() })
    }

    fn refused(&self, error: &tokio_postgres::Error) -> PgError {
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            reason = format!("{reason}: {error}");
            cause = error.source();
        }
        PgError::Refused { endpoint: self.endpoint(), reason }
    }

    fn endpoint(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl std::fmt::Debug for PgServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { database, user, tls, deadline, .. } = self;
        let mut shown = f.debug_struct("PgServer");
        shown.field("endpoint", &self.endpoint()).field("database", database).field("user", user);
        shown.field("tls", tls).field("deadline", deadline).finish_non_exhaustive()
    }
}

/// The sessions; `None` where we may not see those of others.
async fn queries(client: Client) -> Result<Option<Vec<PgSession>>, tokio_postgres::Error> {
    if !client.query_one(MAY_SEE, &[]).await?.try_get(0)? {
        return Ok(None);
    }
    let rows = client.query(SESSIONS, &[]).await?;
    rows.iter().map(session).collect::<Result<_, _>>().map(Some)
}

fn session(row: &Row) -> Result<PgSession, tokio_postgres::Error> {
    let address: Option<IpAddr> = row.try_get(2)?;
    let (version, suite): (Option<String>, Option<String>) = (row.try_get(4)?, row.try_get(5)?);
    let transport = if row.try_get(3)? {
        // PostgreSQL refuses a certificate that does not hold, so one that is there was checked.
        let shown: bool = row.try_get(6)?;
        LoggedTransport::Tls {
            version: version.and_then(|name| name.parse().ok()),
            suite: suite.and_then(|name| name.parse().ok()),
            group: None,
            client_verified: Some(if shown { ClientVerified::Yes } else { ClientVerified::None }),
        }
    } else {
        LoggedTransport::cleartext(Some(far_end(address)))
    };
    Ok(PgSession { database: row.try_get(0)?, user: row.try_get(1)?, address, transport })
}

fn far_end(address: Option<IpAddr>) -> Address {
    address.map_or(Address::Unix, |ip| Address::Ip(ip.to_canonical()))
}

impl LoggedConnections {
    /// The sessions that were open at one moment; see [`Self::observation`], whose view is the
    /// server's here.
    pub fn of_sessions(sessions: &[PgSession], at: Timestamp) -> Self {
        let mut connections = Self::default();
        for session in sessions {
            let PgSession { address, transport, .. } = *session;
            let (address, occasion) = (Some(far_end(address)), Occasion::First);
            connections.record(&Connection { at, address, transport, resumed: false, occasion }, true);
        }
        connections
    }
}
