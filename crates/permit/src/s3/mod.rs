//! Requests to S3, and to stores that speak as it does: by method, path, sub-resource and headers.

mod copy;
mod deletion;
mod operation;
mod place;
mod query;

use http::{HeaderMap, Method};

use crate::call::{Call, Resource, Unmapped};
use crate::head::Head;
use crate::home::Home;
pub(crate) use operation::{BY_HEADERS, OPERATIONS, Operation};
pub use place::Buckets;
use place::Place;
use query::Query;

/// Whether the keys of a request stand in its body.
pub(crate) fn needs_body(head: &Head<'_>) -> bool {
    *head.method == Method::POST
        && Query::read(head.target.query().unwrap_or_default())
            .is_ok_and(|query| query.selector == Some(DELETE))
}

/// The sub-resource of many deletions at once.
const DELETE: &str = "delete";

/// What a request asks for, by each way in which it may name its bucket.
pub(crate) fn calls(
    head: &Head<'_>,
    home: &Home,
    buckets: &Buckets,
    body: &[u8],
) -> Result<Vec<Call>, Unmapped> {
    let query = Query::read(head.target.query().unwrap_or_default())?;
    // Of two values, the store may take the other one.
    let twice = |name: &&http::HeaderName| head.headers.get_all(*name).iter().nth(1).is_some();
    if let Some(name) = head.headers.keys().filter(|name| name.as_str().starts_with("x-amz-")).find(twice) {
        return Err(Unmapped::Twice(name.to_string()));
    }
    let mut calls = Vec::new();
    for place in Place::all(head.target.path(), head.host, buckets)? {
        calls.extend(at(head, home, &place, &query, body)?);
    }
    Ok(calls)
}

fn at(
    head: &Head<'_>,
    home: &Home,
    place: &Place,
    query: &Query,
    body: &[u8],
) -> Result<Vec<Call>, Unmapped> {
    let selector = query.selector.unwrap_or_default();
    let on = place.on();
    let operation = Operation::find(head.method, on, selector).ok_or_else(|| Unmapped::Method {
        method: head.method.to_string(),
        on: on.told(),
        selector,
    })?;
    if operation.selector == DELETE {
        return deletions(head.headers, home, place, body);
    }
    let action = match query.version.is_some() {
        true => operation.of_version.unwrap_or(operation.action),
        false => operation.action,
    };
    let resource = match (place, operation.action) {
        (Place::Service, _) => Resource::Any,
        // A form says its key in one of its fields.
        (Place::Bucket(_), "s3:PutObject") => Resource::Unsaid,
        (Place::Bucket(bucket), _) => Resource::Arn(home.bucket_arn(bucket)),
        (Place::Object(bucket, key), _) => Resource::Arn(home.bucket_arn(&format!("{bucket}/{key}"))),
    };
    let mut calls: Vec<Call> = operation
        .beside(query.version.is_some())
        .into_iter()
        .chain([action])
        .chain(operation::by_headers(operation.action, head.headers))
        .map(|action| Call { action, resource: resource.clone() })
        .collect();
    if operation.action == "s3:PutObject" {
        calls.extend(copy::source(head.headers, home)?);
    }
    Ok(calls)
}

/// A call for each key that is to be deleted.
fn deletions(headers: &HeaderMap, home: &Home, place: &Place, body: &[u8]) -> Result<Vec<Call>, Unmapped> {
    let Place::Bucket(bucket) = place else { return Err(Unmapped::Path) };
    let beside: Vec<&'static str> = operation::by_headers("s3:DeleteObject", headers).collect();
    let of_key = |deletion: deletion::Deletion| {
        let resource = Resource::Arn(home.bucket_arn(&format!("{bucket}/{}", deletion.key)));
        let action = if deletion.of_version { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        let actions: Vec<&'static str> = std::iter::once(action).chain(beside.iter().copied()).collect();
        actions.into_iter().map(move |action| Call { action, resource: resource.clone() })
    };
    let calls: Vec<Call> = deletion::read(body)?.into_iter().flat_map(of_key).collect();
    match calls.is_empty() {
        true => Ok(vec![Call { action: "s3:DeleteObject", resource: Resource::Unsaid }]),
        false => Ok(calls),
    }
}

#[cfg(test)]
mod tests;
