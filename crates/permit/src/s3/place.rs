//! Which bucket and key a request names: in its path, or the bucket in its host.

use super::operation::On;
use crate::call::{Unmapped, shown};
use crate::text::percent_decoded;

/// Where a request names its bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Buckets {
    /// First in its path.
    InPath,
    /// In its host, before this.
    InHost(String),
    /// In either: nobody has said so, and only the store knows. Each counts.
    Either,
}

/// What a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// All buckets.
    Service,
    /// A bucket.
    Bucket(String),
    /// An object, by bucket and key.
    Object(String, String),
}

impl Place {
    /// What this host and path may name. Of several, one whose bucket can be none is not meant.
    pub fn all(path: &str, host: &str, buckets: &Buckets) -> Result<Vec<Self>, Unmapped> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let ends_encoded =
            path.split('/').next().is_some_and(|first| first.to_ascii_lowercase().contains("%2f"));
        let path = percent_decoded(path).ok_or(Unmapped::Path)?;
        if !is_plain(&path) {
            return Err(Unmapped::Path);
        }
        // Where the bucket's name ends, some stores tell before they decode the path, and some after.
        if ends_encoded && !matches!(buckets, Buckets::InHost(_)) {
            return Err(Unmapped::Path);
        }
        Ok(match buckets {
            Buckets::InPath => vec![Self::in_path(&path)?],
            Buckets::InHost(suffix) => {
                let bucket = host.strip_suffix(suffix.as_str()).filter(|bucket| !bucket.is_empty());
                vec![Self::in_bucket(bucket.ok_or(Unmapped::Path)?, &path)?]
            }
            Buckets::Either => {
                let in_path = Self::in_path(&path);
                let mut places: Vec<Self> = in_path.iter().cloned().collect();
                places.extend(of_host(host).filter_map(|bucket| Self::in_bucket(bucket, &path).ok()));
                if places.is_empty() { vec![in_path?] } else { places }
            }
        })
    }

    /// What it is.
    pub fn on(&self) -> On {
        match self {
            Self::Service => On::Service,
            Self::Bucket(_) => On::Bucket,
            Self::Object(..) => On::Object,
        }
    }

    fn in_path(path: &str) -> Result<Self, Unmapped> {
        if path.is_empty() {
            return Ok(Self::Service);
        }
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        Self::in_bucket(bucket, key)
    }

    fn in_bucket(bucket: &str, key: &str) -> Result<Self, Unmapped> {
        if !is_bucket(bucket) {
            return Err(Unmapped::Bucket(shown(bucket)));
        }
        let bucket = bucket.to_owned();
        Ok(if key.is_empty() { Self::Bucket(bucket) } else { Self::Object(bucket, key.to_owned()) })
    }
}

/// Whether all take a path, or a key, for the same: some take steps of it (`..`), leave away empty ones, or read
/// `\` as `/`. The last may be empty: keys of folders end so.
pub(super) fn is_plain(path: &str) -> bool {
    let steps = path.strip_suffix('/').unwrap_or(path);
    let is_plain = steps.split('/').all(|step| !matches!(step, "" | "." | ".."));
    path.is_empty() || (is_plain && !path.contains(['\\', '\0']))
}

/// As S3 names buckets, and as it did (capitals, underscores). No character of ARNs and patterns among them.
pub(super) fn is_bucket(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=255).contains(&name.len()) && name.bytes().all(known)
}

/// The buckets that a host may name: what stands before any of its dots. An address names none.
fn of_host(host: &str) -> impl Iterator<Item = &str> {
    let is_address = host.contains(':') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let dots = host.match_indices('.').filter(move |_| !is_address);
    dots.filter_map(|(at, _)| host.get(..at)).filter(|bucket| !bucket.is_empty())
}
