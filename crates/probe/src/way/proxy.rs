//! A proxy, as it is written, and the connection through it.

use std::io;
use std::str::FromStr;

use tokio::net::TcpStream;

use super::{Destination, connect, socks5};

/// A proxy: `socks5://`, `socks5h://` or `http://`, a host and a port, with a user and a password where it wants
/// them.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    credentials: Option<Credentials>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// SOCKS 5 (RFC 1928), given addresses.
    Socks5,
    /// The same, given names.
    Socks5Named,
    /// CONNECT (RFC 9110 section 9.3.6), given names.
    Http,
}

/// Who we are to the proxy.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// Text that is no proxy. It may hold a password, and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "that is not a proxy; write socks5://, socks5h:// (the proxy resolves names) or http://, a host and a port, and user:password@ before them where it wants that"
)]
pub struct ProxyError;

impl Proxy {
    /// Whether it is given names, and resolves them itself.
    pub(super) fn takes_names(&self) -> bool {
        self.kind != Kind::Socks5
    }

    pub(super) async fn connect(&self, to: &Destination) -> io::Result<TcpStream> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("the proxy: {error}"));
        let mut io = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(named)?;
        let credentials = self.credentials.as_ref();
        match self.kind {
            Kind::Socks5 | Kind::Socks5Named => socks5::ask(&mut io, to, credentials).await,
            Kind::Http => connect::ask(&mut io, to, credentials).await,
        }
        .map_err(named)?;
        Ok(io)
    }
}

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = text.split_once("://").ok_or(ProxyError)?;
        let kind = match scheme {
            "socks5" => Kind::Socks5,
            "socks5h" => Kind::Socks5Named,
            "http" => Kind::Http,
            _ => return Err(ProxyError),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((who, place)) => (Some(Credentials::read(who)?), place),
            None => (None, rest),
        };
        let (host, port) = place.rsplit_once(':').ok_or(ProxyError)?;
        let host = match host.strip_prefix('[') {
            Some(host) => host.strip_suffix(']').ok_or(ProxyError)?,
            None if host.contains(':') => return Err(ProxyError),
            None => host,
        };
        let port = port.parse().ok().filter(|port| *port > 0).ok_or(ProxyError)?;
        let spelled = |b: u8| b.is_ascii_alphanumeric() || b".-_:".contains(&b);
        if host.is_empty() || !host.bytes().all(spelled) {
            return Err(ProxyError);
        }
        Ok(Self { kind, host: host.to_owned(), port, credentials })
    }
}

impl Credentials {
    fn read(text: &str) -> Result<Self, ProxyError> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        Ok(Self { user: decoded(user)?, password: decoded(password)? })
    }
}

/// With the bytes that are written as `%` and two digits (RFC 3986 section 2.1).
fn decoded(text: &str) -> Result<String, ProxyError> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or(ProxyError)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| ProxyError)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| ProxyError)
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.credentials.as_ref().map(|_| "…");
        write!(f, "Proxy({:?} {}:{} {known:?})", self.kind, self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_with_who_we_are_to_it() {
        let proxy: Proxy = "socks5h://me:p%40ss@proxy.internal:1080/".parse().unwrap();
        assert_eq!(
            (proxy.kind, proxy.host.as_str(), proxy.port),
            (Kind::Socks5Named, "proxy.internal", 1080)
        );
        let credentials = proxy.credentials.clone().unwrap();
        assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("me", "p@ss"));
        assert!(!format!("{proxy:?}").contains("p@ss"));
        let proxy: Proxy = "http://[::1]:3128".parse().unwrap();
        assert_eq!((proxy.kind, proxy.host.as_str()), (Kind::Http, "::1"));
        assert!(proxy.credentials.is_none());
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for text in
            ["", "proxy:1080", "https://p:1", "socks5://p", "http://p:0", "http://:1", "http://a%2@p:1"]
        {
            assert!(text.parse::<Proxy>().is_err(), "{text}");
        }
    }
}
