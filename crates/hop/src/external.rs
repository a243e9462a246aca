//! Hops that are not ours: where their far end is, and how TLS begins there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The far end of an external hop: `https://shop.example.com`, `tls://host:port`,
/// `postgres://db.internal:5432` and so on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExternalEndpoint {
    /// What is spoken there.
    pub scheme: Scheme,
    /// A DNS name or an IP address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// What is spoken at an external endpoint, and so how TLS begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HTTP over TLS, from the first byte.
    Https,
    /// TLS from the first byte, whatever is inside.
    Tls,
    /// PostgreSQL: `SSLRequest` first.
    Postgres,
    /// MySQL and MariaDB: the server's greeting, then an SSL request.
    Mysql,
    /// Redis, where the port may speak TLS or not: `redis://`.
    Redis,
    /// Redis over TLS from the first byte.
    Rediss,
    /// SMTP with STARTTLS.
    Smtp,
}

/// Text that is no external endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an endpoint; write https://, tls://, postgres://, mysql://, redis://, rediss:// or smtp://, a host, and a port where it is not the usual one; no user, password or path"
)]
pub struct ExternalEndpointError(String);

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Https, Self::Tls, Self::Postgres, Self::Mysql, Self::Redis, Self::Rediss, Self::Smtp];

    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Tls => "tls",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
            Self::Rediss => "rediss",
            Self::Smtp => "smtp",
        }
    }

    /// The usual port; `None` where there is none and it must be written.
    pub fn usual_port(self) -> Option<u16> {
        match self {
            Self::Https => Some(443),
            Self::Tls => None,
            Self::Postgres => Some(5432),
            Self::Mysql => Some(3306),
            Self::Redis | Self::Rediss => Some(6379),
            Self::Smtp => Some(25),
        }
    }
}

impl FromStr for ExternalEndpoint {
    type Err = ExternalEndpointError;

    fn from_str(text: &str) -> Result<Self, ExternalEndpointError> {
        let error = || ExternalEndpointError(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(error)?;
        let scheme = Scheme::ALL.into_iter().find(|known| known.as_str() == scheme).ok_or_else(error)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(error)?;
                (host, port.strip_prefix(':'))
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(error)?,
            None => scheme.usual_port().ok_or_else(error)?,
        };
        let spelled = |b: u8| b.is_ascii_alphanumeric() || b".-_:".contains(&b);
        if host.is_empty() || !host.bytes().all(spelled) {
            return Err(error());
        }
        Ok(Self { scheme, host: host.to_ascii_lowercase(), port })
    }
}

impl fmt::Display for ExternalEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme.as_str();
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

impl TryFrom<String> for ExternalEndpoint {
    type Error = ExternalEndpointError;

    fn try_from(text: String) -> Result<Self, ExternalEndpointError> {
        text.parse()
    }
}

impl From<ExternalEndpoint> for String {
    fn from(endpoint: ExternalEndpoint) -> Self {
        endpoint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_written_as_it_was_read() {
        for text in ["https://shop.example.com:443", "tls://[::1]:8883", "postgres://db.internal:5433"] {
            assert_eq!(text.parse::<ExternalEndpoint>().unwrap().to_string(), text);
        }
        assert_eq!("smtp://mail".parse::<ExternalEndpoint>().unwrap().port, 25);
    }

    #[test]
    fn secrets_paths_and_missing_ports_are_refused() {
        for text in [
            "tls://host",
            "postgres://user:secret@db",
            "https://host/path",
            "ftp://host",
            "https://",
            "https://h:0",
        ] {
            assert!(text.parse::<ExternalEndpoint>().is_err(), "{text}");
        }
    }
}
