//! Where the application of the tour takes a secret and gives it back: by way of its database, where it has
//! one, so that the secret goes over every hop of the path.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use hermetic_gateway::{Answer, Pages};
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};

use super::wire::LENGTHS;
use crate::visits::PostgresVisits;

/// Gives back what it is sent.
#[derive(Clone, Debug, Default)]
pub struct Echo {
    /// Where it is kept on the way, once there is a database.
    visits: Arc<OnceLock<PostgresVisits>>,
}

impl Echo {
    /// One that keeps what it is sent, as soon as visits are kept.
    pub fn keeping(visits: Arc<OnceLock<PostgresVisits>>) -> Self {
        Self { visits }
    }

    async fn taken(&self, body: Bytes) -> Response<Bytes> {
        if body.len() > *LENGTHS.end() {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "that is too long for a secret\n");
        }
        let Some(visits) = self.visits.get() else { return plain(StatusCode::OK, body) };
        let Ok(note) = std::str::from_utf8(&body) else {
            return plain(StatusCode::BAD_REQUEST, "a secret is text\n");
        };
        match visits.note(note).await {
            Ok(kept) => plain(StatusCode::OK, kept),
            // Why is in the log and in the verdict on the hop, and nobody else's business.
            Err(error) => {
                tracing::warn!(%error, "a secret could not be kept");
                plain(StatusCode::SERVICE_UNAVAILABLE, "the database did not take it\n")
            }
        }
    }
}

impl Pages for Echo {
    fn answer(&self, head: Parts, body: Bytes) -> Answer<'_> {
        Box::pin(async move {
            match head.method {
                Method::POST => self.taken(body).await,
                Method::GET | Method::HEAD => plain(StatusCode::OK, "send a secret: POST\n"),
                _ => plain(StatusCode::METHOD_NOT_ALLOWED, "send a secret: POST\n"),
            }
        })
    }

    fn failure(&self, status: StatusCode) -> Answer<'_> {
        Box::pin(async move { plain(status, Bytes::new()) })
    }
}

/// As text that no browser takes for anything else, since anybody may have sent it.
fn plain(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
