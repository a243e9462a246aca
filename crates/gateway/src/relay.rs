//! Relay: passes a request to its upstream and the response back, streaming both ways.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header, request};
use hyper::body::Incoming;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use crate::answer;
use crate::body::{Passed, RequestBody, ResponseBody};
use crate::connection::Connection;
use crate::guard;
use crate::headers;
use crate::record::AccessRecord;
use crate::request::Recording;
use crate::sightings::{self, PATH};
use crate::snapshot::{HopSnapshot, TransportSnapshot};
use crate::upgrade::Tunnel;
use crate::upstream::{Checkout, Lease, Pool, Sender, UpstreamError, Wanted};

/// How long an upstream may take to say `100 Continue` before the body is sent unasked
/// (RFC 9110 10.1.1).
const CONTINUE: Duration = Duration::from_secs(1);

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
    mut request: Request<Incoming>,
    recording: &mut Recording,
) -> Result<Response<ResponseBody>, UpstreamError> {
    let hop = outbound.hop;
    let pool = connection.worker.pool(hop);
    let tunnel = outbound.tunnel.take();
    let wanted = if tunnel.is_some() { Wanted::Http1 } else { Wanted::Any };
    if let Some(tunnel) = &tunnel {
        tunnel.ask(request.headers_mut());
    }
    let (mut head, body) = request.into_parts();
    let awaited = Continue::expected(&head);
    let (release, held) = awaited.map_or((None, None), |(release, held)| (Some(release), Some(held)));
    if let Some(release) = &release {
        release.clone().when_told(&mut head);
    }
    let body = RequestBody::new(body, recording.received(), held);
    let passed = recording.received();
    let sending = send(connection, &outbound, &pool, wanted, head, body, recording);
    let (mut response, checkout) = patiently(hop.response_timeout, &passed, sending).await?;
    if let Some(tunnel) = tunnel
        && response.status() == StatusCode::SWITCHING_PROTOCOLS
    {
        return Ok(tunnel.open(connection, hop, response));
    }
    headers::strip_hop_by_hop(response.headers_mut());
    let unread = release.is_some_and(|release| release.withhold());
    let lease = match checkout.sender {
        Sender::Http1(sender) => {
            Some(Lease::new(checkout.place, sender, checkout.connection).single_use(unread))
        }
        Sender::Http2(_) => None,
    };
    Ok(response.map(|body| ResponseBody::upstream(body, lease)))
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
            Err(_) => return Err(UpstreamError::ResponseTimeout(limit)),
        }
    }
}

/// Sends the request, over another connection where a reused one turns out to be dead.
async fn send(
    connection: &Rc<Connection>,
    outbound: &Outbound<'_>,
    pool: &Rc<Pool>,
    wanted: Wanted,
    mut head: request::Parts,
    mut body: RequestBody,
    recording: &mut Recording,
) -> Result<(Response<Incoming>, Checkout), UpstreamError> {
    let target = Target::of(&head)?;
    loop {
        let mut checkout = pool.checkout(&connection.worker, wanted).await?;
        recording.upstream(checkout.connection.clone());
        target.write(&mut head, &checkout.sender);
        tell_path(connection, outbound, &checkout, &mut head);
        // An upstream that closes an idle connection just as it is used loses nothing but the
        // request; one that may be repeated is, and others only where they were not sent.
        let again = (checkout.reused && head.method.is_idempotent() && body.is_empty()).then(|| head.clone());
        let request = Request::from_parts(head, body);
        let sent = match &mut checkout.sender {
            Sender::Http1(sender) => sender.try_send_request(request).await,
            Sender::Http2(sender) => sender.try_send_request(request).await,
        };
        let mut error = match sent {
            Ok(response) => return Ok((response, checkout)),
            Err(error) => error,
        };
        checkout.place.forget_shared();
        (head, body) = match (error.take_message(), again) {
            (Some(unsent), _) if checkout.reused => unsent.into_parts(),
            (_, Some(head)) => (head, RequestBody::empty()),
            _ => return Err(UpstreamError::Exchange(error.into_error())),
        };
    }
}

