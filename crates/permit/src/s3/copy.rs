//! What is copied: an object that is read elsewhere, and written where the request goes.

use http::HeaderMap;

use super::place::{is_bucket, is_plain};
use crate::call::{Call, Resource, Unmapped};
use crate::home::Home;
use crate::text::percent_decoded;

/// The header that says what is copied.
pub(super) const SOURCE: &str = "x-amz-copy-source";

/// The reading of the source, where there is one.
pub(super) fn source(headers: &HeaderMap, home: &Home) -> Result<Option<Call>, Unmapped> {
    let Some(value) = headers.get(SOURCE) else { return Ok(None) };
    let unreadable = Unmapped::Header(SOURCE);
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| unreadable.clone())?;
    // Some take what is behind `#` for no part of it, and `+` for a space.
    if text.contains(['#', '+']) {
        return Err(unreadable);
    }
    let (path, version) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query.strip_prefix("versionId=").ok_or(unreadable.clone())?)),
        None => (text, None),
    };
    let path = percent_decoded(path).ok_or(unreadable.clone())?;
    let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/').ok_or(unreadable.clone())?;
    // An access point leads to a bucket that its ARN does not tell.
    if !is_bucket(bucket) || key.is_empty() || !is_plain(key) || !version.is_none_or(is_version) {
        return Err(unreadable);
    }
    let action = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    Ok(Some(Call { action, resource: Resource::Arn(home.bucket_arn(&format!("{bucket}/{key}"))) }))
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
}
