//! Who a party is: a DNS name, an IP address or a SPIFFE ID.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::IdentityError;

/// Who a party is, as its certificate says.
///
/// Written `dns:shop.example.com`, `ip:10.0.0.1` or `spiffe://hermetic.internal/edge`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// A DNS name, possibly with a wildcard as its first label.
    Dns(DnsName),
    /// An IP address.
    Ip(IpAddr),
    /// A SPIFFE ID.
    Spiffe(SpiffeId),
}

/// A DNS name in lower case, without a final dot; its first label may be `*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DnsName(String);

/// A SPIFFE ID: `spiffe://<trust domain>/<path>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpiffeId {
    trust_domain: TrustDomain,
    path: String,
}

/// The trust domain of a SPIFFE ID, such as `hermetic.internal`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrustDomain(String);

impl Default for TrustDomain {
    fn default() -> Self {
        Self("hermetic.internal".to_owned())
    }
}

impl DnsName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a certificate for this name covers `host`: equal, or a wildcard that stands for
    /// exactly one label (RFC 9525 section 6.3).
    pub fn covers(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self.0.strip_prefix("*.") {
            None => self.0.eq_ignore_ascii_case(host),
            Some(parent) => host
                .split_once('.')
                .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
        }
    }
}

impl Identity {
    /// Reads a host as written in a URL or in `names`: an IP address or a DNS name.
    pub fn host(text: &str) -> Result<Self, IdentityError> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        match bare.parse::<IpAddr>() {
            Ok(address) => Ok(Self::Ip(address)),
            Err(_) => Ok(Self::Dns(text.parse()?)),
        }
    }

    /// Whether a certificate with this identity covers `host` (without port or brackets).
    pub fn covers_host(&self, host: &str) -> bool {
        match self {
            Self::Dns(name) => name.covers(host),
            Self::Ip(address) => host.parse::<IpAddr>().is_ok_and(|host| host == *address),
            Self::Spiffe(_) => false,
        }
    }
}

impl SpiffeId {
    /// The ID of `path` (without a leading slash) in `trust_domain`.
    pub fn new(trust_domain: &TrustDomain, path: &str) -> Result<Self, IdentityError> {
        format!("spiffe://{trust_domain}/{path}").parse()
    }

    /// The trust domain.
    pub fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// The path without its leading slash.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for Identity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        if text.starts_with("spiffe://") {
            return text.parse().map(Self::Spiffe);
        }
        if let Some(address) = text.strip_prefix("ip:") {
            return address.parse().map(Self::Ip).map_err(|_| IdentityError::Ip(address.to_owned()));
        }
        Self::host(text.strip_prefix("dns:").unwrap_or(text))
    }
}

impl FromStr for DnsName {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let lower = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let plain = lower.strip_prefix("*.").unwrap_or(&lower);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if lower.len() > 253 || !plain.split('.').all(label) {
            return Err(IdentityError::Dns(text.to_owned()));
        }
        Ok(Self(lower))
    }
}

impl FromStr for TrustDomain {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
        if text.is_empty() || text.len() > 255 || !text.bytes().all(allowed) {
            return Err(IdentityError::TrustDomain(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for SpiffeId {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let error = || IdentityError::Spiffe(text.to_owned());
        let rest = text.strip_prefix("spiffe://").ok_or_else(error)?;
        let (domain, path) = rest.split_once('/').unwrap_or((rest, ""));
        let segment = |segment: &str| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
        };
        // The SPIFFE-ID standard, section 2: at most 2048 bytes, segments without empty or dot ones.
        if text.len() > 2048 || !(path.is_empty() && !rest.contains('/') || path.split('/').all(segment)) {
            return Err(error());
        }
        Ok(Self { trust_domain: domain.parse().map_err(|_| error())?, path: path.to_owned() })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "dns:{name}"),
            Self::Ip(address) => write!(f, "ip:{address}"),
            Self::Spiffe(id) => write!(f, "{id}"),
        }
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spiffe://{}", self.trust_domain)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, "/{}", self.path) }
    }
}

/// Identities travel as the text that people write.
macro_rules! serde_as_text {
    ($($type:ty),*) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

serde_as_text!(Identity, DnsName, SpiffeId, TrustDomain);
