//! What the gateway says itself, in place of an upstream. Short, and without any detail that
//! would help an attacker (an Envoy 503 once told whose certificate had failed, and how).

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use crate::body::ResponseBody;
use crate::hello::LAST_WORDS;
use crate::limits::Refusal;

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

/// Takes what a refused request still sends, for a moment: a client that is reset in mid-upload may never
/// read why (RFC 9112 9.6, RFC 9113 8.1).
pub(crate) fn hear_out(mut body: Incoming) {
    if !body.is_end_stream() {
        tokio::task::spawn_local(timeout(LAST_WORDS, async move {
            while let Some(Ok(_)) = body.frame().await {}
        }));
    }
}

/// To a request that reaches a limit: no more than its status, and when to come again.
pub(crate) fn refused(refusal: Refusal) -> Response<ResponseBody> {
    let status = refusal.limit.status();
    let mut response = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => plain(status, status.to_string()),
        // Of the others more is on its way that nobody will read.
        _ => last(status, status.to_string()),
    };
    if let Some(wait) = refusal.retry_after {
        // In whole seconds (RFC 9110 10.2.3), and never sooner than it is worth.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}
