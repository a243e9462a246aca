//! Headers that claim who somebody is: stripped from what clients send, on every listener, and set
//! only from facts (CVE-2026-46579 was a router that believed them on plain HTTP).

use std::net::SocketAddr;

use hermetic_guard::rules::forwarded_claims;
use hermetic_tls::{Certificate, Identity};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::identify::Client;
use crate::sightings::PATH;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_CLIENT_CERT: HeaderName = HeaderName::from_static("x-forwarded-client-cert");

/// Headers that belong to one connection and are not passed on (RFC 9110 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// What upstreams are told of a client, written once a connection.
#[derive(Debug)]
pub(crate) struct ClientHeaders {
    address: String,
    /// The address as `Forwarded` writes it (RFC 7239 section 6).
    node: String,
    /// How it came: `https` or `http`.
    scheme: &'static str,
    certificate: Vec<(HeaderName, HeaderValue)>,
}

impl ClientHeaders {
    /// From the verified certificate, where there is one, and the address.
    pub fn of(certificate: Option<&Certificate>, address: SocketAddr) -> Self {
        let address = address.ip().to_canonical();
        let node = if address.is_ipv6() { format!("\"[{address}]\"") } else { address.to_string() };
        Self {
            address: address.to_string(),
            node,
            scheme: "https",
            certificate: certificate.map(certificate_headers).unwrap_or_default(),
        }
    }

    /// Of a client that came in cleartext.
    pub fn in_cleartext(address: SocketAddr) -> Self {
        Self { scheme: "http", ..Self::of(None, address) }
    }
}

/// What an authenticated previous hop said; it counts as fact.
#[derive(Debug, Default)]
pub(crate) struct Believed {
    pub path: Option<HeaderValue>,
    forwarded_for: Option<HeaderValue>,
    forwarded: Option<HeaderValue>,
    proto: Option<HeaderValue>,
    host: Option<HeaderValue>,
    port: Option<HeaderValue>,
    client_cert: Option<HeaderValue>,
}

impl Believed {
    /// The port under which the first client reached the house.
    pub fn port(&self) -> Option<u16> {
        self.port.as_ref()?.to_str().ok()?.parse().ok()
    }
}

/// Takes all claims out; gives those that count.
pub(crate) fn strip_claims(headers: &mut HeaderMap, client: &Client) -> Believed {
    let believed = if client.authenticated {
        Believed {
            path: joined(headers, PATH),
            forwarded_for: joined(headers, X_FORWARDED_FOR),
            forwarded: joined(headers, header::FORWARDED),
            proto: headers.get(X_FORWARDED_PROTO).cloned(),
            host: headers.get(X_FORWARDED_HOST).cloned(),
            port: headers.get(X_FORWARDED_PORT).cloned(),
            client_cert: joined(headers, X_FORWARDED_CLIENT_CERT),
        }
    } else {
        Believed::default()
    };
    forwarded_claims::remove(headers);
    believed
}

/// All lines of a list as one: a proxy may add a line of its own behind its client's, and the first
/// alone would be the client's.
fn joined(headers: &HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?;
    let rest: Vec<&[u8]> = lines.map(HeaderValue::as_bytes).collect();
    if rest.is_empty() {
        return Some(first.clone());
    }
    let all: Vec<&[u8]> = std::iter::once(first.as_bytes()).chain(rest).collect();
    HeaderValue::from_bytes(&all.join(&b", "[..])).ok()
}

/// Sets what is known of the client and of the connection that it came over. `authority` is the host
/// as it was asked for. What an authenticated previous hop told of the first client is kept, and
/// this hop's own is put behind it.
pub(crate) fn set_facts(
    headers: &mut HeaderMap,
    client: &Client,
    believed: &Believed,
    authority: &str,
    port: u16,
) {
    let ClientHeaders { address, node, scheme, .. } = &client.headers;
    let appended =
        |so_far: &Option<HeaderValue>, last: &str| match so_far.as_ref().and_then(|v| v.to_str().ok()) {
            Some(so_far) => HeaderValue::from_str(&format!("{so_far}, {last}")),
            None => HeaderValue::from_str(last),
        };
    let forwarded = format!("for={node};host=\"{authority}\";proto={scheme}");
    let kept = |told: &Option<HeaderValue>, own: Result<HeaderValue, _>| told.clone().map_or(own, Ok);
    let facts = [
        (X_FORWARDED_FOR, appended(&believed.forwarded_for, address)),
        (header::FORWARDED, appended(&believed.forwarded, &forwarded)),
        (X_FORWARDED_PROTO, kept(&believed.proto, Ok(HeaderValue::from_static(scheme)))),
        (X_FORWARDED_HOST, kept(&believed.host, HeaderValue::from_str(authority))),
        (X_FORWARDED_PORT, kept(&believed.port, Ok(HeaderValue::from(port)))),
    ];
    for (name, value) in facts {
        if let Ok(value) = value {
            headers.insert(name, value);
        }
    }
    for (name, value) in &client.headers.certificate {
        headers.insert(name, value.clone());
    }
    // Envoy's APPEND_FORWARD: an element for each hop, the first client's first.
    if let (Some(told), Some(own)) = (&believed.client_cert, headers.get(X_FORWARDED_CLIENT_CERT))
        && let Ok(all) = HeaderValue::from_bytes(&[told.as_bytes(), own.as_bytes()].join(&b","[..]))
    {
        headers.insert(X_FORWARDED_CLIENT_CERT, all);
    }
}

