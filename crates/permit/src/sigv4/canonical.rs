//! The canonical request: what is signed.

use super::{Signature, Unproven};
use crate::head::Head;
use crate::service::Service;
use crate::text::{percent_decoded, percent_encoded};

/// The request as whoever signed it wrote it.
pub(super) fn request(
    head: &Head<'_>,
    service: Service,
    signature: &Signature<'_>,
    payload: &str,
) -> Result<String, Unproven> {
    all_are_signed(head, signature)?;
    let mut text = format!("{}\n", head.method);
    path(head, service, &mut text)?;
    text.push('\n');
    query(head, &mut text)?;
    text.push('\n');
    for name in &signature.headers {
        header(head, name, &mut text)?;
    }
    text.push('\n');
    text.push_str(&signature.headers.join(";"));
    text.push('\n');
    text.push_str(payload);
    Ok(text)
}

/// What AWS reads of headers must be signed: else whoever passes a request on could add a source of a copy to it.
fn all_are_signed(head: &Head<'_>, signature: &Signature<'_>) -> Result<(), Unproven> {
    let mut names = head.headers.keys().map(http::HeaderName::as_str);
    match names.any(|name| name.starts_with("x-amz-") && !signature.headers.contains(&name)) {
        true => Err(Unproven::Malformed("it has an x-amz- header that is not signed")),
        false => Ok(()),
    }
}

/// S3's keys are encoded once, and the paths of all others once more.
fn path(head: &Head<'_>, service: Service, into: &mut String) -> Result<(), Unproven> {
    let path = head.target.path();
    match service {
        Service::S3 => {
            let key = percent_decoded(path).ok_or(Unproven::Malformed("its path is no text"))?;
            percent_encoded(&key, b"/", into);
        }
        _ => percent_encoded(path, b"/", into),
    }
    Ok(())
}

fn query(head: &Head<'_>, into: &mut String) -> Result<(), Unproven> {
    let encoded = |text: &str| {
        let decoded = percent_decoded(&text.replace('+', " "));
        let mut encoded = String::new();
        percent_encoded(&decoded.ok_or(Unproven::Malformed("its query is no text"))?, b"", &mut encoded);
        Ok(encoded)
    };
    let mut pairs = Vec::new();
    for pair in head.target.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (encoded(name)?, encoded(value)?);
        if name != "X-Amz-Signature" {
            pairs.push((name, value));
        }
    }
    pairs.sort();
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            into.push('&');
        }
        into.extend([name, "=", value]);
    }
    Ok(())
}

/// A header by name, with all its values, their runs of spaces as one.
fn header(head: &Head<'_>, name: &str, into: &mut String) -> Result<(), Unproven> {
    into.extend([name, ":"]);
    if name == "host" {
        into.push_str(head.authority);
    } else {
        let mut values = head.headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            return Err(Unproven::Malformed("a header that is signed is not there"));
        }
        for (at, value) in values.enumerate() {
            let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Unproven::Malformed("a header"))?;
            if at > 0 {
                into.push(',');
            }
            for (at, word) in value.split(' ').filter(|word| !word.is_empty()).enumerate() {
                if at > 0 {
                    into.push(' ');
                }
                into.push_str(word);
            }
        }
    }
    into.push('\n');
    Ok(())
}
