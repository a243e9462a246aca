//! Which host a request is for. There must be one, and one only, however it is told.

use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};

use super::RuleId;
use crate::request::Denial;
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::Host,
    phase: Phase::Framing,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "A request gets 400 that names no host, or two, whose host has a user before it or is malformed, or \
           whose `Host` is unlike its `:authority` or absolute target.",
    why: "What routes by one host and serves by the other can be led past every check of either (RFC 9112 \
          section 3.2, RFC 9113 section 8.3.1).",
    judge: Judge::InPlace,
};

/// The host that a request is for, as it was asked for.
pub fn authority(target: &Uri, headers: &HeaderMap) -> Result<Authority, Denial> {
    const MISSING: Denial = Denial { status: StatusCode::BAD_REQUEST, reason: "the request names no host" };
    const DOUBLE: Denial = Denial { status: StatusCode::BAD_REQUEST, reason: "the request names two hosts" };
    const WRONG: Denial =
        Denial { status: StatusCode::BAD_REQUEST, reason: "the request's host is malformed" };
    let mut named = headers.get_all(header::HOST).iter();
    let header = named.next().map(|value| value.to_str().map_err(|_| WRONG)).transpose()?;
    if named.next().is_some() {
        return Err(DOUBLE);
    }
    let authority: Authority = match (target.authority(), header) {
        (Some(target), Some(header)) if !target.as_str().eq_ignore_ascii_case(header) => return Err(DOUBLE),
        (Some(target), _) => target.clone(),
        (None, Some(header)) => header.parse().map_err(|_| WRONG)?,
        (None, None) => return Err(MISSING),
    };
    if authority.as_str().contains(['@', '"', '\\']) || authority.host().is_empty() {
        return Err(WRONG);
    }
    Ok(authority)
}

/// The host alone: without port and brackets, in lower case.
pub fn bare(authority: &Authority) -> String {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(target: &str, hosts: &[&'static str]) -> Result<String, StatusCode> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_static(host));
        }
        let authority = authority(&target.parse().unwrap(), &headers);
        authority.map(|authority| bare(&authority)).map_err(|denial| denial.status)
    }

    #[test]
    fn a_host_is_read_without_port_brackets_and_case() {
        assert_eq!(read("/", &["Shop.Example:8443"]).unwrap(), "shop.example");
        assert_eq!(read("/", &["[::1]:8443"]).unwrap(), "::1");
        assert_eq!(read("https://shop.example/a", &[]).unwrap(), "shop.example");
        assert_eq!(read("https://shop.example/a", &["SHOP.example"]).unwrap(), "shop.example");
    }

    #[test]
    fn no_host_two_hosts_and_odd_hosts_are_refused() {
        for (target, hosts) in [
            ("/", &[][..]),
            ("/", &["a", "a"]),
            ("https://a/", &["b"]),
            ("/", &["user@a"]),
            ("/", &["a b"]),
            ("/", &[""]),
        ] {
            assert_eq!(read(target, hosts), Err(StatusCode::BAD_REQUEST), "{target} {hosts:?}");
        }
    }
}
