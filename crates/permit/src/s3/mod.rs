//! Requests to S3, and to stores that speak as it does: by method, path, sub-resource and headers.

mod copy;
mod deletion;
mod headers;
mod operation;
mod place;
mod query;

use http::{HeaderMap, Method, header};

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
    headers::are_known(head.headers)?;
    let query = Query::read(head.target.query().unwrap_or_default())?;
    // Of a header and a parameter for it, the store may take the other one.
    if let Some(name) = query.headers.iter().find(|name| head.headers.contains_key(name.as_str())) {
        return Err(Unmapped::Twice(name.clone()));
    }
    // A form of a browser says in its parts what it asks for and who signed it, which is not read.
    if *head.method == Method::POST && crate::headers::tell_form(head.headers) {
        return Err(Unmapped::Parts);
    }
    let places = Place::all(head.target.path(), head.host, buckets)?;
    let mut calls = Vec::new();
    for (place, operation) in meant(head.method, &places, &query)? {
        calls.extend(at(head, home, place, operation, &query, body)?);
    }
    Ok(calls)
}

/// The operations that a request may be, by what it may name. Where it may name several things, one on which there is
/// no such operation is not meant, unless a store overlooks the sub-resource there.
fn meant<'a>(
    method: &Method,
    places: &'a [Place],
    query: &Query,
) -> Result<Vec<(&'a Place, &'static Operation)>, Unmapped> {
    let selector = query.selector.unwrap_or_default();
    let exact = |place: &Place| Operation::find(method, place.on(), selector);
    let overlooking = |place: &Place| Operation::find(method, place.on(), "");
    let found = places.iter().filter_map(|place| Some((place, exact(place).or_else(|| overlooking(place))?)));
    let found: Vec<_> = found.collect();
    // What is none on any of them is one nowhere.
    match (places.first(), places.iter().any(|place| exact(place).is_some())) {
        (Some(first), false) => {
            Err(Unmapped::Method { method: method.to_string(), on: first.on().told(), selector })
        }
        _ => Ok(found),
    }
}

fn at(
    head: &Head<'_>,
    home: &Home,
    place: &Place,
    operation: &Operation,
    query: &Query,
    body: &[u8],
) -> Result<Vec<Call>, Unmapped> {
    if operation.selector == DELETE {
        return deletions(head.headers, home, place, body);
    }
    let action = match query.of_version {
        true => operation.of_version.unwrap_or(operation.action),
        false => operation.action,
    };
    let resource = match place {
        Place::Service => Resource::Any,
        Place::Bucket(bucket) => Resource::Arn(home.bucket_arn(bucket)),
        Place::Object(bucket, key) => Resource::Arn(home.bucket_arn(&format!("{bucket}/{key}"))),
    };
    let mut calls: Vec<Call> = operation
        .beside(query.of_version)
        .into_iter()
        .chain([action])
        .chain(operation::by_headers(operation.action, head.headers))
        .map(|action| Call { action, resource: resource.clone() })
        .collect();
    if operation.action == "s3:PutObject" {
        calls.extend(copy::source(head.headers, home)?);
    } else if matches!(place, Place::Object(..)) && head.headers.contains_key(copy::SOURCE) {
        // Some stores copy, whatever the sub-resource says.
        return Err(Unmapped::ForeignHeader(copy::SOURCE.to_owned()));
    }
    Ok(calls)
}

/// A call for each key that is to be deleted.
fn deletions(headers: &HeaderMap, home: &Home, place: &Place, body: &[u8]) -> Result<Vec<Call>, Unmapped> {
    let Place::Bucket(bucket) = place else { return Err(Unmapped::Path) };
    if headers.contains_key(header::CONTENT_ENCODING) || !crate::headers::leave_utf8(headers) {
        return Err(Unmapped::ContentType("that of XML in UTF-8"));
    }
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
