//! Headers that servers read differently, of which a request may have none: whatever it asks for by them would pass
//! unseen.

use http::{HeaderMap, header};

use crate::call::Unmapped;

/// Names by which some servers take another method, another path or another protocol than those of the request.
const OVERRIDES: [&str; 6] = [
    "smithy-protocol",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// Names of which a server may take the first, the last or all.
const ONCE: [header::HeaderName; 4] =
    [header::AUTHORIZATION, header::CONTENT_TYPE, header::REFERER, header::USER_AGENT];

/// Refuses what of a head's fields can be read in more than one way, whichever service it is for.
pub(crate) fn are_plain(headers: &HeaderMap) -> Result<(), Unmapped> {
    for name in headers.keys() {
        let text = name.as_str();
        // Servers that speak CGI, WSGI or FastCGI read `_` as `-`. Metadata is nobody's order.
        let is_spelled_twice = text.contains('_') && !text.starts_with("x-amz-meta-");
        if is_spelled_twice || OVERRIDES.contains(&text) {
            return Err(Unmapped::ForeignHeader(text.to_owned()));
        }
        let counts_once = text.starts_with("x-amz-") || ONCE.contains(name);
        if counts_once && headers.get_all(name).iter().nth(1).is_some() {
            return Err(Unmapped::Twice(text.to_owned()));
        }
    }
    Ok(())
}

/// Whether the content is told to be of one of these media types, in UTF-8 where it is told in what.
pub(crate) fn tell_content(headers: &HeaderMap, media_types: &[&str]) -> bool {
    let told = headers.get(header::CONTENT_TYPE).and_then(|told| told.to_str().ok()).unwrap_or_default();
    let (media_type, parameters) = told.split_once(';').unwrap_or((told, ""));
    let is_of = |known: &&str| media_type.trim().eq_ignore_ascii_case(known);
    media_types.iter().any(is_of) && parameters.split(';').all(is_of_utf8)
}

/// Whether the content is told to be a form in parts (RFC 7578).
pub(crate) fn tell_form(headers: &HeaderMap) -> bool {
    let told = headers.get(header::CONTENT_TYPE).map(http::HeaderValue::as_bytes).unwrap_or_default();
    told.trim_ascii().get(..10).is_some_and(|media_type| media_type.eq_ignore_ascii_case(b"multipart/"))
}

/// Whether what is told of the content leaves it UTF-8.
pub(crate) fn leave_utf8(headers: &HeaderMap) -> bool {
    let Some(told) = headers.get(header::CONTENT_TYPE) else { return true };
    let parameters = told.to_str().ok().map(|told| told.split_once(';').map_or("", |it| it.1));
    parameters.is_some_and(|parameters| parameters.split(';').all(is_of_utf8))
}

fn is_of_utf8(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    match name.trim() {
        "" => true,
        name => {
            let value = value.trim().trim_matches('"');
            name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(lines: &[(&str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &'static str)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_static(value))
        };
        lines.iter().map(pair).collect()
    }

    #[test]
    fn headers_that_servers_read_in_more_than_one_way_are_refused() {
        for name in ["x-http-method-override", "x-original-url", "x_amz_copy_source", "content_type"] {
            let refused = are_plain(&headers(&[(name, "1")]));
            assert_eq!(refused, Err(Unmapped::ForeignHeader(name.to_owned())));
        }
        for name in ["content-type", "authorization", "x-amz-target", "user-agent"] {
            let refused = are_plain(&headers(&[(name, "1"), (name, "2")]));
            assert_eq!(refused, Err(Unmapped::Twice(name.to_owned())));
        }
        assert_eq!(are_plain(&headers(&[("x-amz-meta-a_b", "1"), ("accept", "a"), ("accept", "b")])), Ok(()));
    }

    #[test]
    fn content_in_another_encoding_is_of_no_known_type() {
        const JSON: [&str; 1] = ["application/x-amz-json-1.0"];
        for (told, expected) in [
            ("application/x-amz-json-1.0", true),
            ("Application/X-Amz-Json-1.0 ; Charset=\"UTF-8\"", true),
            ("application/x-amz-json-1.0; charset=utf-16", false),
            ("application/x-amz-json-1.0; boundary=x", false),
            ("application/x-amz-json-1.1", false),
            ("", false),
        ] {
            assert_eq!(tell_content(&headers(&[("content-type", told)]), &JSON), expected, "{told}");
        }
        assert!(!tell_content(&headers(&[]), &JSON) && leave_utf8(&headers(&[])));
        assert!(leave_utf8(&headers(&[("content-type", "text/xml; charset=utf-8")])));
        assert!(!leave_utf8(&headers(&[("content-type", "text/xml; charset=utf-16")])));
    }
}
