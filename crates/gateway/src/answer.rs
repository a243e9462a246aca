//! What the gateway says itself, in place of an upstream. Short, and without any detail that
//! would help an attacker (an Envoy 503 once told whose certificate had failed, and how).

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use crate::body::ResponseBody;

/// To a client that speaks cleartext HTTP on a TLS port.
pub(crate) const CLEARTEXT_ON_TLS_PORT: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 58\r\n\
    connection: close\r\n\r\n\
    This port speaks HTTPS only; use https:// in the address.\n";

/// A plain answer of one line.
pub(crate) fn plain(status: StatusCode, line: impl Into<String>) -> Response<ResponseBody> {
    let mut text = line.into();
    text.push('\n');
    let mut response = Response::new(ResponseBody::full(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The same, after which the connection closes.
pub(crate) fn last(status: StatusCode, line: impl Into<String>) -> Response<ResponseBody> {
    let mut response = plain(status, line);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
