//! What is published of an authority, and the paths under which it is.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::crl::Shard;

/// The name of an authority, such as `root` or `intermediate`: 1 to 64 lower-case letters, digits, dots,
/// hyphens and underscores, of which the first is a letter or a digit. It stands in addresses, where `..`
/// would be another place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuthorityName(String);

/// Text that is no authority's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of an authority: 1 to 64 lower-case letters, digits, dots, hyphens and underscores, \
     beginning with a letter or a digit"
)]
pub struct AuthorityNameError(String);

/// Who publishes: one generation of an authority, which has a key and a certificate of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Publisher {
    /// The authority.
    pub authority: AuthorityName,
    /// Its generation, from 1.
    pub generation: NonZeroU32,
}

/// Something that is published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `/crl/<authority>/<generation>/<shard>.crl`: what it has revoked.
    RevocationList(Publisher, Shard),
    /// `/ocsp/<authority>/<generation>`: the responder for its certificates.
    Responder(Publisher),
    /// `/ca/<authority>/<generation>.crt`: its own certificate.
    Certificate(Publisher),
}

impl Resource {
    /// Its path. This and `of_path` are the one place where paths are: what stands in certificates
    /// is what is served.
    pub fn path(&self) -> String {
        match self {
            Self::RevocationList(publisher, shard) => format!("/crl/{publisher}/{shard}.crl"),
            Self::Responder(publisher) => format!("/ocsp/{publisher}"),
            Self::Certificate(publisher) => format!("/ca/{publisher}.crt"),
        }
    }

    /// What this path leads to; with it what follows behind a responder's, which is a request to it.
    pub(super) fn of_path(path: &str) -> Option<(Self, &str)> {
        let (kind, rest) = path.strip_prefix('/')?.split_once('/')?;
        let (authority, rest) = rest.split_once('/')?;
        let publisher = |generation: &str| {
            Some(Publisher { authority: authority.parse().ok()?, generation: canonical(generation)? })
        };
        match kind {
            "crl" => {
                let (generation, shard) = rest.strip_suffix(".crl")?.split_once('/')?;
                Some((Self::RevocationList(publisher(generation)?, Shard::new(canonical(shard)?)), ""))
            }
            "ocsp" => {
                let (generation, request) = rest.split_once('/').unwrap_or((rest, ""));
                Some((Self::Responder(publisher(generation)?), request))
            }
            "ca" => Some((Self::Certificate(publisher(rest.strip_suffix(".crt")?)?), "")),
            _ => None,
        }
    }
}

/// A number as we write it, without a plus or leading zeros: one thing has one address.
fn canonical<T: FromStr + fmt::Display>(text: &str) -> Option<T> {
    text.parse().ok().filter(|number: &T| number.to_string() == text)
}

impl AuthorityName {
    /// The root that a first start makes.
    pub fn root() -> Self {
        Self("root".to_owned())
    }

    /// The authority that issues where none is named: below the root, and made with it.
    pub fn intermediate() -> Self {
        Self("intermediate".to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AuthorityName {
    type Err = AuthorityNameError;

    fn from_str(text: &str) -> Result<Self, AuthorityNameError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let first = text.bytes().next().is_some_and(plain);
        if first && text.len() <= 64 && text.bytes().all(|byte| plain(byte) || b".-_".contains(&byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AuthorityNameError(text.to_owned()))
        }
    }
}

impl fmt::Display for AuthorityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// As it stands in paths: `intermediate/2`.
impl fmt::Display for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.authority, self.generation)
    }
}