/// The target of a request in both of its forms.
struct Target {
    /// Path and query, for HTTP/1.1.
    origin: Uri,
    /// The whole URI, whose authority HTTP/2 carries as `:authority`.
    absolute: Uri,
    /// The authority, for `Host`.
    host: HeaderValue,
}

impl Target {
    fn of(head: &request::Parts) -> Result<Self, UpstreamError> {
        let named = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let authority =
            head.uri.authority().map(Authority::as_str).or(named).ok_or(UpstreamError::Request)?;
        let origin = guard::origin_form(&head.uri);
        let absolute = Uri::builder().scheme("https").authority(authority).path_and_query(origin).build();
        Ok(Self {
            origin: origin.parse().map_err(|_| UpstreamError::Request)?,
            absolute: absolute.map_err(|_| UpstreamError::Request)?,
            host: HeaderValue::from_str(authority).map_err(|_| UpstreamError::Request)?,
        })
    }

    /// Writes it as the connection's HTTP version wants it.
    fn write(&self, head: &mut request::Parts, sender: &Sender) {
        match sender {
            Sender::Http1(_) => {
                head.headers.insert(header::HOST, self.host.clone());
                join_cookies(&mut head.headers);
                head.uri = self.origin.clone();
                head.version = Version::HTTP_11;
            }
            Sender::Http2(_) => {
                head.headers.remove(header::HOST);
                head.uri = self.absolute.clone();
                head.version = Version::HTTP_2;
            }
        }
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
    if let TransportSnapshot::Tls { identified: true, .. } = outbound.hop.transport
        && let Some(path) =
            sightings::extended(outbound.path_so_far, [&connection.sighted, &checkout.connection.sighted])
    {
        head.headers.insert(PATH, path);
    }
}

/// `Expect: 100-continue`: the client's body is not touched before the upstream asks for it.
#[derive(Clone, Debug)]
struct Continue(Arc<Mutex<Option<oneshot::Sender<()>>>>);

impl Continue {
    fn expected(head: &request::Parts) -> Option<(Self, oneshot::Receiver<()>)> {
        let expect = head.headers.get(header::EXPECT)?;
        if !expect.as_bytes().eq_ignore_ascii_case(b"100-continue") || head.method == Method::GET {
            return None;
        }
        let (release, held) = oneshot::channel();
        Some((Self(Arc::new(Mutex::new(Some(release)))), held))
    }

    /// Releases the body when the upstream says `100 Continue`, or says nothing for too long.
    fn when_told(self, head: &mut request::Parts) {
        let late = self.clone();
        tokio::task::spawn_local(async move {
            tokio::time::sleep(CONTINUE).await;
            late.release();
        });
        let mut carrier = Request::new(());
        hyper::ext::on_informational(&mut carrier, move |response| {
            if response.status() == StatusCode::CONTINUE {
                self.release();
            }
        });
        head.extensions.extend(carrier.into_parts().0.extensions);
    }

    fn release(&self) {
        if let Some(release) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = release.send(());
        }
    }

    /// Keeps the body back for good, since the final answer is there; whether it was still held.
    fn withhold(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }
}

/// What the client gets where the upstream could not answer: a 502 or 504, whose reason is in the log
/// alone.
pub(crate) fn failed(
    connection: &Connection,
    hop: &HopSnapshot,
    error: &UpstreamError,
) -> Response<ResponseBody> {
    let at = connection.worker.clock.now();
    let reference = format!("{:x}", at.as_nanosecond() & 0xffff_ffff_ffff);
    let reason = error.to_string();
    tracing::warn!(hop = %hop.name, %reference, %reason, "an upstream could not answer");
    connection.worker.log(|| AccessRecord::UpstreamFailed {
        at,
        from: &hop.name.from,
        to: &hop.name.to,
        reference: &reference,
        error: &reason,
    });
    let status = error.status();
    answer::plain(
        status,
        format!(
            "{status}: the upstream could not answer; the gateway's log tells why (reference {reference})"
        ),
    )
}
