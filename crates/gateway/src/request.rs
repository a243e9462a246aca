//! One request: guard → route → upstream or our own answer, and its record.

use std::rc::Rc;

use bytes::Bytes;
use hermetic_guard::{Action, Fired, RuleId};
use hermetic_hop::View;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header, request};
use hyper::body::{Body, Incoming};
use tokio::time::Instant;

use crate::answer;
use crate::body::{Fault, Passed, ResponseBody, ResponseError};
use crate::connection::Connection;
use crate::framing;
use crate::guard::{self, Asked, Denial};
use crate::headers;
use crate::inbound::{Inbound, Trailers};
use crate::limits::{InFlight, Limit, Refusal};
use crate::pages;
use crate::path;
use crate::policy;
use crate::record::{AccessRecord, Guarded, HopLine, PolicyFacts, RequestFacts, ToldRecord};
use crate::redirect;
use crate::relay;
use crate::route;
use crate::snapshot::{DestinationSnapshot, SiteSnapshot};
use crate::upgrade;
use crate::upstream::UpstreamConnection;

/// Answers a request. `framing` watches the connection where it speaks HTTP/1.1.
pub(crate) async fn answer(
    connection: &Rc<Connection>,
    framing: Option<&framing::Handle>,
    request: Request<Incoming>,
) -> Response<ResponseBody> {
    let Some(site) = connection.site() else {
        return answer::last(StatusCode::NOT_FOUND, "nothing is served here");
    };
    let mut recording = Recording::begin(connection, &request);
    let headless = request.method() == Method::HEAD;
    let mut asked = None;
    let response = match within_limits(connection, &request, &mut recording) {
        Err(refusal) => {
            answer::hear_out(request.into_body());
            Ok(answer::refused(refusal))
        }
        Ok(()) => match steered(connection, &request, &mut recording) {
            Some(instead) => Ok(instead),
            None => decide(connection, site, framing, request, &mut recording, &mut asked).await,
        },
    };
    let mut response = match response {
        Ok(response) => response,
        Err(denial) => answer::plain(denial.status, format!("{}: {}", denial.status, denial.reason)),
    };
    if headless {
        response = without_body(response);
    }
    if let Some(steering) = connection.steering() {
        steering.vary(&mut response);
    }
    if let Some(guard) = connection.guard() {
        guard::judge_response(
            connection,
            guard,
            response.headers_mut(),
            asked.as_ref(),
            &mut recording.fired,
        );
    }
    if framing.is_some() {
        connection.listener.tenure.close_after(&mut response);
    }
    recording.status(response.status());
    response.map(|body| body.recorded(recording))
}

/// Counts the request in, where that and its head stay within the listener's limits.
fn within_limits(
    connection: &Connection,
    request: &Request<Incoming>,
    recording: &mut Recording,
) -> Result<(), Refusal> {
    let limits = &connection.listener.limits;
    recording.in_flight = Some(connection.admission.request(limits, recording.started)?);
    // Over HTTP/1.1 the reader has counted them.
    let reached = |limit| {
        connection.admission.refuse(limit);
        Err(Refusal::from(limit))
    };
    if request.version() == Version::HTTP_2 && fields(request.headers()) > limits.header_fields.get() {
        return reached(Limit::HeaderFields);
    }
    let length = request.body().size_hint().lower();
    if limits.body_bytes.is_some_and(|most| length > most) {
        return reached(Limit::BodyBytes);
    }
    Ok(())
}

/// The fields of a head; HTTP/2 splits cookies to compress them better (RFC 9113 8.2.3).
fn fields(headers: &HeaderMap) -> usize {
    let cookies = headers.get_all(header::COOKIE).iter().count();
    headers.len() - cookies.saturating_sub(1)
}

/// What a request in cleartext gets in place of content, if anything. A secret in it is on record.
fn steered(
    connection: &Connection,
    request: &Request<Incoming>,
    recording: &mut Recording,
) -> Option<Response<ResponseBody>> {
    let steering = connection.steering()?;
    let (worker, ends) = (&connection.worker, &connection.client.ends);
    if let Some(secret) = redirect::record_exposure(worker, &connection.listener.name, request, ends) {
        tracing::debug!(hop = %connection.client.hop, client = %ends.client, secret, "a secret came in cleartext");
    }
    let instead = steering.instead(request, worker.clock.now())?;
    recording.fired = instead.fired;
    if let Some(refused) = instead.refused {
        worker.ledger().failed(&connection.client.hop, View::Server, &refused.to_string());
    }
    Some(instead.response)
}

/// An answer of our own to HEAD: hyper would send its body over HTTP/2, where that breaks the stream.
fn without_body(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    if let Some(length) = response.body().full_length() {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = ResponseBody::full(Bytes::new());
    }
    response
}

