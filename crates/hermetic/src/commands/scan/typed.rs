//! An endpoint from what somebody typed, or pasted from a browser: a host, an address, either with a port, or a URL.

use std::net::{IpAddr, Ipv6Addr};

use hermetic_hop::{ExternalEndpoint, Scheme};
use hermetic_x509::to_a_labels;

use crate::exit::Failure;

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) endpoint: ExternalEndpoint,
    /// Whether a path or a query stood behind the host: that is no part of an endpoint.
    pub(super) passed_over: bool,
}

const EXAMPLES: &str =
    "write example.com, db.internal:5432, [::1]:8443, or a URL such as smtp://mail.example.com:587";

impl Typed {
    /// Reads it. What is spoken there is said by the scheme, or else by the port.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme_of(scheme)?), rest),
            None => (None, text),
        };
        let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        // It is not shown: it may be a password.
        if authority.contains('@') {
            return Err(Failure::wrong("a user or a password stands before the host of a target")
                .remedy("write the target without it: a scan logs in nowhere"));
        }
        let (host, port) = parts(authority)?;
        let host = named(host)?;
        let port = match port {
            Some(port) => numbered(port)?,
            None => usual_port(scheme.unwrap_or(Scheme::Https), &host)?,
        };
        let scheme = scheme.unwrap_or_else(|| Scheme::usual_at(port));
        let endpoint = ExternalEndpoint { scheme, host, port };
        Ok(Self { endpoint, passed_over: !matches!(behind, "" | "/") })
    }
}

/// Also by the names that others have for it.
fn scheme_of(written: &str) -> Result<Scheme, Failure> {
    let scheme = written.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" | "ws" => {
            let remedy =
                "write https:// for what the host serves over TLS, or host:80 to see what that port speaks";
            return Err(
                Failure::wrong(format!("`{scheme}://` is without TLS by its own word")).remedy(remedy)
            );
        }
        "wss" => "https",
        "postgresql" => "postgres",
        "mariadb" => "mysql",
        other => other,
    };
    Scheme::ALL.into_iter().find(|known| known.as_str() == usual).ok_or_else(|| {
        Failure::wrong(format!("`{written}://` is no scheme that a scan knows"))
            .remedy(format!("the schemes are {}", Scheme::list()))
    })
}

/// Host and port, as they are written.
fn parts(authority: &str) -> Result<(&str, Option<&str>), Failure> {
    let wrong =
        |what: &str| Failure::wrong(format!("`{authority}` is not a target: {what}")).remedy(EXAMPLES);
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or_else(|| wrong("a closing bracket is missing"))?;
        if address.parse::<Ipv6Addr>().is_err() {
            return Err(wrong("in brackets stands an IPv6 address, and that is none"));
        }
        return match (port, port.strip_prefix(':')) {
            ("", _) => Ok((address, None)),
            (_, Some(port)) => Ok((address, Some(port))),
            (_, None) => Err(wrong("behind the bracket stands a colon and the port, or nothing")),
        };
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok((authority, None));
    }
    match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => {
            Err(wrong("it has several colons, and is no IPv6 address; one with a port stands in brackets"))
        }
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

/// The host as DNS has it, or an address.
fn named(host: &str) -> Result<String, Failure> {
    let wrong = |what: &str| Failure::wrong(format!("`{host}` is not a target: {what}")).remedy(EXAMPLES);
    if host.contains('*') {
        return Err(Failure::wrong(format!("`{host}` is a wildcard, and no host"))
            .remedy("write a name that it covers, such as www.example.com"));
    }
    let name = to_a_labels(host).ok_or_else(|| wrong("it has letters that no name in DNS has"))?;
    let name = name.strip_suffix('.').unwrap_or(&name);
    if name.is_empty() {
        return Err(Failure::wrong("a target has no host").remedy(EXAMPLES));
    }
    if name.parse::<IpAddr>().is_ok() {
        return Ok(name.to_owned());
    }
    let spelled = |c: &char| c.is_ascii_alphanumeric() || ".-_".contains(*c);
    if let Some(odd) = name.chars().find(|c| !spelled(c)) {
        return Err(wrong(&format!("no name has `{odd}` in it")));
    }
    if name.split('.').any(|label| label.is_empty() || label.len() > 63) || name.len() > 253 {
        return Err(wrong("between the dots of a name stand 1 to 63 letters, and 253 in all"));
    }
    // Resolvers take what ends in a number for an address of another spelling: 1.2.3 is 1.2.0.3 to them.
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong("an IPv4 address has four numbers from 0 to 255, without zeros before them"));
    }
    Ok(name.to_owned())
}

