//! One rule about names.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;

use hermetic_tls::Identity;

use super::{CanonicalName, Domain, IpNetwork, NameError, UriPrefix};

/// Some names. As an allowance it covers just these; as a denial it also covers every wildcard that stands
/// for one of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NameRule {
    /// This name; it may be a wildcard.
    Exact(CanonicalName),
    /// Every DNS name below this one, not itself. A wildcard is many names: to allow one takes a rule for
    /// wildcards.
    Subdomain(Domain),
    /// The wildcard right below this domain, `*.example.com`, and no other.
    Wildcard(Domain),
    /// The IP addresses of a network.
    Ip(IpNetwork),
    /// A SPIFFE ID and all below it.
    UriPrefix(UriPrefix),
}

impl NameRule {
    /// Just this name.
    pub fn exact(name: &str) -> Result<Self, NameError> {
        name.parse().map(Self::Exact)
    }

    /// All DNS names below this one.
    pub fn subdomain(domain: &str) -> Result<Self, NameError> {
        domain.parse().map(Self::Subdomain)
    }

    /// The wildcard below a domain, written `*.example.com` or `example.com`.
    pub fn wildcard(domain: &str) -> Result<Self, NameError> {
        domain.strip_prefix("*.").unwrap_or(domain).parse().map(Self::Wildcard)
    }

    /// The addresses of a network.
    pub fn ip(network: &str) -> Result<Self, NameError> {
        network.parse().map(Self::Ip)
    }

    /// All SPIFFE IDs that begin so.
    pub fn uri_prefix(prefix: &str) -> Result<Self, NameError> {
        prefix.parse().map(Self::UriPrefix)
    }

    /// Whether it allows the name.
    pub fn allows(&self, name: &CanonicalName) -> bool {
        match (self, name.identity()) {
            (Self::Exact(exact), _) => exact == name,
            (Self::Subdomain(domain), Identity::Dns(dns)) => {
                !name.is_wildcard() && domain.is_above(dns.as_str())
            }
            (Self::Wildcard(domain), Identity::Dns(dns)) => {
                dns.as_str().strip_prefix("*.") == Some(domain.as_str())
            }
            (Self::Ip(network), Identity::Ip(address)) => network.contains(*address),
            (Self::UriPrefix(prefix), Identity::Spiffe(id)) => prefix.is_beginning_of(id),
            _ => false,
        }
    }

    /// Whether it denies the name: it is one of those that the rule is about, or stands for one of them.
    pub fn denies(&self, name: &CanonicalName) -> bool {
        self.allows(name)
            || match (self, name.identity()) {
                (Self::Exact(exact), Identity::Dns(wildcard)) if name.is_wildcard() => {
                    matches!(exact.identity(), Identity::Dns(host) if wildcard.covers(host.as_str()))
                }
                // `*.example.com` stands for names below `example.com` only, as does each wildcard below it.
                (Self::Subdomain(domain), Identity::Dns(wildcard)) => domain.is_above(wildcard.as_str()),
                _ => false,
            }
    }
}

impl fmt::Display for NameRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => write!(f, "{name}"),
            Self::Subdomain(domain) => write!(f, "names below {domain}"),
            Self::Wildcard(domain) => write!(f, "*.{domain}"),
            Self::Ip(network) => write!(f, "addresses in {network}"),
            Self::UriPrefix(prefix) => write!(f, "identities below {prefix}"),
        }
    }
}
