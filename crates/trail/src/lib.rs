//! Evidence that others wrote down: the TLS fields of the access logs of nginx, Envoy and HAProxy,
//! and the sessions of a PostgreSQL server. It tells how a hop between two strangers is protected,
//! with nothing of ours in the data path.

mod connections;
mod entry;
mod follow;
mod format;
mod known;
mod lines;
mod postgres;
mod reader;

pub use connections::LoggedConnections;
pub use entry::{Address, ClientVerified, Connection, LogEntry, LoggedTransport, Occasion, UnreadableLine};
pub use format::LogFormat;
pub use lines::LONGEST_LINE;
pub use postgres::{PgError, PgServer, PgSession, Sealed, Secured, pg_stat_ssl};
pub use reader::{LogError, LogReader};
