//! What earlier hops say of the way: by which protocol a request first came.

use std::borrow::Cow;

use http::header::{self, HeaderMap, HeaderValue};

/// Which protocol an earlier hop had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Cleartext,
    Encrypted,
    /// A word that is neither.
    Other,
}

pub(crate) const X_FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Headers beside `X-Forwarded-Proto` that hold one protocol.
const PROTOCOLS: [&str; 5] =
    ["x-forwarded-scheme", "x-forwarded-protocol", "x-scheme", "x-url-scheme", "cloudfront-forwarded-proto"];

/// Cloudflare's, which holds `{"scheme":"http"}`.
const CF_VISITOR: &str = "cf-visitor";

/// Headers that say `on` or `off` of TLS.
const SWITCHES: [&str; 2] = ["front-end-https", "x-forwarded-ssl"];

impl Told {
    fn of(word: &str) -> Self {
        let is = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
        match word {
            _ if is(&["https", "wss", "on"]) => Self::Encrypted,
            _ if is(&["http", "ws", "off"]) => Self::Cleartext,
            _ => Self::Other,
        }
    }
}

/// Whether any header says that a hop was in cleartext. Only an authenticated party's do.
pub fn tells_of_cleartext(headers: &HeaderMap) -> bool {
    // Whatever else stands in a value, its words count.
    let values =
        |name: &str| headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let single = PROTOCOLS.into_iter().chain(SWITCHES).chain([X_FORWARDED_PROTO]);
    let in_list = |value: Cow<'_, str>| members(&value).any(|word| Told::of(word) == Told::Cleartext);
    single.flat_map(values).any(in_list)
        || values(CF_VISITOR).any(|value| value.to_ascii_lowercase().contains("\"http\""))
        || forwarded(headers).flatten().any(|told| told == Told::Cleartext)
}

/// The protocols that `X-Forwarded-Proto` lists, over all of its lines.
pub(crate) fn x_forwarded_proto(headers: &HeaderMap) -> impl Iterator<Item = Told> {
    let lines = headers.get_all(X_FORWARDED_PROTO).iter();
    lines.flat_map(|line| members(line.to_str().unwrap_or("?")).map(Told::of))
}

/// The protocols that the elements of `Forwarded` name (RFC 7239 section 5.4), in their order; `Err` for
/// a line that is malformed.
pub(crate) fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Result<Told, Malformed>> {
    headers.get_all(header::FORWARDED).iter().flat_map(Protocols::of)
}

/// A `Forwarded` that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

fn members(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|member| !member.is_empty())
}

/// Reads the pairs of one line: `token "=" (token / quoted-string)`, with `;` and `,` between them.
#[derive(Debug)]
struct Protocols<'a> {
    rest: Option<&'a str>,
}

impl<'a> Protocols<'a> {
    fn of(line: &'a HeaderValue) -> Self {
        Self { rest: Some(line.to_str().unwrap_or("?")) }
    }

    /// The next pair; `None` at the end.
    fn pair(&mut self) -> Option<Result<(&'a str, &'a str), Malformed>> {
        let text = self.rest?.trim_start_matches([' ', '\t', ';', ',']);
        if text.is_empty() {
            self.rest = None;
            return None;
        }
        let read = (|| {
            let (name, behind) = text.split_once('=')?;
            let (value, behind) = match behind.strip_prefix('"') {
                Some(quoted) => quoted.split_at_checked(closing_quote(quoted)?)?,
                None => behind.split_at_checked(behind.find([';', ',']).unwrap_or(behind.len()))?,
            };
            let behind = behind.strip_prefix('"').unwrap_or(behind).trim_start();
            (behind.is_empty() || behind.starts_with([';', ','])).then_some((
                name.trim(),
                value.trim(),
                behind,
            ))
        })();
        self.rest = read.map(|(_, _, behind)| behind);
        Some(read.map(|(name, value, _)| (name, value)).ok_or(Malformed))
    }
}

impl Iterator for Protocols<'_> {
    type Item = Result<Told, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.pair()? {
                Err(malformed) => return Some(Err(malformed)),
                Ok((name, value)) if name.eq_ignore_ascii_case("proto") => return Some(Ok(Told::of(value))),
                Ok(_) => {}
            }
        }
    }
}

/// Where a quoted string ends, escapes minded.
fn closing_quote(quoted: &str) -> Option<usize> {
    let mut escaped = false;
    quoted.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> Vec<Result<Told, Malformed>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::FORWARDED, HeaderValue::from_str(line).unwrap());
        forwarded(&headers).collect()
    }

    #[test]
    fn the_protocols_of_all_elements_are_read_in_order() {
        let line = "for=192.0.2.1;host=\"a;proto=http,b\";proto=https, For=\"[2001:db8::1]\" ; Proto=HTTP";
        assert_eq!(read(line), [Ok(Told::Encrypted), Ok(Told::Cleartext)]);
        assert_eq!(read("for=unknown"), []);
        assert_eq!(read("host=\"a\\\"b\";proto=\"https\""), [Ok(Told::Encrypted)]);
    }

    #[test]
    fn what_is_malformed_is_told_and_ends_the_line() {
        for line in ["proto", "host=\"a;proto=https", "proto=\"https\"x"] {
            assert_eq!(read(line), [Err(Malformed)], "{line}");
        }
    }

    #[test]
    fn cleartext_is_found_in_every_header_that_tells_of_it() {
        let tells = |name: &'static str, value: &[u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            tells_of_cleartext(&HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]))
        };
        assert!(tells("x-forwarded-protocol", b"http") && !tells("x-forwarded-protocol", b"https"));
        assert!(
            tells("cf-visitor", b"{\"scheme\":\"http\"}") && !tells("cf-visitor", b"{\"scheme\":\"https\"}")
        );
        assert!(tells("x-forwarded-proto", b"http, \xff"));
    }

    proptest! {
        #[test]
        fn no_line_panics_or_goes_on_for_ever(line in "[ -~]{0,60}") {
            prop_assert!(read(&line).len() <= line.len());
        }
    }
}
