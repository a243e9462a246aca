//! Hops that are not ours: where their far end is, and how TLS begins there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Scheme;

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

/// Text that is no external endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an endpoint; write SCHEME://HOST:PORT, the port where it is not the usual one, without user, password or path; the schemes are {schemes}",
    schemes = Scheme::list()
)]
pub struct ExternalEndpointError(String);

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
                if !port.is_empty() && !port.starts_with(':') {
                    return Err(error());
                }
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
            "gopher://host",
            "https://",
            "https://h:0",
            "https://[::1]8443",
        ] {
            assert!(text.parse::<ExternalEndpoint>().is_err(), "{text}");
        }
    }
}
