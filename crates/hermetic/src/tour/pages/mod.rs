//! The tour's own pages, `/tour` and below, served by the edge's process: it is the one that people
//! reach whatever is broken behind it. They ask the supervisor over the admin socket, like the
//! command line does.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod form;
mod html;
mod wire;

use std::path::Path;

use bytes::Bytes;
use hermetic_gateway::path::Onward;
use hermetic_gateway::{Answer, Pages};
use hermetic_hop::Report;
use hermetic_tls::{Randomness, RandomnessFailed};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::json;

use super::breakage::{Breakage, Broken, State};
use super::wire::Wire;
use crate::admin::client::{Admin, AskError};
use form::{Form, Token};

/// What browsers are told about the pages: nothing from elsewhere, nothing that runs, no frame. The
/// referrer goes to ourselves alone; with none at all browsers would send forms with `Origin: null`.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The pages of the tour.
#[derive(Debug)]
pub struct TourPages {
    admin: Admin,
    token: Token,
}

/// What the pages show.
struct Sight {
    report: Report,
    state: State,
}

impl TourPages {
    /// Where they are.
    pub const PATH: &'static str = "/tour";

    /// How the page of a path leads to them.
    pub const FROM_PATH: Onward =
        Onward { path: Self::PATH, says: "Look at all hops of the tour, see the wire, break a hop" };

    /// The pages of the instance with this data folder.
    pub fn of(data: &Path, randomness: &dyn Randomness) -> Result<Self, RandomnessFailed> {
        Ok(Self { admin: Admin::of(data), token: Token::draw(randomness)? })
    }

    async fn respond(&self, head: Parts, body: Bytes) -> Response<Bytes> {
        match (&head.method, head.uri.path()) {
            (&Method::GET | &Method::HEAD, "/tour" | "/tour/") => self.overview(StatusCode::OK, None).await,
            (&Method::GET | &Method::HEAD, "/tour/flows") => match self.look().await {
                Ok(sight) => page(StatusCode::OK, html::live(&sight.report)),
                Err(error) => silent(&error),
            },
            (&Method::GET | &Method::HEAD, "/tour/style.css") => {
                answer(StatusCode::OK, "text/css; charset=utf-8", html::style())
            }
            (&Method::POST, path @ ("/tour/break" | "/tour/mend" | "/tour/wire")) => {
                match self.token.admit(&head, &body) {
                    Ok(form) if path == "/tour/break" => self.break_hop(&form).await,
                    Ok(form) if path == "/tour/wire" => self.wire(&form).await,
                    Ok(_) => self.mend().await,
                    Err(reason) => self.overview(StatusCode::FORBIDDEN, Some(reason)).await,
                }
            }
            (
                _,
                "/tour" | "/tour/" | "/tour/flows" | "/tour/style.css" | "/tour/break" | "/tour/mend"
                | "/tour/wire",
            ) => {
                self.overview(StatusCode::METHOD_NOT_ALLOWED, Some("that is not what this address is for"))
                    .await
            }
            _ => self.overview(StatusCode::NOT_FOUND, Some("there is no such page")).await,
        }
    }

    async fn break_hop(&self, form: &Form) -> Response<Bytes> {
        let kind = form.field("kind").unwrap_or_default();
        let Some(kind) = Breakage::ALL.into_iter().find(|known| known.as_str() == kind) else {
            return self.overview(StatusCode::BAD_REQUEST, Some("there is no such way to break it")).await;
        };
        self.change("/v1/tour/break", &json!({ "kind": kind })).await
    }

    async fn wire(&self, form: &Form) -> Response<Bytes> {
        let secret = form.field("secret").unwrap_or_default();
        match self.admin.post::<Wire>("/v1/tour/wire", &json!({ "secret": secret })).await {
            Ok(seen) => page(StatusCode::OK, wire::page(&seen, secret, &self.token)),
            Err(AskError::Refused { status, reason, .. }) => self.overview(status, Some(&reason)).await,
            Err(error) => self.overview(StatusCode::SERVICE_UNAVAILABLE, Some(&error.to_string())).await,
        }
    }

    async fn mend(&self) -> Response<Bytes> {
        self.change("/v1/tour/mend", &json!({})).await
    }

    /// Changes something, and leads back to the page, so that a reload does not change it again.
    async fn change(&self, path: &str, body: &serde_json::Value) -> Response<Bytes> {
        match self.admin.post::<Broken>(path, body).await {
            Ok(_) => {
                let mut response = answer(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
                response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(Self::PATH));
                response
            }
            Err(AskError::Refused { status, reason, .. }) => self.overview(status, Some(&reason)).await,
            Err(error) => self.overview(StatusCode::SERVICE_UNAVAILABLE, Some(&error.to_string())).await,
        }
    }

    async fn overview(&self, status: StatusCode, note: Option<&str>) -> Response<Bytes> {
        match self.look().await {
            Ok(sight) => page(status, html::overview(&sight, &self.token, note)),
            Err(error) => silent(&error),
        }
    }

    async fn failed(&self, status: StatusCode) -> Response<Bytes> {
        match self.look().await {
            Ok(sight) => page(status, html::failure(&sight, &self.token, status)),
            Err(error) => silent(&error),
        }
    }

    async fn look(&self) -> Result<Sight, AskError> {
        Ok(Sight { report: self.admin.get("/v1/hops").await?, state: self.admin.get("/v1/tour").await? })
    }
}

impl Pages for TourPages {
    fn answer(&self, head: Parts, body: Bytes) -> Answer<'_> {
        Box::pin(self.respond(head, body))
    }

    fn failure(&self, status: StatusCode) -> Answer<'_> {
        Box::pin(self.failed(status))
    }
}

fn silent(error: &AskError) -> Response<Bytes> {
    answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", format!("{error}\n"))
}

fn page(status: StatusCode, html: String) -> Response<Bytes> {
    answer(status, "text/html; charset=utf-8", html)
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
