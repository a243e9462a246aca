//! Way: how a request came, as policy documents ask (`aws:SecureTransport`, `s3:TlsVersion`, `aws:SourceIp`): over
//! this hop, and over those before it as far as somebody tells who is believed. What is told makes a way worse than
//! this hop shows, and never better, save where this hop can't leave the host.

use std::net::IpAddr;

use hermetic_guard::earlier_hop_in_cleartext;
use hermetic_hop::Transport;
use hermetic_permit::{Unmapped, Way};
use hermetic_tls::ProtocolVersion;
use http::{HeaderMap, header};

use crate::connection::Connection;
use crate::path;
use crate::proxied::Told;
use crate::sightings::PATH;

/// One leg of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leg {
    /// By TLS; `None`: of a version that was not told.
    Tls(Option<ProtocolVersion>),
    Cleartext {
        local: bool,
    },
}

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";
const X_AMZN_TLS_VERSION: &str = "x-amzn-tls-version";

/// The way of a request with these headers, as they came.
pub(crate) fn of(connection: &Connection, headers: &HeaderMap) -> Result<Way, Unmapped> {
    let client = &connection.client;
    let told = client.ends.told.as_deref();
    let mut legs = vec![own(&connection.sighted.sighting.evidence.transport, told)];
    legs.extend(told.and_then(by_proxy));
    let from = match client.authenticated {
        false => client.ends.client.ip(),
        true => {
            legs.extend(by_headers(headers)?);
            told_client(headers)?.unwrap_or(client.ends.client.ip())
        }
    };
    Ok(joined(&legs, from.to_canonical()))
}

/// The whole of several legs: as secure as its worst.
fn joined(legs: &[Leg], from: IpAddr) -> Way {
    let by_tls = legs.iter().any(|leg| matches!(leg, Leg::Tls(_)));
    // What a proxy on this host passes on in cleartext has not left it; a client on this host has no TLS.
    let secure = by_tls && legs.iter().all(|leg| !matches!(leg, Leg::Cleartext { local: false }));
    let lowest = legs.iter().filter_map(|leg| match leg {
        // Of a version that nobody tells, none is certain; the lowest is what a floor has to deny.
        Leg::Tls(version) => Some(version.unwrap_or(ProtocolVersion::TLS1_0)),
        Leg::Cleartext { .. } => None,
    });
    let tls = lowest.min().filter(|_| secure).map(written);
    Way { secure, tls, from, written_from: from.to_string() }
}

/// The leg that ends here. Where a proxy passes on what comes from elsewhere, this one is between the two of us.
fn own(transport: &Transport, told: Option<&Told>) -> Leg {
    match (leg(transport), told) {
        (Leg::Cleartext { .. }, Some(told)) => {
            Leg::Cleartext { local: told.by.ip().to_canonical().is_loopback() }
        }
        (leg, _) => leg,
    }
}

fn leg(transport: &Transport) -> Leg {
    match transport {
        Transport::Tls(facts) => Leg::Tls(facts.version),
        Transport::Cleartext { local } => Leg::Cleartext { local: *local },
    }
}

/// The client's leg to a proxy that ends its TLS; `None` of one that tells of none: it passes on what comes here.
fn by_proxy(told: &Told) -> Option<Leg> {
    let tls = told.details.tls.as_ref()?;
    Some(match tls.encrypted {
        true => Leg::Tls(tls.version.as_deref().and_then(ProtocolVersion::from_name)),
        false => Leg::Cleartext { local: false },
    })
}

/// The legs that an authenticated party tells of.
fn by_headers(headers: &HeaderMap) -> Result<Vec<Leg>, Unmapped> {
    let mut legs = Vec::new();
    if earlier_hop_in_cleartext(headers) {
        legs.push(Leg::Cleartext { local: false });
    }
    if headers.contains_key(PATH) {
        for told in headers.get_all(PATH) {
            let sightings = path::decode(told).map_err(|_| Unmapped::Header("hermetic-path"))?;
            legs.extend(sightings.iter().map(|sighting| leg(&sighting.evidence.transport)));
        }
    } else if [X_FORWARDED_PROTO, X_AMZN_TLS_VERSION, "forwarded"]
        .iter()
        .any(|name| headers.contains_key(*name))
    {
        legs.push(Leg::Tls(lowest_version(headers)));
    }
    Ok(legs)
}

/// The lowest version that is told, of all that are; `None` where one of them is none.
fn lowest_version(headers: &HeaderMap) -> Option<ProtocolVersion> {
    let told = headers.get_all(X_AMZN_TLS_VERSION).iter();
    let read = told.map(|line| line.to_str().ok()).collect::<Option<Vec<_>>>()?;
    let versions = read.into_iter().flat_map(|line| line.split(','));
    let versions =
        versions.map(|text| ProtocolVersion::from_name(text.trim())).collect::<Option<Vec<_>>>()?;
    versions.into_iter().min()
}

