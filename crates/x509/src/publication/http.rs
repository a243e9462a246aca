//! As much of HTTP as publishing needs. Whoever has a server translates.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::Document;

/// How long others may keep a copy, in seconds. Lists and answers hold for days, but a revocation makes new
/// ones at once, and whoever asks again should see them soon.
const KEPT: i64 = 60 * 60;

/// When to ask again after a 503, in seconds.
const RETRY_AFTER: &str = "60";

/// A request, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The path as it came, without query and with its escapes.
    pub path: &'a str,
    /// The field `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// The content. More than [`LONGEST_REQUEST`](crate::ocsp::LONGEST_REQUEST) bytes need not be read.
    pub body: &'a [u8],
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The fields, by their names in lower case.
    pub fields: Vec<(&'static str, String)>,
    /// The content; none for `HEAD`.
    pub body: Bytes,
    /// What was asked for.
    pub subject: Subject,
    /// What became of the request.
    pub outcome: Outcome,
}

/// What a request asks for, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A list of what is revoked.
    RevocationList,
    /// How a certificate stands.
    Status,
    /// The certificate of an authority.
    Certificate,
    /// Something that is not published here.
    Nothing,
}

/// What became of a request, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It got what was signed ahead.
    Ahead,
    /// It got what was signed for it alone.
    Fresh,
    /// What there is has gone stale, and was not handed out.
    Stale,
    /// It should be there, and can't be looked up or signed for now.
    Unavailable,
    /// There is no such thing, or the request makes no sense.
    Refused,
}

impl Request<'_> {
    /// Whether it only reads.
    pub(super) fn reads(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// Whether the client has it already (RFC 9110 section 13.1.2).
    fn has(&self, tag: &str) -> bool {
        let is = |one: &str| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag;
        self.if_none_match.is_some_and(|tags| tags.split(',').map(str::trim).any(is))
    }

    /// A document that may be kept until `until`, but no longer than [`KEPT`].
    pub(super) fn cached(&self, document: &Document, kind: &'static str, now: Timestamp) -> Response {
        let age = document.dates.map_or(KEPT, |dates| dates.left(now).min(KEPT));
        let mut fields = vec![
            ("etag", document.tag.clone()),
            ("cache-control", format!("max-age={age}, public, no-transform, must-revalidate")),
        ];
        // RFC 5019 section 6.2. Caches of HTTP/1.1 go by the age.
        if let Some(dates) = document.dates {
            let date = |at: &Timestamp| DateTimePrinter::new().timestamp_to_rfc9110_string(at).ok();
            fields.extend(date(&dates.this_update).map(|date| ("last-modified", date)));
            fields.extend(date(&dates.next_update).map(|date| ("expires", date)));
        }
        if self.has(&document.tag) {
            return Response::of(304, fields, Bytes::new());
        }
        self.complete(200, fields, kind, document.der.clone())
    }

    /// Something that is for this client alone, or for this moment.
    pub(super) fn uncached(&self, status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response {
        self.complete(status, vec![("cache-control", "no-store".to_owned())], kind, body.into())
    }

    /// A reason in plain words.
    pub(super) fn plain(&self, status: u16, reason: &str) -> Response {
        self.uncached(status, "text/plain; charset=utf-8", format!("{reason}\n"))
    }

    /// Another method than those.
    pub(super) fn not_allowed(&self, allowed: &str) -> Response {
        let mut response = self.plain(405, &format!("only {allowed} are answered here"));
        response.fields.push(("allow", allowed.to_owned()));
        response
    }

    /// Something that should be there and is not, for now.
    pub(super) fn unavailable(&self, reason: &str) -> Response {
        let mut response = self.plain(503, reason);
        response.fields.push(("retry-after", RETRY_AFTER.to_owned()));
        response
    }

    fn complete(
        &self,
        status: u16,
        mut fields: Vec<(&'static str, String)>,
        kind: &'static str,
        body: Bytes,
    ) -> Response {
        fields.push(("content-type", kind.to_owned()));
        fields.push(("content-length", body.len().to_string()));
        Response::of(status, fields, if self.method == "HEAD" { Bytes::new() } else { body })
    }
}

impl Response {
    fn of(status: u16, fields: Vec<(&'static str, String)>, body: Bytes) -> Self {
        let outcome = match status {
            200 | 304 => Outcome::Ahead,
            503 => Outcome::Unavailable,
            _ => Outcome::Refused,
        };
        Self { status, fields, body, subject: Subject::Nothing, outcome }
    }

    /// The same, counted as that.
    pub(super) fn counted(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }
}
