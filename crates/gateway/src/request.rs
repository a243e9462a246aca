//! One request: guard → route → upstream or our own answer, and its record.

use std::rc::Rc;

use bytes::Bytes;
use hermetic_hop::View;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::answer;
use crate::body::{Passed, ResponseBody};
use crate::connection::Connection;
use crate::framing;
use crate::guard::{self, Denial, Judged};
use crate::headers;
use crate::pages;
use crate::path;
use crate::record::{AccessRecord, HopLine, RequestFacts};
use crate::relay;
use crate::route;
use crate::snapshot::{DestinationSnapshot, HttpsSnapshot};
use crate::upgrade;
use crate::upstream::UpstreamConnection;

/// Answers a request. `framing` watches the connection where it speaks HTTP/1.1.
pub(crate) async fn answer(
    connection: &Rc<Connection>,
    framing: Option<&framing::Handle>,
    request: Request<Incoming>,
) -> Response<ResponseBody> {
    let Some(https) = connection.https() else {
        return answer::last(StatusCode::NOT_FOUND, "nothing is served here");
    };
    let mut recording = Recording::begin(connection, &request);
    let headless = request.method() == Method::HEAD;
    let mut response = match decide(connection, https, framing, request, &mut recording).await {
        Ok(response) => response,
        Err(denial) => answer::plain(denial.status, format!("{}: {}", denial.status, denial.reason)),
    };
    if headless {
        response = without_body(response);
    }
    if let Some(hsts) = &https.hsts {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    recording.status(response.status());
    response.map(|body| body.recorded(recording))
}

/// An answer of our own to HEAD: hyper would send its body over HTTP/2, where that breaks the stream.
fn without_body(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    if let Some(length) = response.body().full_length() {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = ResponseBody::full(Bytes::new());
    }
    response
}

async fn decide(
    connection: &Rc<Connection>,
    https: &HttpsSnapshot,
    framing: Option<&framing::Handle>,
    mut request: Request<Incoming>,
    recording: &mut Recording,
) -> Result<Response<ResponseBody>, Denial> {
    let tunnel = upgrade::wanted(&mut request);
    let (mut head, body) = request.into_parts();
    let authority = guard::authority(&head.uri, &head.headers)?;
    let host = guard::bare_host(&authority);
    recording.host(&host);
    guard::judge(&Judged { head: &head, host: &host, client: &connection.client, https })?;
    // Before any fact is set: what `Connection` lists is taken out, and a client may list anything.
    headers::strip_hop_by_hop(&mut head.headers);
    let believed = headers::strip_claims(&mut head.headers, &connection.client);
    let route = route::choose(&https.routes, &host, head.uri.path());
    match route.map(|route| &route.to) {
        None => Err(Denial { status: StatusCode::NOT_FOUND, reason: "no route leads there" }),
        Some(DestinationSnapshot::Path) => {
            let now = connection.worker.clock.now();
            let (own, store) = (&connection.sighted.sighting, connection.worker.visits());
            let shown = path::respond(&head, believed.path.as_ref(), own, &https.flows, store, now).await;
            Ok(shown.map(ResponseBody::full))
        }
        Some(DestinationSnapshot::Pages(pages)) => pages::answer(&**pages, head, body).await,
        Some(DestinationSnapshot::Hop(hop)) => {
            headers::set_facts(
                &mut head.headers,
                &connection.client,
                &believed,
                authority.as_str(),
                connection.listener.public_port,
            );
            let outbound = relay::Outbound { hop, path_so_far: believed.path.as_ref(), tunnel };
            let failures = https.failures.as_deref().filter(|_| pages::is_of_browser(&head));
            let request = Request::from_parts(head, body);
            let response = match relay::forward(connection, outbound, request, recording).await {
                Ok(response) => response,
                // A body that broke a rule of framing is the client's fault, not the upstream's. The
                // reader may be ahead, so the rule may be one that a later request broke.
                Err(error) => match framing.and_then(framing::Handle::violation) {
                    Some(violation) if recording.received.broken.get() => {
                        recording.upstream = None;
                        answer::last(StatusCode::BAD_REQUEST, format!("400 Bad Request: {violation}"))
                    }
                    _ => {
                        recording.upstream = None;
                        relay::failed(connection, hop, &error)
                    }
                },
            };
            Ok(match failures {
                Some(failures) => pages::instead_of_failure(failures, response).await,
                None => response,
            })
        }
    }
}

/// The record of a request, written when its response is at its end or cut.
#[derive(Debug)]
pub(crate) struct Recording {
    connection: Rc<Connection>,
    upstream: Option<Rc<UpstreamConnection>>,
    /// Made only where somebody reads it.
    facts: Option<Box<RequestFacts>>,
    started: Instant,
    received: Rc<Passed>,
    sent: u64,
    complete: bool,
}

impl Recording {
    fn begin(connection: &Rc<Connection>, request: &Request<Incoming>) -> Self {
        let facts = connection.worker.log.is_open().then(|| {
            Box::new(RequestFacts {
                method: request.method().to_string(),
                host: String::new(),
                path: request.uri().path().to_owned(),
                http: match request.version() {
                    Version::HTTP_2 => "2",
                    Version::HTTP_10 => "1.0",
                    _ => "1.1",
                },
                status: 0,
                bytes_received: 0,
                bytes_sent: 0,
                duration_ms: 0,
                complete: false,
            })
        });
        connection.activity.begin();
        Self {
            connection: connection.clone(),
            upstream: None,
            facts,
            started: Instant::now(),
            received: Rc::default(),
            sent: 0,
            complete: false,
        }
    }

    /// What has passed of the request's body.
    pub fn received(&self) -> Rc<Passed> {
        self.received.clone()
    }

    /// The connection that the request goes on over.
    pub fn upstream(&mut self, connection: Rc<UpstreamConnection>) {
        self.upstream = Some(connection);
    }

    /// More bytes of the response's body went out.
    pub fn sent(&mut self, bytes: u64) {
        self.sent += bytes;
    }

    /// The response is at its end.
    pub fn complete(mut self) {
        self.complete = true;
    }

    fn host(&mut self, host: &str) {
        if let Some(facts) = &mut self.facts {
            host.clone_into(&mut facts.host);
        }
    }

    fn status(&mut self, status: StatusCode) {
        if let Some(facts) = &mut self.facts {
            facts.status = status.as_u16();
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.connection.activity.end();
        let (connection, received, sent) = (&self.connection, self.received.bytes.get(), self.sent);
        let upstream = self.upstream.as_ref().map(|upstream| &upstream.sighted);
        {
            let mut ledger = connection.worker.ledger();
            ledger.requested(connection.sighted.hop(), View::Server, received, sent);
            if let Some(sighted) = upstream {
                ledger.requested(sighted.hop(), View::Client, sent, received);
            }
        }
        let Some(mut facts) = self.facts.take() else { return };
        facts.bytes_received = received;
        facts.bytes_sent = sent;
        facts.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        facts.complete = self.complete;
        connection.worker.log(|| AccessRecord::Request {
            at: connection.worker.clock.now(),
            listener: &connection.listener.name,
            client: connection.client.address,
            request: &facts,
            inbound: HopLine::of(&connection.sighted),
            outbound: upstream.map(HopLine::of),
        });
    }
}
