//! Relay: passes a request to its upstream and the response back, streaming both ways.

use std::error::Error;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version, header, request};
use hyper::body::{Body, Incoming};
use tokio::time::timeout_at;

use crate::answer;
use crate::body::{Allowance, Passed, RequestBody, ResponseBody};
use crate::connection::Connection;
use crate::expectation::Hold;
use crate::guard;
use crate::headers;
use crate::inbound::Inbound;
use crate::limits::Paced;
use crate::request::Recording;
use crate::sightings::{self, PATH};
use crate::snapshot::HopSnapshot;
use crate::upgrade::Tunnel;
use crate::upstream::{Checkout, Freshness, Pool, Sender, UpstreamError, Wanted};

/// Where a request goes on to.
#[derive(Debug)]
pub(crate) struct Outbound<'a> {
    pub hop: &'a Arc<HopSnapshot>,
    /// The path that an authenticated previous hop told.
    pub path_so_far: Option<&'a HeaderValue>,
    /// The tunnel that the request asks for.
    pub tunnel: Option<Tunnel>,
}

/// Passes the request on, and gives the response as its head is there.
pub(crate) async fn forward(
    connection: &Rc<Connection>,
    mut outbound: Outbound<'_>,
    mut request: Request<Inbound>,
    recording: &mut Recording,
) -> Result<Response<ResponseBody>, UpstreamError> {
    let hop = outbound.hop;
    let pool = connection.pool(hop);
    let tunnel = outbound.tunnel.take();
    let wanted = if tunnel.is_some() { Wanted::Http1 } else { Wanted::Any };
    if let Some(tunnel) = &tunnel {
        tunnel.ask(request.headers_mut());
    }
    let (mut head, body) = request.into_parts();
    let expected = if body.is_end_stream() { None } else { Hold::expected(&head) };
    let (hold, held) = expected.unzip();
    if let Some(hold) = &hold {
        Hold::until_told(hold.clone(), &mut head);
    }
    // What was read already was counted then.
    let passed = if body.is_read() { Rc::default() } else { recording.received() };
    let limits = &connection.listener.limits;
    let rpc = is_of(&head.headers, "application/grpc");
    let allowance = Allowance::within(limits, &body.size_hint(), &head.headers);
    let body = RequestBody::new(body, passed.clone(), held, allowance);
    let sending = send(connection, &outbound, &pool, wanted, (head, body), recording);
    let (mut response, checkout) = patiently(hop.response_timeout, &passed, sending).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let tunnel = tunnel.ok_or(UpstreamError::UnaskedSwitch)?;
        return Ok(tunnel.open(connection, hop, response));
    }
    headers::strip_hop_by_hop(response.headers_mut());
    let withheld = hold.and_then(|hold| hold.withhold());
    let lease = checkout.into_lease(withheld.is_some());
    let events = rpc || is_of(response.headers(), "text/event-stream");
    let paced = if events { Paced::stream(limits) } else { Paced::unhurried(limits) };
    Ok(response.map(|body| ResponseBody::upstream(body, paced, Some(lease), withheld)))
}

/// Whether the content is of this media type, or one that is made from it (`application/grpc+proto`).
pub(crate) fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    let told = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    told.get(..media_type.len()).is_some_and(|told| told.eq_ignore_ascii_case(media_type.as_bytes()))
}

/// Waits for a response's head for `limit` after the last of the request's body has passed: a slow
/// upload is not the upstream's slowness.
async fn patiently<T>(
    limit: Duration,
    passed: &Passed,
    sending: impl Future<Output = Result<T, UpstreamError>>,
) -> Result<T, UpstreamError> {
    tokio::pin!(sending);
    loop {
        let last = passed.last.get();
        match timeout_at(last + limit, sending.as_mut()).await {
            Ok(outcome) => return outcome,
            Err(_) if passed.last.get() > last => {}
            Err(_) if passed.waits_for_client.get() => return Err(UpstreamError::SlowClient(limit)),
            Err(_) => return Err(UpstreamError::ResponseTimeout(limit)),
        }
    }
}

/// Sends the request, and once more over a fresh connection where a reused one turns out to be dead.
/// Not more often: an upstream that dies of a request must not be given it by every connection.
async fn send(
    connection: &Rc<Connection>,
    outbound: &Outbound<'_>,
    pool: &Pool,
    wanted: Wanted,
    (mut head, body): (request::Parts, RequestBody),
    recording: &mut Recording,
) -> Result<(Response<Incoming>, Checkout), UpstreamError> {
    let target = Target::of(&head)?;
    let checkout = pool.checkout(&connection.worker, wanted, Freshness::Any).await?;
    target.write(&mut head, &body, &checkout)?;
    tell_path(connection, outbound, &checkout, &mut head);
    let again = (checkout.reused && head.method.is_idempotent() && body.is_empty()).then(|| head.clone());
    let reused = checkout.reused;
    let (error, unsent) = match attempt(checkout, Request::from_parts(head, body), recording).await {
        Ok(answered) => return Ok(answered),
        Err(failed) => failed,
    };
    // An upstream that closes an idle connection just as it is used loses nothing but the request;
    // one that may be repeated is, and others only where they were not sent.
    let died = error.is_closed() || error.is_incomplete_message() || error.is_canceled() || was_cut(&error);
    let (mut head, body) = match (unsent, again) {
        (Some(unsent), _) if reused => unsent.into_parts(),
        (None, Some(head)) if died => (head, RequestBody::empty()),
        _ => return Err(UpstreamError::Exchange(error)),
    };
    let checkout = pool.checkout(&connection.worker, wanted, Freshness::New).await?;
    target.write(&mut head, &body, &checkout)?;
    tell_path(connection, outbound, &checkout, &mut head);
    let sent = attempt(checkout, Request::from_parts(head, body), recording).await;
    sent.map_err(|(error, _)| UpstreamError::Exchange(error))
}

