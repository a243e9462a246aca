//! Addresses in texts: their schemes and hosts, as far as a control has to tell them apart.

use crate::control::Control;

/// The host of an `http://` address.
pub(super) fn cleartext_host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    scheme.eq_ignore_ascii_case("http").then(|| host(rest))
}

/// The host of what stands behind a scheme: without user, port and path (RFC 3986 section 3.2).
pub(super) fn host(authority: &str) -> &str {
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether what is sent to a host never leaves the machine, or the control lists it.
pub(super) fn is_exempt(control: &Control, host: &str) -> bool {
    let is_local = host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| match address {
            std::net::IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
            std::net::IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local(),
        });
    is_local || control.listed("allow_hosts").iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}