fn numbered(port: &str) -> Result<u16, Failure> {
    port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        Failure::wrong(format!("`{port}` is no port"))
            .remedy("write a number from 1 to 65535 behind the colon")
    })
}

fn usual_port(scheme: Scheme, host: &str) -> Result<u16, Failure> {
    scheme.usual_port().ok_or_else(|| {
        let scheme = scheme.as_str();
        Failure::wrong(format!("`{scheme}://{host}` lacks the port, as {scheme} has no usual one"))
            .remedy(format!("write {scheme}://{host}:8443, or whichever it is"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Typed::read(text) {
            Ok(typed) => typed.endpoint.to_string(),
            Err(failure) => failure.summary(),
        }
    }

    #[test]
    fn what_is_spoken_is_told_by_the_scheme_or_else_by_the_port() {
        for (text, expected) in [
            ("example.com", "https://example.com:443"),
            ("Example.com:8443", "https://example.com:8443"),
            ("db.internal:5432", "postgres://db.internal:5432"),
            ("db.internal:3306", "mysql://db.internal:3306"),
            ("mail:993", "imaps://mail:993"),
            ("mail:587", "smtp://mail:587"),
            ("redis://cache", "redis://cache:6379"),
            ("HTTPS://example.com", "https://example.com:443"),
            ("postgresql://db", "postgres://db:5432"),
            ("wss://shop.test", "https://shop.test:443"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_passed_over_and_said_to_be() {
        for (text, passed_over) in [
            ("https://shop.test/", false),
            ("https://shop.test/cart?id=1", true),
            ("shop.test/cart", true),
            ("https://shop.test?next=/", true),
            ("shop.test", false),
        ] {
            let typed = Typed::read(text).unwrap();
            assert_eq!(
                (typed.endpoint.host.as_str(), typed.passed_over),
                ("shop.test", passed_over),
                "{text}"
            );
        }
    }

    #[test]
    fn an_ipv6_address_is_taken_with_brackets_and_without() {
        for (text, expected) in [
            ("::1", "https://[::1]:443"),
            ("[::1]", "https://[::1]:443"),
            ("[::1]:9443", "tls://[::1]:9443"),
            ("https://2001:DB8::1", "https://[2001:db8::1]:443"),
            ("imap://[2001:db8::1]", "imap://[2001:db8::1]:143"),
            (
                "[::1]8443",
                "`[::1]8443` is not a target: behind the bracket stands a colon and the port, or nothing",
            ),
            ("[::1", "`[::1` is not a target: a closing bracket is missing"),
            (
                "[shop.test]:443",
                "`[shop.test]:443` is not a target: in brackets stands an IPv6 address, and that is none",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert!(read("2001:db8::1::443").contains("several colons"));
    }

    #[test]
    fn a_name_of_the_world_is_taken_as_dns_has_it() {
        assert_eq!(read("https://Bücher.example/"), "https://xn--bcher-kva.example:443");
        assert_eq!(read("example.com."), "https://example.com:443");
        assert!(read("💩.test").contains("letters that no name in DNS has"));
    }

    #[test]
    fn an_address_that_is_not_whole_is_no_name() {
        for text in ["1.2.3", "1.2.3.4.5", "256.1.1.1", "010.0.0.1", "https://1.2.3:8443", "123"] {
            assert!(read(text).contains("an IPv4 address has four numbers"), "{text}: {}", read(text));
        }
        assert_eq!(read("1.2.3.test"), "https://1.2.3.test:443");
    }

    #[test]
    fn what_is_wrong_is_said_and_no_password_with_it() {
        for (text, told) in [
            ("", "has no host"),
            ("https://", "has no host"),
            ("gopher://x", "`gopher://` is no scheme"),
            ("http://shop.test", "without TLS by its own word"),
            ("a b", "no name has ` ` in it"),
            ("a.test,b.test", "no name has `,` in it"),
            ("a..test", "between the dots"),
            ("*.shop.test", "is a wildcard"),
            ("host:0", "`0` is no port"),
            ("host:99999", "`99999` is no port"),
            ("host:", "`` is no port"),
            ("tls://host", "lacks the port"),
        ] {
            assert!(read(text).contains(told), "{text}: {}", read(text));
        }
        let secret = read("postgres://shop:hunter2@db.internal/shop");
        assert!(secret.contains("a user or a password") && !secret.contains("hunter2"), "{secret}");
    }
}
