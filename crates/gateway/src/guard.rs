//! Guard: refuses insecure or malformed requests. A list of rules; the first that objects decides.

use http::uri::Authority;
use http::{HeaderMap, Method, StatusCode, Uri, header, request};

use crate::identify::Client;
use crate::snapshot::HttpsSnapshot;

/// A request as the rules see it.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub head: &'a request::Parts,
    pub host: &'a str,
    pub client: &'a Client,
    pub https: &'a HttpsSnapshot,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    pub status: StatusCode,
    pub reason: &'static str,
}

/// One rule: nothing, or a denial.
type Rule = fn(&Judged<'_>) -> Option<Denial>;

/// The rules in order. Who may come in is first: others learn nothing about what is behind.
const RULES: &[Rule] = &[admitted, method, scheme, covered];

/// Judges a request by all rules.
pub(crate) fn judge(request: &Judged<'_>) -> Result<(), Denial> {
    RULES.iter().find_map(|rule| rule(request)).map_or(Ok(()), Err)
}

/// The host that a request is for, as it was asked for. `:authority` and `Host` must agree where both
/// are there, and there must be one (RFC 9112 3.2, RFC 9113 8.3.1).
pub(crate) fn authority(target: &Uri, headers: &HeaderMap) -> Result<Authority, Denial> {
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
pub(crate) fn bare_host(authority: &Authority) -> String {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.to_ascii_lowercase()
}

fn admitted(request: &Judged<'_>) -> Option<Denial> {
    let reason = "this client's identity is not admitted here";
    (!request.client.admitted).then_some(Denial { status: StatusCode::FORBIDDEN, reason })
}

/// TRACE echoes credentials back; CONNECT would make a tunnel past every other rule.
fn method(request: &Judged<'_>) -> Option<Denial> {
    let refused = matches!(request.head.method, Method::TRACE | Method::CONNECT);
    refused.then_some(Denial {
        status: StatusCode::METHOD_NOT_ALLOWED,
        reason: "this method is not served here",
    })
}

/// A target that says `http:` on an encrypted connection is a downgrade in disguise.
fn scheme(request: &Judged<'_>) -> Option<Denial> {
    let cleartext = request.head.uri.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"));
    cleartext.then_some(Denial {
        status: StatusCode::BAD_REQUEST,
        reason: "the target says http: on an https port",
    })
}

/// RFC 9110 15.5.20: a connection that was made for one name must not be reused for another that
/// its certificates do not cover. An authenticated previous hop passes on the host that its own
/// client asked for, which is judged there.
fn covered(request: &Judged<'_>) -> Option<Denial> {
    let reason = "no certificate of this port covers the requested host";
    let covered = request.client.authenticated || request.https.handshake.covers_host(request.host);
    (!covered).then_some(Denial { status: StatusCode::MISDIRECTED_REQUEST, reason })
}

/// The target as origin servers want it: path and query alone.
pub(crate) fn origin_form(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
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
        authority.map(|authority| bare_host(&authority)).map_err(|denial| denial.status)
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
