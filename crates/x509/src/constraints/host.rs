//! Names of hosts in constraints, where each kind of name has a meaning of its own for a leading dot.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::NameSubtreeError;

/// Whether `host` is `domain` or below it. An empty domain is above all.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    host == domain || is_below(host, domain)
}

/// Whether `host` has labels in front of `domain`.
pub(super) fn is_below(host: &str, domain: &str) -> bool {
    let labels = if domain.is_empty() {
        Some(host)
    } else {
        host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'))
    };
    labels.is_some_and(|labels| !labels.is_empty())
}

/// A host, or a domain with a dot before it, in lower case; constraints hold no wildcards.
pub(super) fn checked(text: &str) -> Result<String, NameSubtreeError> {
    let plain = text.strip_prefix('.').unwrap_or(text);
    match plain.parse::<crate::name::Domain>() {
        Ok(domain) if text.starts_with('.') => Ok(format!(".{domain}")),
        Ok(domain) => Ok(domain.to_string()),
        Err(_) => Err(NameSubtreeError::Host(text.to_owned())),
    }
}

/// Whether a constraint of a host or, with a leading dot, of what lies below it, holds `host`: the rule for
/// URIs and mailboxes, where `example.com` is one host.
pub(super) fn holds(constraint: &str, host: &str) -> bool {
    constraint.strip_prefix('.').map_or(constraint == host, |domain| is_below(host, domain))
}

/// The host of a URI in lower case; `None` where it has none, or an address in its place. A trust domain of
/// SPIFFE is one.
pub(super) fn of_uri(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let is_name = !host.is_empty() && !host.starts_with('[') && host.parse::<std::net::IpAddr>().is_err();
    is_name.then(|| host.to_ascii_lowercase())
}
