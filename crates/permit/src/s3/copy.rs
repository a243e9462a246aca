//! What is copied: an object that is read elsewhere, and written where the request goes.

use http::HeaderMap;

use super::place::is_bucket;
use crate::call::{Call, Resource, Unmapped};
use crate::home::Home;
use crate::text::percent_decoded;

const SOURCE: &str = "x-amz-copy-source";

/// The reading of the source, where there is one.
pub(super) fn source(headers: &HeaderMap, home: &Home) -> Result<Option<Call>, Unmapped> {
    let mut values = headers.get_all(SOURCE).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Unmapped::Twice(SOURCE.to_owned()));
    }
    let unreadable = Unmapped::Header(SOURCE);
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| unreadable.clone())?;
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let path = percent_decoded(path).ok_or(unreadable.clone())?;
    let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/').ok_or(unreadable.clone())?;
    let steps = key.split('/').any(|step| matches!(step, "." | ".."));
    // An access point leads to a bucket that its ARN does not tell.
    if !is_bucket(bucket) || key.is_empty() || steps {
        return Err(unreadable);
    }
    let action = match query {
        "" => "s3:GetObject",
        query if query.starts_with("versionId=") && !query.contains('&') => "s3:GetObjectVersion",
        _ => return Err(unreadable),
    };
    Ok(Some(Call { action, resource: Resource::Arn(home.bucket_arn(&format!("{bucket}/{key}"))) }))
}
