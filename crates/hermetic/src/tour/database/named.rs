//! A server that `$HERMETIC_TOUR_POSTGRES` names: `postgres://user@host:port/database?sslrootcert=ca.pem`.

use std::ffi::OsString;
use std::path::PathBuf;

use hermetic_store::PostgresLogin;
use hermetic_tls::{CertificateError, Identity, IdentityError, TrustAnchors};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::visits::Server;

/// The variable.
pub const VARIABLE: &str = "HERMETIC_TOUR_POSTGRES";

/// Why what it names is no server to us.
#[derive(Debug, thiserror::Error)]
pub enum NamedError {
    /// Not a URL of PostgreSQL's.
    #[error(
        "${VARIABLE}: write postgres://user@host:port/database, `?sslrootcert=` and a PEM file behind it where the system's roots don't vouch for the server, or `off`: {0}"
    )]
    Url(String),
    /// A host that no certificate can be for.
    #[error("${VARIABLE}: {0}")]
    Host(#[from] IdentityError),
    /// A file of roots that can't be read.
    #[error("${VARIABLE}: {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Roots that are none.
    #[error("${VARIABLE}: the roots to verify the server with: {0}")]
    Anchors(#[from] CertificateError),
}

/// The server that a URL names, with its password as PostgreSQL's own programs find it.
pub fn server(url: &str, variable: impl Fn(&str) -> Option<OsString>) -> Result<Server, NamedError> {
    let wrong = |reason: &str| NamedError::Url(reason.to_owned());
    let (url, roots) = without_roots(url);
    let config: Config = url.parse().map_err(|error: tokio_postgres::Error| wrong(&error.to_string()))?;
    let [Host::Tcp(host)] = config.get_hosts() else { return Err(wrong("it needs one host, and no socket")) };
    let user = config.get_user().ok_or_else(|| wrong("it names no user"))?.to_owned();
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().unwrap_or(&user).to_owned();
    let password = match config.get_password() {
        Some(password) => Some(String::from_utf8_lossy(password).into_owned()),
        None => {
            let login = PostgresLogin { host, port, database: &database, user: &user };
            login.password(variable).map(|password| password.as_str().to_owned())
        }
    };
    let anchors = match roots {
        Some(path) => std::fs::read_to_string(&path).map_err(|source| NamedError::File { path, source })?,
        None => super::pem(&TrustAnchors::system()?),
    };
    TrustAnchors::from_pem(&anchors)?;
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Server { identity: Identity::host(&host)?, host, port, via: None, anchors, database, user, password })
}

/// The URL without `sslrootcert`, which our client library does not know, and its value.
fn without_roots(url: &str) -> (String, Option<PathBuf>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (roots, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|parameter| parameter.starts_with("sslrootcert="));
    let roots = roots.first().and_then(|root| root.split_once('=')).map(|(_, path)| PathBuf::from(path));
    let url = if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
    (url, roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str) -> Result<Server, NamedError> {
        server(url, |name| (name == "PGPASSWORD").then(|| "secret".into()))
    }

    #[test]
    fn a_url_names_user_host_port_and_database() {
        let server = named("postgres://web@db.internal:6432/shop").unwrap();
        assert_eq!((server.place().as_str(), server.user.as_str()), ("db.internal:6432", "web"));
        assert_eq!((server.database.as_str(), server.password.as_deref()), ("shop", Some("secret")));
        assert_eq!(server.identity.to_string(), "dns:db.internal");
    }

    #[test]
    fn what_is_missing_is_what_postgresql_takes_for_it() {
        let server = named("postgres://web@127.0.0.1").unwrap();
        assert_eq!((server.port, server.database.as_str()), (5432, "web"));
    }

    #[test]
    fn roots_of_ones_own_are_read_from_the_file_that_is_named() {
        let error = named("postgres://web@db.internal/shop?sslrootcert=/no/such/ca.pem&connect_timeout=5")
            .unwrap_err();
        assert!(error.to_string().contains("/no/such/ca.pem"), "{error}");
    }

    #[test]
    fn what_is_no_url_is_told_with_what_to_write() {
        for url in ["nonsense", "postgres://db.internal/shop", "postgres://web@a,b/shop"] {
            let error = named(url).unwrap_err().to_string();
            assert!(error.contains("write postgres://user@host:port/database"), "{url}: {error}");
        }
    }
}