/// Takes out what belongs to the connection that the message came over: the listed names, those
/// that `Connection` lists, and `TE` but for `trailers`, which gRPC needs. A request keeps its host
/// and length whatever it lists, and claims: whoever could list them would hide what an authenticated party
/// tells of earlier hops.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .filter(|name| *name != header::HOST && *name != header::CONTENT_LENGTH)
        .filter(|name| !forwarded_claims::is_claim(name.as_str()))
        .collect();
    let trailers = headers.get(header::TE).is_some_and(|te| {
        te.to_str().is_ok_and(|te| te.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("trailers")))
    });
    for name in HOP_BY_HOP.iter().chain(&listed) {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
}

/// Envoy's `x-forwarded-client-cert` and the headers of an ALB in verify mode.
fn certificate_headers(certificate: &Certificate) -> Vec<(HeaderName, HeaderValue)> {
    let text = |text: &str| HeaderValue::from_str(text).ok();
    let headers = [
        (X_FORWARDED_CLIENT_CERT, text(&envoy_element(certificate))),
        (
            HeaderName::from_static("x-amzn-mtls-clientcert-serial-number"),
            text(&certificate.serial.to_string()),
        ),
        (HeaderName::from_static("x-amzn-mtls-clientcert-issuer"), text(&certificate.issuer)),
        (HeaderName::from_static("x-amzn-mtls-clientcert-subject"), text(&certificate.subject)),
        (
            HeaderName::from_static("x-amzn-mtls-clientcert-validity"),
            text(&format!("NotBefore={};NotAfter={}", certificate.not_before, certificate.not_after)),
        ),
        (
            HeaderName::from_static("x-amzn-mtls-clientcert-leaf"),
            text(&percent_encoded(&certificate.to_pem())),
        ),
    ];
    headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn envoy_element(certificate: &Certificate) -> String {
    let subject = certificate.subject.replace('\\', "\\\\").replace('"', "\\\"");
    let mut element = format!("Hash={};Subject=\"{subject}\"", certificate.fingerprint);
    for identity in &certificate.identities {
        match identity {
            Identity::Spiffe(id) => element.push_str(&format!(";URI={id}")),
            Identity::Dns(name) => element.push_str(&format!(";DNS={name}")),
            Identity::Ip(_) => {}
        }
    }
    element
}

/// As an ALB does it: all but unreserved characters and `+=/` (its documentation, mutual TLS headers).
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~+=/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_line_of_a_list_is_not_lost() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("6.6.6.6"));
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.1"));
        let all = joined(&headers, X_FORWARDED_FOR).unwrap();
        assert_eq!(all, "6.6.6.6, 10.0.0.1");
    }

    #[test]
    fn a_request_keeps_its_host_and_length_whatever_it_lists() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("host, content-length"));
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("3"));
        strip_hop_by_hop(&mut headers);
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn what_is_told_of_earlier_hops_is_not_hidden_by_listing_it() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("x-forwarded-proto"));
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
        strip_hop_by_hop(&mut headers);
        assert_eq!(headers.get(X_FORWARDED_PROTO), Some(&HeaderValue::from_static("http")));
    }

    #[test]
    fn headers_that_connection_lists_are_not_passed_on() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close, X-Secret"));
        headers.insert("x-secret", HeaderValue::from_static("1"));
        headers.insert("x-kept", HeaderValue::from_static("1"));
        strip_hop_by_hop(&mut headers);
        assert_eq!(headers.len(), 1);
        assert!(headers.contains_key("x-kept"));
    }

    #[test]
    fn te_is_passed_on_only_where_it_says_trailers() {
        let mut headers = HeaderMap::new();
        headers.insert(header::TE, HeaderValue::from_static("gzip, Trailers"));
        strip_hop_by_hop(&mut headers);
        assert_eq!(headers.get(header::TE), Some(&HeaderValue::from_static("trailers")));
        headers.insert(header::TE, HeaderValue::from_static("gzip"));
        strip_hop_by_hop(&mut headers);
        assert!(headers.is_empty());
    }
}