async fn decide<'a>(
    connection: &Rc<Connection>,
    site: &'a SiteSnapshot,
    framing: Option<&framing::Handle>,
    mut request: Request<Incoming>,
    recording: &mut Recording,
    asked: &mut Option<Asked<'a>>,
) -> Result<Response<ResponseBody>, Denial> {
    let tunnel = upgrade::wanted(&mut request);
    let (mut head, body) = request.into_parts();
    let (authority, host) = match judged(connection, &head, recording) {
        Ok(named) => named,
        Err(denial) => return Err(denied(&head, Inbound::Coming(body, Trailers::Kept), denial)),
    };
    // Before anything is judged or set: what `Connection` lists does not go on, and a client may list anything.
    headers::strip_hop_by_hop(&mut head.headers);
    let route = route::choose(&site.routes, &host, head.uri.path());
    let body = match route.and_then(|route| route.enforcement.as_deref()) {
        None => Inbound::Coming(body, Trailers::Kept),
        Some(enforcement) => {
            let of = (&mut head, &authority, host.as_str());
            match policy::judge(connection, enforcement, of, body, recording).await {
                Ok(body) => body,
                Err(refusal) => return Ok(refusal),
            }
        }
    };
    let believed = headers::strip_claims(&mut head.headers, &connection.client);
    let port = believed.port().unwrap_or(connection.listener.public_port);
    let hop = route.and_then(|route| route.to.hop()).map(|hop| &**hop);
    let Asked { authority, .. } = asked.insert(Asked { authority, host, port, hop });
    match route.map(|route| &route.to) {
        None => {
            let denial = Denial { status: StatusCode::NOT_FOUND, reason: "no route leads there" };
            Err(denied(&head, body, denial))
        }
        Some(DestinationSnapshot::Path) => {
            let now = connection.worker.clock.now();
            let own = &connection.sighted.sighting;
            let around = path::Surroundings {
                flows: &site.flows,
                onward: site.onward,
                store: connection.worker.visits(),
            };
            let shown = path::respond(&head, believed.path.as_ref(), own, around, now).await;
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
            // What goes through a tunnel is judged by no document.
            let tunnel = tunnel.filter(|_| route.is_some_and(|route| route.enforcement.is_none()));
            let outbound = relay::Outbound { hop, path_so_far: believed.path.as_ref(), tunnel };
            let failures = site.failures.as_deref().filter(|_| pages::is_of_browser(&head));
            let request = Request::from_parts(head, body);
            let response = match relay::forward(connection, outbound, request, recording).await {
                Ok(response) => response,
                // A body that broke a rule of framing is the client's fault, not the upstream's. The
                // reader may be ahead, so the rule may be one that a later request broke.
                Err(error) => {
                    recording.upstream = None;
                    let violation = framing.and_then(framing::Handle::violation);
                    match (recording.received.fault.get(), violation) {
                        (Some(Fault::Limit(limit)), _) => answer::refused(limit.into()),
                        (Some(Fault::Broken), Some(violation)) => {
                            answer::last(StatusCode::BAD_REQUEST, format!("400 Bad Request: {violation}"))
                        }
                        _ => relay::failed(connection, hop, &error),
                    }
                }
            };
            Ok(match failures {
                Some(failures) => pages::instead_of_failure(failures, response).await,
                None => response,
            })
        }
    }
}

/// The host that a request is for, once the guard has let it pass.
fn judged(
    connection: &Connection,
    head: &request::Parts,
    recording: &mut Recording,
) -> Result<(Authority, String), Denial> {
    let authority = guard::authority(&head.uri, &head.headers).inspect_err(|_| recording.host_denied())?;
    let host = guard::bare(&authority);
    recording.host(&host);
    if let Some(guard) = connection.guard() {
        guard::judge(connection, guard, head, &host, &mut recording.fired)?;
    }
    Ok((authority, host))
}

/// A denial that its client gets to read although it may be sending still. One that waits for
/// `100 Continue` is not, and must not be told to.
fn denied(head: &request::Parts, body: Inbound, denial: Denial) -> Denial {
    if !head.headers.contains_key(header::EXPECT) {
        body.hear_out();
    }
    denial
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
    /// The rules of the guard that fired.
    fired: Fired,
    http2: bool,
    in_flight: Option<InFlight>,
    /// What the policy documents on its way said.
    policy: Option<Box<PolicyFacts>>,
    /// Whether the response broke off on the upstream's side, and by which limit where by one.
    broken: Option<Option<Limit>>,
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
            fired: Fired::default(),
            http2: request.version() == Version::HTTP_2,
            in_flight: None,
            policy: None,
            broken: None,
        }
    }

    fn host_denied(&mut self) {
        self.fired.note(RuleId::Host, Action::Deny);
    }

    /// What the policy documents on its way said.
    pub fn policy(&mut self, facts: PolicyFacts) {
        self.policy = Some(Box::new(facts));
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

    /// The response broke off on the upstream's side.
    pub fn broken(&mut self, error: &ResponseError) {
        self.broken = Some(match error {
            ResponseError::Stall(stall) => Some(stall.limit()),
            ResponseError::Upstream(_) => None,
        });
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

    /// What the request says of the limits that it reached, and of its client's manners.
    fn balance(&self) {
        let connection = &self.connection;
        let of_client = match self.received.fault.get() {
            Some(Fault::Limit(limit)) => Some(limit),
            _ => None,
        };
        for limit in of_client.into_iter().chain(self.broken.flatten()) {
            connection.admission.refuse(limit);
        }
        match (self.complete, self.broken) {
            (true, _) => connection.resets.answered(),
            (false, None) if self.http2 => connection.resets.given_up(),
            _ => {}
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
        self.balance();
        let (connection, received, sent) = (&self.connection, self.received.bytes.get(), self.sent);
        let upstream = self.upstream.as_ref().map(|upstream| &upstream.sighted);
        {
            let mut ledger = connection.worker.ledger();
            ledger.requested(connection.sighted.hop(), View::Server, received, sent);
            ledger.guarded(&connection.listener.name, self.fired);
            if let Some(PolicyFacts { service, decision, .. }) = self.policy.as_deref() {
                ledger.judged(&connection.listener.name, *service, *decision);
            }
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
            client: connection.client.ends.client,
            told: connection.client.ends.told.as_deref().map(ToldRecord::from),
            request: &facts,
            guarded: Guarded::of(&connection.hello, self.fired),
            policy: self.policy.as_deref(),
            inbound: HopLine::of(&connection.sighted),
            outbound: upstream.map(HopLine::of),
        });
    }
}
