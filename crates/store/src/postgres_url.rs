//! Where a PostgreSQL database is, who asks, and how the way to it is protected: a URL as libpq takes it.
//!
//! Of libpq's parameters only those are understood that make the way to the server no weaker than we
//! want it, and none that holds a secret: a URL ends in logs, process lists and shell histories.

mod reading;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hermetic_tls::Identity;

use crate::password::PostgresLogin;

/// Where a PostgreSQL database is, who asks, and how the way to it is protected.
///
/// Whoever holds one knows: to another host, there is TLS and the server is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresUrl {
    address: PostgresAddress,
    transport: PostgresTransport,
    user: String,
    database: String,
    passfile: Option<PathBuf>,
}

/// Where a PostgreSQL server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresAddress {
    /// At a unix socket in this folder, whose name has the port: `.s.PGSQL.5432`.
    Socket {
        /// The folder.
        folder: PathBuf,
        /// The port.
        port: u16,
    },
    /// At a port of a host.
    Tcp {
        /// A DNS name or an IP address, without brackets.
        host: String,
        /// The same as the server must prove to be.
        identity: Identity,
        /// The port.
        port: u16,
    },
}

/// How the way to the server is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresTransport {
    /// Cleartext that can't leave this host: loopback, or a unix socket.
    Local,
    /// TLS, and the server is verified (`sslmode=verify-full`).
    VerifyFull {
        /// Who vouches for it.
        roots: PostgresRoots,
        /// The certificate that we show it; `None`: none.
        client: Option<PostgresClientCertificate>,
    },
}

/// Who vouches for a PostgreSQL server (`sslrootcert`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresRoots {
    /// The operating system's roots.
    System,
    /// Those in a PEM file.
    File(PathBuf),
}

/// The certificate that we show a PostgreSQL server, in PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresClientCertificate {
    /// The certificate and the intermediates behind it (`sslcert`).
    pub cert: PathBuf,
    /// Its private key (`sslkey`).
    pub key: PathBuf,
}

/// Why a text is no [`PostgresUrl`]. What is told never repeats what may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresUrlError {
    /// Another scheme, or none.
    #[error("this is not a PostgreSQL URL; write one such as \"postgres://hermetic@db.internal/hermetic\"")]
    Scheme,
    /// It has a password.
    #[error(
        "a password has no place in a URL; write a line `host:port:database:user:password` into a file, and name that with `?passfile=…`"
    )]
    Password,
    /// It names no user.
    #[error(
        "this URL names no user; write one before the host: \"postgres://hermetic@db.internal/hermetic\""
    )]
    User,
    /// It names no host.
    #[error(
        "this URL names no host; write one, or the folder of a unix socket as `?host=/var/run/postgresql`"
    )]
    NoHost,
    /// Its host is neither a name, nor an address, nor a folder.
    #[error("`{0}` is not a DNS name, an IP address or the folder of a unix socket; write one of them")]
    Host(String),
    /// It names several hosts.
    #[error("this URL names several hosts; write the one name under which the primary is reached")]
    Hosts,
    /// A port that is none.
    #[error("`{0}` is not a port; write a number from 1 to 65535, or leave it out for 5432")]
    Port(String),
    /// Something that can't be percent-decoded, or not to one name.
    #[error(
        "the {0} in this URL can't be read; write what is neither a letter nor a digit as `%` and two hexadecimal digits"
    )]
    Encoding(&'static str),
    /// A parameter that means nothing here.
    #[error("this URL has a parameter `{0}`, which has no meaning here; the parameters are {known}", known = reading::PARAMETERS.join(", "))]
    Parameter(String),
    /// A parameter that is written twice.
    #[error("this URL has `{0}` twice; write it once")]
    Twice(&'static str),
    /// A mode of libpq's that would not show who answers, or no mode.
    #[error(
        "`sslmode={0}` is not accepted, as it would not show who answers; write `sslmode=verify-full`, or to this host alone `sslmode=disable`"
    )]
    SslMode(String),
    /// Cleartext to another host.
    #[error("without TLS all that is stored could be read on its way to `{0}`; write `sslmode=verify-full`")]
    Cleartext(String),
    /// TLS at a unix socket, where PostgreSQL has none.
    #[error("PostgreSQL speaks no TLS at a unix socket; take `{0}` out")]
    TlsAtSocket(&'static str),
    /// A file for TLS, without TLS.
    #[error("without TLS `{0}` has no meaning; add `sslmode=verify-full`, or take it out")]
    WithoutTls(&'static str),
    /// A client certificate without its key, or the other way round.
    #[error("`sslcert` and `sslkey` go together; write both or neither")]
    HalfCertificate,
}

impl PostgresUrl {
    /// The port where none is written.
    pub const PORT: u16 = 5432;

    /// Where the server listens.
    pub fn address(&self) -> &PostgresAddress {
        &self.address
    }

    /// How the way to it is protected.
    pub fn transport(&self) -> &PostgresTransport {
        &self.transport
    }

    /// The user that asks.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The file in which the user's password is looked for; `None`: where libpq looks without one.
    pub fn passfile(&self) -> Option<&Path> {
        self.passfile.as_deref()
    }

    /// For whom a password is looked for.
    pub fn login(&self) -> PostgresLogin<'_> {
        let (host, port) = match &self.address {
            PostgresAddress::Socket { folder, port } => (folder.to_str().unwrap_or_default(), *port),
            PostgresAddress::Tcp { host, port, .. } => (host.as_str(), *port),
        };
        PostgresLogin { host, port, database: &self.database, user: &self.user }
    }

    /// The same, with the relative paths in it starting at `folder`.
    pub fn starting_at(self, folder: &Path) -> Self {
        let placed = |path: PathBuf| folder.join(path);
        let transport = match self.transport {
            PostgresTransport::Local => PostgresTransport::Local,
            PostgresTransport::VerifyFull { roots, client } => PostgresTransport::VerifyFull {
                roots: match roots {
                    PostgresRoots::System => PostgresRoots::System,
                    PostgresRoots::File(path) => PostgresRoots::File(placed(path)),
                },
                client: client.map(|PostgresClientCertificate { cert, key }| PostgresClientCertificate {
                    cert: placed(cert),
                    key: placed(key),
                }),
            },
        };
        Self { transport, passfile: self.passfile.map(placed), ..self }
    }
}

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, PostgresUrlError> {
        reading::read(text)
    }
}

/// The place alone, as people name it: `postgres://hermetic@db.internal:5432/hermetic`, without parameters.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, database) = (reading::encoded(&self.user), reading::encoded(&self.database));
        match &self.address {
            PostgresAddress::Tcp { identity: Identity::Ip(address), port, .. } => {
                let address = std::net::SocketAddr::new(*address, *port);
                write!(f, "postgres://{user}@{address}/{database}")
            }
            PostgresAddress::Tcp { host, port, .. } => {
                write!(f, "postgres://{user}@{host}:{port}/{database}")
            }
            PostgresAddress::Socket { folder, port } => {
                let folder = reading::encoded(&folder.to_string_lossy());
                write!(f, "postgres://{user}@{folder}:{port}/{database}")
            }
        }
    }
}