/// Whether the far end's kernel cut the connection: it had closed before the request came, which
/// then met nobody who would read it.
fn was_cut(error: &hyper::Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|source| {
        matches!(
            source.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe
        )
    })
}

/// Sends the request over one connection; gives the request back where it was not sent.
async fn attempt(
    mut checkout: Checkout,
    request: Request<RequestBody>,
    recording: &mut Recording,
) -> Result<(Response<Incoming>, Checkout), (hyper::Error, Option<Request<RequestBody>>)> {
    recording.upstream(checkout.connection.clone());
    let sent = match &mut checkout.sender {
        Sender::Http1(sender) => sender.try_send_request(request).await,
        Sender::Http2(sender) => sender.try_send_request(request).await,
    };
    match sent {
        Ok(response) => Ok((response, checkout)),
        Err(mut error) => {
            if checkout.sender.is_closed() {
                checkout.place.forget(&checkout.connection);
            }
            let unsent = error.take_message();
            Err((error.into_error(), unsent))
        }
    }
}

/// The target of a request in all of its forms.
struct Target {
    /// Path and query, for HTTP/1.1.
    origin: Uri,
    /// The authority, which HTTP/2 carries as `:authority`.
    authority: Authority,
    /// The same for `Host`.
    host: HeaderValue,
}

impl Target {
    fn of(head: &request::Parts) -> Result<Self, UpstreamError> {
        let named = || head.headers.get(header::HOST)?.to_str().ok()?.parse().ok();
        let authority = head.uri.authority().cloned().or_else(named).ok_or(UpstreamError::Request)?;
        Ok(Self {
            origin: guard::origin_form(&head.uri).parse().map_err(|_| UpstreamError::Request)?,
            host: HeaderValue::from_str(authority.as_str()).map_err(|_| UpstreamError::Request)?,
            authority,
        })
    }

    /// Writes it as the connection's HTTP version wants it.
    fn write(
        &self,
        head: &mut request::Parts,
        body: &RequestBody,
        checkout: &Checkout,
    ) -> Result<(), UpstreamError> {
        match &checkout.sender {
            Sender::Http1(_) => {
                head.headers.insert(header::HOST, self.host.clone());
                join_cookies(&mut head.headers);
                // hyper takes a GET of unknown length for one without a body.
                if !body.is_empty() && body.size_hint().exact().is_none() {
                    head.headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
                }
                head.uri = self.origin.clone();
                head.version = Version::HTTP_11;
            }
            Sender::Http2(_) => {
                head.headers.remove(header::HOST);
                head.headers.remove(header::TRANSFER_ENCODING);
                let mut parts = self.origin.clone().into_parts();
                parts.scheme =
                    Some(if checkout.connection.is_plain() { Scheme::HTTP } else { Scheme::HTTPS });
                parts.authority = Some(self.authority.clone());
                head.uri = Uri::from_parts(parts).map_err(|_| UpstreamError::Request)?;
                head.version = Version::HTTP_2;
            }
        }
        Ok(())
    }
}

/// HTTP/2 clients split their cookies over several fields, and HTTP/1.1 allows one (RFC 9113 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// Tells the path to an upstream that knows who we are; another would have no reason to believe
/// it, and it would tell strangers about the house.
fn tell_path(
    connection: &Connection,
    outbound: &Outbound<'_>,
    checkout: &Checkout,
    head: &mut request::Parts,
) {
    let identified = outbound.hop.transport.tls().is_some_and(|tls| tls.identified);
    if identified
        && !checkout.connection.is_plain()
        && let Some(path) = sightings::extended(
            outbound.path_so_far,
            [connection.sighted.text(), checkout.connection.sighted.text()],
        )
    {
        head.headers.insert(PATH, path);
    }
}

/// What the client gets where the upstream could not answer: a 502 or 504, whose reason is in the log
/// alone.
pub(crate) fn failed(
    connection: &Connection,
    hop: &HopSnapshot,
    error: &UpstreamError,
) -> Response<ResponseBody> {
    let reference = connection.worker.upstream_failed(hop, &error.to_string());
    let status = error.status();
    answer::plain(
        status,
        format!(
            "{status}: the upstream could not answer; the gateway's log tells why (reference {reference})"
        ),
    )
}
