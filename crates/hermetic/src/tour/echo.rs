//! Where the application of the tour takes a secret and gives it back.

use bytes::Bytes;
use hermetic_gateway::{Answer, Pages};
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};

/// Gives back what it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Echo;

impl Pages for Echo {
    fn answer(&self, head: Parts, body: Bytes) -> Answer<'_> {
        Box::pin(async move {
            match head.method {
                Method::POST => plain(StatusCode::OK, body),
                _ => plain(StatusCode::METHOD_NOT_ALLOWED, Bytes::from_static(b"send something: POST\n")),
            }
        })
    }

    fn failure(&self, status: StatusCode) -> Answer<'_> {
        Box::pin(async move { plain(status, Bytes::new()) })
    }
}

/// As text that no browser takes for anything else, since anybody may have sent it.
fn plain(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