/// The client that an authenticated party tells of; `None` where it tells of none. That is the last one of the list:
/// the party puts whom it saw behind what it was told itself, and that may be anything.
fn told_client(headers: &HeaderMap) -> Result<Option<IpAddr>, Unmapped> {
    let Some(list) = headers.get_all(X_FORWARDED_FOR).iter().next_back() else {
        return match headers.contains_key(header::FORWARDED) {
            true => Err(Unmapped::Header("forwarded")),
            false => Ok(None),
        };
    };
    let last = list.to_str().ok().and_then(|list| list.rsplit(',').next());
    let address = last.and_then(|last| last.trim().parse().ok());
    address.map(Some).ok_or(Unmapped::Header(X_FORWARDED_FOR))
}

/// As `s3:TlsVersion` has it.
fn written(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLS1_3 => "1.3",
        ProtocolVersion::TLS1_2 => "1.2",
        ProtocolVersion::TLS1_1 => "1.1",
        // Anything else is older, or nothing that S3 knows.
        _ => "1.0",
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::proxy_protocol::Details;

    const TLS12: Leg = Leg::Tls(Some(ProtocolVersion::TLS1_2));
    const TLS13: Leg = Leg::Tls(Some(ProtocolVersion::TLS1_3));
    const CLEAR: Leg = Leg::Cleartext { local: false };
    const LOCAL: Leg = Leg::Cleartext { local: true };

    fn told(legs: &[Leg]) -> (bool, Option<&'static str>) {
        let way = joined(legs, "192.0.2.1".parse().unwrap());
        (way.secure, way.tls)
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_way_is_as_secure_as_its_worst_leg() {
        assert_eq!(told(&[TLS13]), (true, Some("1.3")));
        assert_eq!(told(&[TLS13, TLS12]), (true, Some("1.2")));
        assert_eq!(told(&[CLEAR]), (false, None));
        assert_eq!(told(&[TLS13, CLEAR]), (false, None));
        assert_eq!(told(&[CLEAR, TLS13]), (false, None));
    }

    #[test]
    fn behind_a_proxy_on_this_host_that_ends_tls_the_clients_tls_counts_and_else_there_is_none() {
        assert_eq!(told(&[LOCAL, TLS12]), (true, Some("1.2")));
        assert_eq!(told(&[LOCAL]), (false, None));
    }

    #[test]
    fn tls_of_a_version_that_nobody_tells_is_below_every_floor() {
        assert_eq!(told(&[TLS13, Leg::Tls(None)]), (true, Some("1.0")));
    }

    #[test]
    fn an_authenticated_party_tells_of_cleartext_and_of_versions() {
        let legs = |lines: &[_]| by_headers(&headers(lines)).unwrap();
        assert!(legs(&[("x-forwarded-proto", "http")]).contains(&CLEAR));
        assert_eq!(legs(&[("x-forwarded-proto", "https")]), [Leg::Tls(None)]);
        let told = [("x-forwarded-proto", "https"), ("x-amzn-tls-version", "TLSv1.2")];
        assert_eq!(legs(&told), [TLS12]);
        assert_eq!(legs(&told[1..]), [TLS12]);
        assert_eq!(legs(&[]), []);
        assert!(by_headers(&headers(&[("hermetic-path", "everything is fine")])).is_err());
    }

    #[test]
    fn of_several_versions_the_lowest_counts_and_none_that_can_t_be_read() {
        let legs = |versions: &[&'static str]| {
            let versions = versions.iter().map(|version| ("x-amzn-tls-version", *version));
            let lines: Vec<_> = [("x-forwarded-proto", "https")].into_iter().chain(versions).collect();
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(name, HeaderValue::from_static(value));
            }
            by_headers(&headers).unwrap()
        };
        assert_eq!(legs(&["TLSv1.3", "TLSv1.2"]), [TLS12]);
        assert_eq!(legs(&["TLSv1.3, TLSv1.2"]), [TLS12]);
        assert_eq!(legs(&["TLSv1.3", "anything"]), [Leg::Tls(None)]);
    }

    #[test]
    fn the_client_is_the_last_of_all_lines_and_one_that_can_t_be_read_is_told() {
        let told = |lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, HeaderValue::from_static(value));
            }
            told_client(&headers)
        };
        let forged = ("x-forwarded-for", "10.0.0.1");
        assert_eq!(told(&[("x-forwarded-for", "10.0.0.1, 2001:db8::1")]), Ok("2001:db8::1".parse().ok()));
        assert_eq!(told(&[forged, ("x-forwarded-for", "192.0.2.1")]), Ok("192.0.2.1".parse().ok()));
        assert_eq!(told(&[]), Ok(None));
        assert_eq!(told(&[forged, ("x-forwarded-for", "unknown")]), Err(Unmapped::Header("x-forwarded-for")));
        assert_eq!(told(&[("forwarded", "for=192.0.2.1")]), Err(Unmapped::Header("forwarded")));
    }

    #[test]
    fn a_proxy_on_this_host_leaves_none_of_its_clients_on_this_host_and_none_in_cleartext() {
        let told = |by: &str| Told { by: by.parse().unwrap(), details: Details::default() };
        let clear = Transport::Cleartext { local: false };
        assert_eq!(own(&clear, Some(&told("127.0.0.1:50000"))), LOCAL);
        assert_eq!(own(&clear, Some(&told("192.0.2.1:50000"))), CLEAR);
        assert_eq!(own(&clear, None), CLEAR);
        assert_eq!(own(&Transport::Cleartext { local: true }, None), LOCAL);
    }
}
