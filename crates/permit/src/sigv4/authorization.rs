//! The signature of a request, from its header or its query.

use std::borrow::Cow;

use http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Unproven;
use crate::head::Head;
use crate::text::percent_decoded;

/// What a request says of its signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signature<'a> {
    pub key_id: &'a str,
    pub day: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    /// The names of the headers that are signed, in lower case and sorted.
    pub headers: Vec<&'a str>,
    pub signature: [u8; 32],
    /// When it was made, and as it is written.
    pub at: Timestamp,
    pub written_at: Cow<'a, str>,
    pub token: Option<Cow<'a, str>>,
    /// For how many seconds it was presigned; `None` of a signature in a header.
    pub seconds: Option<u32>,
}

/// What of a signature is written in one text, before it is taken apart.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    credential: Cow<'a, str>,
    headers: Cow<'a, str>,
    signature: Cow<'a, str>,
    at: Cow<'a, str>,
    token: Option<Cow<'a, str>>,
    seconds: Option<u32>,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a presigned request says of its signature, spelled as AWS does.
pub(crate) const IN_QUERY: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Expires",
];

/// What others say of theirs: version 2, and Google's.
const OF_OTHERS: [&str; 6] = [
    "AWSAccessKeyId",
    "GoogleAccessId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "X-Goog-Signature",
];

impl<'a> Written<'a> {
    /// What a request says; `None` where it is not signed.
    pub fn of(head: &Head<'a>) -> Result<Option<Self>, Unproven> {
        let query = head.target.query().unwrap_or_default();
        let in_header = Self::in_header(head.headers)?;
        let in_query = Self::in_query(query)?;
        match (in_header, in_query) {
            (Some(_), Some(_)) => Err(Unproven::Malformed("it stands in a header and in the query")),
            (written, None) | (None, written) => Ok(written),
        }
    }

    fn in_header(headers: &'a HeaderMap) -> Result<Option<Self>, Unproven> {
        let Some(value) = once(headers, header::AUTHORIZATION.as_str())? else { return Ok(None) };
        let rest = value.strip_prefix(ALGORITHM).ok_or(Unproven::Kind)?;
        if !rest.starts_with(' ') {
            return Err(Unproven::Kind);
        }
        let [mut credential, mut signed, mut signature] = [None; 3];
        for part in rest.split(',') {
            let (name, value) = part.trim().split_once('=').ok_or(Unproven::Malformed("Authorization"))?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed,
                "Signature" => &mut signature,
                _ => return Err(Unproven::Malformed("Authorization")),
            };
            if place.replace(value).is_some() {
                return Err(Unproven::Malformed("Authorization says something twice"));
            }
        }
        let part =
            |part: Option<&'a str>| part.map(Cow::Borrowed).ok_or(Unproven::Malformed("Authorization"));
        Ok(Some(Self {
            credential: part(credential)?,
            headers: part(signed)?,
            signature: part(signature)?,
            at: once(headers, "x-amz-date")?
                .map(Cow::Borrowed)
                .ok_or(Unproven::Malformed("X-Amz-Date is missing"))?,
            token: once(headers, "x-amz-security-token")?.map(Cow::Borrowed),
            seconds: None,
        }))
    }

    fn in_query(query: &'a str) -> Result<Option<Self>, Unproven> {
        let mut parts: [Option<String>; 7] = Default::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decoded(name).ok_or(Unproven::Malformed("the query"))?;
            if OF_OTHERS.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                return Err(Unproven::Kind);
            }
            let places = IN_QUERY.iter().zip(&mut parts);
            let found = { places }.find(|(known, _)| known.eq_ignore_ascii_case(&name));
            let Some((known, place)) = found else { continue };
            // Whether case counts, services differ in.
            if *known != name {
                return Err(Unproven::Malformed("the query spells its parts unlike AWS"));
            }
            let value = percent_decoded(value).ok_or(Unproven::Malformed("the query"))?;
            if place.replace(value).is_some() {
                return Err(Unproven::Malformed("the query says something twice"));
            }
        }
        let [algorithm, credential, headers, signature, at, token, seconds] = parts;
        if [&algorithm, &credential, &headers, &signature, &at, &token, &seconds]
            .into_iter()
            .all(Option::is_none)
        {
            return Ok(None);
        }
        if algorithm.as_deref() != Some(ALGORITHM) {
            return Err(Unproven::Kind);
        }
        let part = |part: Option<String>, name| part.map(Cow::Owned).ok_or(Unproven::Malformed(name));
        let seconds = seconds.and_then(|seconds| seconds.parse().ok());
        Ok(Some(Self {
            credential: part(credential, "X-Amz-Credential is missing")?,
            headers: part(headers, "X-Amz-SignedHeaders is missing")?,
            signature: part(signature, "X-Amz-Signature is missing")?,
            at: part(at, "X-Amz-Date is missing")?,
            token: token.map(Cow::Owned),
            seconds: Some(seconds.ok_or(Unproven::Malformed("X-Amz-Expires is no number"))?),
        }))
    }

    /// Takes it apart.
    pub fn read(&self) -> Result<Signature<'_>, Unproven> {
        let mut scope = self.credential.rsplitn(5, '/');
        let [terminator, service, region, day, key_id] =
            std::array::from_fn(|_| scope.next().unwrap_or_default());
        if terminator != "aws4_request" || [service, region, day, key_id].contains(&"") {
            return Err(Unproven::Malformed("its credential is not key/day/region/service/aws4_request"));
        }
        let headers: Vec<&str> = self.headers.split(';').collect();
        if !headers.is_sorted() || !headers.contains(&"host") {
            return Err(Unproven::Malformed("its signed headers are not sorted, or lack `host`"));
        }
        Ok(Signature {
            key_id,
            day,
            region,
            service,
            headers,
            signature: bytes(&self.signature)
                .ok_or(Unproven::Malformed("the signature is not 64 hex digits"))?,
            at: instant(&self.at).ok_or(Unproven::Malformed("X-Amz-Date is not as 20261130T090000Z"))?,
            written_at: Cow::Borrowed(&self.at),
            token: self.token.as_deref().map(Cow::Borrowed),
            seconds: self.seconds,
        })
    }
}

/// The service that a request says it is signed for.
pub(crate) fn signed_service(head: &Head<'_>) -> Option<String> {
    let written = Written::of(head).ok()??;
    written.credential.rsplit('/').nth(1).map(str::to_owned)
}

/// The one value of a header.
fn once<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Unproven> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Unproven::Malformed("a header of it stands twice"));
    }
    first
        .map(|value| value.to_str().map_err(|_| Unproven::Malformed("a header of it is no text")))
        .transpose()
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let mut value = 0;
        for digit in pair {
            value = value * 16 + u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
        *byte = value;
    }
    Some(bytes)
}

/// An instant as ISO 8601 writes it without its marks.
fn instant(text: &str) -> Option<Timestamp> {
    let is_written = text.len() == 16
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i8>().ok();
    let year = text.get(..4).filter(|_| is_written)?.parse().ok()?;
    let (month, day) = (number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    let at = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(at).ok()
}
