//! Requests and responses for the tests of the rules.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};

use crate::request::{Denial, Request};
use crate::response::Response;
use crate::rule::Judge;
use crate::rules::RuleId;
use crate::settings::{Kind, Settings};

/// A request whose parts can be changed; the default is sound.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) method: Method,
    pub(crate) target: Uri,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) host: &'static str,
    pub(crate) encrypted: bool,
    pub(crate) trusted: bool,
    pub(crate) server_name: Option<&'static str>,
    pub(crate) asks_clients: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            method: Method::GET,
            target: Uri::from_static("/"),
            version: Version::HTTP_11,
            headers: HeaderMap::new(),
            host: "shop.test",
            encrypted: true,
            trusted: false,
            server_name: Some("shop.test"),
            asks_clients: false,
        }
    }
}

impl Sample {
    /// One with these header lines.
    pub(crate) fn with(lines: &[(&str, &str)]) -> Self {
        Self { headers: headers(lines), ..Self::default() }
    }

    /// The same from an authenticated party.
    pub(crate) fn trusted(lines: &[(&str, &str)]) -> Self {
        Self { trusted: true, ..Self::with(lines) }
    }

    /// What a rule says to it: with which status it would be denied. Certificates cover `shop.test` and
    /// `api.test`.
    pub(crate) fn judged(&self, rule: RuleId) -> Option<StatusCode> {
        let Judge::Request(judge) = rule.rule().judge else { panic!("{rule} judges no requests") };
        judge(&self.as_request()).map(|denial: Denial| denial.status)
    }

    pub(crate) fn as_request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            target: &self.target,
            version: self.version,
            headers: &self.headers,
            host: self.host,
            encrypted: self.encrypted,
            trusted: self.trusted,
            server_name: self.server_name,
            asks_clients: self.asks_clients,
            covers: &|host| ["shop.test", "api.test"].contains(&host),
        }
    }
}

pub(crate) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// What a rule makes of a response to `https://shop.test:8443/`, mended where it offends; and whether it
/// does. Where nothing is mended nothing changes.
pub(crate) fn mended(
    rule: RuleId,
    settings: &Settings,
    lines: &[(&str, &str)],
) -> (Vec<(String, String)>, bool) {
    let Judge::Response(judge) = rule.rule().judge else { panic!("{rule} judges no responses") };
    let mut kept = headers(lines);
    let before = kept.clone();
    let counted = judge(&mut response(&mut kept), settings, false);
    assert_eq!(kept, before, "{rule} changes what it only counts");
    let offends = judge(&mut response(&mut kept), settings, true);
    assert!(counted || !offends, "{rule} does not count what it mends");
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    (kept.iter().map(|(name, value)| (name.to_string(), text(value))).collect(), offends)
}

pub(crate) fn response(headers: &mut HeaderMap) -> Response<'_> {
    Response {
        headers,
        host: "shop.test",
        asked_port: Some(8443),
        port: 443,
        is_endpoint: &|port| port == 3000,
        encrypted: true,
    }
}

pub(crate) fn https() -> Settings {
    Settings::new(Kind::Https, None)
}
