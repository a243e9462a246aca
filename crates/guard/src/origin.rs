//! Cleartext addresses in texts: `http://host:port/…` and `ws://…`.

use std::net::IpAddr;

/// A cleartext address, in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CleartextUrl<'a> {
    /// The host without brackets, as it is written.
    pub(crate) host: &'a str,
    /// The port, where one is written.
    pub(crate) port: Option<u16>,
    /// Everything behind the authority.
    pub(crate) rest: &'a str,
    /// Whether something stands before the host that is not of it.
    pub(crate) userinfo: bool,
}

impl<'a> CleartextUrl<'a> {
    /// Whether a text begins as such an address does, whatever follows.
    pub(crate) fn begins(text: &str) -> bool {
        behind_scheme(text).is_some()
    }

    /// Reads a text that begins with such an address; `None` where it is another text.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let behind = behind_scheme(text)?;
        // Browsers take a backslash for a slash (URL Standard, "special authority slashes").
        let end = behind.find(['/', '?', '#', '\\']).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at_checked(end)?;
        let (userinfo, authority) = match authority.rsplit_once('@') {
            Some((_, authority)) => (true, authority),
            None => (false, authority),
        };
        let (host, port) = match authority.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            None | Some("") => None,
            Some(port) => Some(port.parse().ok()?),
        };
        (!host.is_empty()).then_some(Self { host, port, rest, userinfo })
    }

    /// Whether what is sent there can't leave the host that sends it (RFC 6761 section 6.3, RFC 8252
    /// section 7.3).
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }
}

fn behind_scheme(text: &str) -> Option<&str> {
    ["http://", "ws://"].into_iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| text.get(scheme.len()..)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_in_its_parts() {
        let read = |text| CleartextUrl::read(text).map(|url| (url.host, url.port, url.rest, url.userinfo));
        assert_eq!(read("http://shop.test/a?b"), Some(("shop.test", None, "/a?b", false)));
        assert_eq!(read("HTTP://shop.test:80"), Some(("shop.test", Some(80), "", false)));
        assert_eq!(read("ws://[::1]:8080?x"), Some(("::1", Some(8080), "?x", false)));
        assert_eq!(read("http://127.0.0.1@shop.test\\a"), Some(("shop.test", None, "\\a", true)));
        for other in
            ["https://shop.test/", "/a", "http:", "http://", "http://shop.test:99999/", "http://\u{e9}"]
        {
            assert!(read(other).is_none_or(|(host, ..)| host == "\u{e9}"), "{other}");
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_by_address() {
        let loopback = |text| CleartextUrl::read(text).unwrap().is_loopback();
        for text in ["http://localhost:3000", "http://app.LOCALHOST", "http://127.9.9.9/", "http://[::1]/"] {
            assert!(loopback(text), "{text}");
        }
        for text in ["http://localhost.test", "http://127.0.0.1@evil.test", "http://128.0.0.1"] {
            assert!(!loopback(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(http|ws|HTTP)?:?/?/?.{0,40}") {
            let _ = CleartextUrl::read(&text);
        }
    }
}
