//! One connection: HTTP/1.1, bounded in time and size.

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hermetic_x509::ocsp::LONGEST_REQUEST;
use hermetic_x509::publication::{self, answer};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::up::Instance;

/// How long a request's head may take, and how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(5);

/// How long a request's content may take.
const CONTENT: Duration = Duration::from_secs(5);

/// How long a connection may last at most: long enough for a list of some megabytes over a slow line.
const LIFE: Duration = Duration::from_secs(2 * 60);

/// The most bytes of a head. The longest request by `GET` is in it, in base64 and with escapes.
const LONGEST_HEAD: usize = 16 * 1024;

/// Serves it to its end.
pub async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, instance: &Instance) {
    let service =
        service_fn(move |request| async move { Ok::<_, Infallible>(respond(instance, request).await) });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LONGEST_HEAD);
    match timeout(LIFE, builder.serve_connection(TokioIo::new(stream), service)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection for CRLs and OCSP ended early"),
        Err(_) => tracing::debug!("a connection for CRLs and OCSP took too long"),
    }
}

async fn respond(instance: &Instance, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    let authority = instance.authority();
    let Some(site) = authority.terms().site.clone() else { return bare(StatusCode::NOT_FOUND) };
    let body = match request.method() {
        &Method::POST => match timeout(CONTENT, content(request.body_mut())).await {
            Ok(Some(body)) => body,
            Ok(None) => return bare(StatusCode::BAD_REQUEST),
            Err(_) => return bare(StatusCode::REQUEST_TIMEOUT),
        },
        // What comes with any other has no meaning here.
        _ => BytesMut::new(),
    };
    let if_none_match = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let asked = publication::Request {
        method: request.method().as_str(),
        path: request.uri().path(),
        if_none_match,
        body: &body,
    };
    let response = answer(&site, authority, &asked, instance.clock().now()).await;
    instance.published().count(response.subject, response.outcome);
    translated(response)
}

/// The content, no more of it than tells that it is too long; `None` where the client breaks off.
async fn content(body: &mut Incoming) -> Option<BytesMut> {
    let mut content = BytesMut::new();
    while content.len() <= LONGEST_REQUEST
        && let Some(frame) = body.frame().await
    {
        content.extend(frame.ok()?.into_data());
    }
    Some(content.iter().take(LONGEST_REQUEST + 1).copied().collect())
}

fn translated(response: publication::Response) -> Response<Full<Bytes>> {
    let mut translated = Response::builder().status(response.status);
    for (name, value) in response.fields {
        translated = translated.header(name, value);
    }
    translated.body(Full::new(response.body)).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer is no HTTP");
        bare(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

fn bare(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
