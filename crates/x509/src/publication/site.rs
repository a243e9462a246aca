//! Where authorities are published.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use hermetic_tls::Identity;

use super::{Publisher, Resource};
use crate::certificate::{HttpUrl, Publication};
use crate::crl::{Scope, Shard, Shards};

/// The longest address of a site, in bytes: with the longest path of ours it still fits into certificates.
const LONGEST: usize = 255;

/// The address that stands in certificates before each path, such as `http://pki.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Host, and a port where it is not 80.
    host: String,
    /// Empty, or from a slash on and without one at its end.
    path: String,
}

/// Text that is no address to publish at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// Whoever fetches a list to check a certificate would have to check one first (RFC 5280 section 8).
    #[error(
        "`{0}` is no address for lists and OCSP: over https a client would need them to fetch them; \
         give an http:// address, for what is fetched is signed"
    )]
    Https(String),
    /// It is something else.
    #[error(
        "`{0}` is no address for lists and OCSP; one is http://pki.example.com, maybe with a port and a path"
    )]
    Malformed(String),
}

impl Site {
    /// The address of something that is published here.
    pub fn url(&self, resource: &Resource) -> HttpUrl {
        HttpUrl::within(self, resource)
    }

    /// What a path leads to, and what follows behind it. A proxy before us may have taken the site's path off; then
    /// what is left may begin like it, as below a site whose path is `/crl`.
    pub(super) fn resource<'a>(&self, path: &'a str) -> Option<(Resource, &'a str)> {
        let below = path.strip_prefix(&self.path).and_then(Resource::of_path);
        below.or_else(|| Resource::of_path(path))
    }

    /// What the certificates of an authority say of where news of them is to be had. A root that signed
    /// itself says nothing.
    pub fn publication(&self, issuer: &Publisher, shard: Shard) -> Publication {
        Publication {
            revocation_list: Some(self.url(&Resource::RevocationList(issuer.clone(), shard))),
            ocsp: Some(self.url(&Resource::Responder(issuer.clone()))),
            issuer: Some(self.url(&Resource::Certificate(issuer.clone()))),
        }
    }

    /// What the list of a shard says that it speaks for: the address in its certificates; or everything,
    /// where there is one list.
    pub fn scope(&self, issuer: &Publisher, shards: Shards, shard: Shard) -> Scope {
        if shards == Shards::ONE {
            Scope::Complete
        } else {
            Scope::Shard(self.url(&Resource::RevocationList(issuer.clone(), shard)).to_string())
        }
    }
}

impl FromStr for Site {
    type Err = SiteError;

    fn from_str(text: &str) -> Result<Self, SiteError> {
        let malformed = || SiteError::Malformed(text.to_owned());
        if text.starts_with("https://") {
            return Err(SiteError::Https(text.to_owned()));
        }
        if text.len() > LONGEST || text.contains(['?', '#']) || text.parse::<HttpUrl>().is_err() {
            return Err(malformed());
        }
        let rest = text.strip_prefix("http://").ok_or_else(malformed)?;
        let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        if !is_host(host) {
            return Err(malformed());
        }
        Ok(Self { host: host.to_ascii_lowercase(), path: path.trim_end_matches('/').to_owned() })
    }
}

/// A DNS name or an address, and maybe a port.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let is_name = match Identity::host(name) {
        Ok(Identity::Ip(address)) => address.is_ipv6() == name.starts_with('['),
        Ok(Identity::Dns(name)) => !name.as_str().starts_with('*'),
        _ => false,
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
    is_name && port.is_none_or(is_port)
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.host, self.path)
    }
}
