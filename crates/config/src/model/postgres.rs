//! What is particular to PostgreSQL: who logs in, and what becomes of SCRAM's channel binding.

use std::path::PathBuf;

use hermetic_hop::Demand;

use super::{ScramVerifier, Secret, Stream};

/// A `postgres` listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres {
    /// How its clients come, and where they go.
    pub stream: Stream,
    /// What becomes of their login.
    pub login: Login,
    /// How cancel requests may come where logins come by TLS alone.
    pub cancel: Demand,
}

/// What becomes of a login, in which SCRAM may be bound to the certificate that the client sees (RFC 5929
/// section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// It ends here, and is done anew at the upstream.
    Terminate(Users),
    /// It passes as it is, on connections whose two sides show one certificate.
    SharedCertificate,
    /// It passes without the upstream's offer of a binding. Only for clients that come in cleartext.
    StripPlus,
    /// It passes as it is.
    Pass,
}

/// Whence the gateway knows the verifiers of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Users {
    /// A file, read and checked.
    File {
        /// The file.
        path: PathBuf,
        /// What is in it.
        list: UserList,
    },
    /// The upstream is asked.
    Query(AuthQuery),
}

/// Users with their verifiers, in the file's order; no two of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserList(pub Vec<(String, ScramVerifier)>);

/// How the upstream is asked for a user's verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthQuery {
    /// The user that asks.
    pub user: String,
    /// The file with that user's password alone.
    pub password_file: PathBuf,
    /// What is in it.
    pub password: Secret,
    /// The database that it asks in.
    pub database: String,
    /// The query: `$1` is the user; one row of user and verifier comes back.
    pub query: String,
}

/// How TLS begins with an upstream that speaks PostgreSQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SslNegotiation {
    /// By `SSLRequest`.
    #[default]
    Postgres,
    /// At once, with the application protocol `postgresql`.
    Direct,
}
