//! Policy: what the policy documents on a request's way say of it, before anything in it is changed for the way on but
//! what belongs to the connection alone; signatures are of what came, and what is judged is what goes on.

use std::sync::Arc;

use bytes::Bytes;
use hermetic_permit::{Answer, Enforcement, Head, Passed, Refused};
use http::uri::Authority;
use http::{HeaderName, HeaderValue, Response, StatusCode, header, request};
use hyper::body::{Body, Incoming};

use crate::answer;
use crate::body::{Allowance, Fault, ResponseBody};
use crate::connection::Connection;
use crate::inbound::{Inbound, Trailers, Unread};
use crate::record::{PolicyDecision, PolicyFacts};
use crate::request::Recording;
use crate::way;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Judges a request by the documents on its way. Gives its body, which may be read by then, or the refusal.
pub(crate) async fn judge(
    connection: &Connection,
    enforcement: &Enforcement,
    (head, authority, host): (&mut request::Parts, &Authority, &str),
    body: Incoming,
    recording: &mut Recording,
) -> Result<Inbound, Response<ResponseBody>> {
    let needed = asked(head, authority, host).needs_body(enforcement.service());
    let body = match needed {
        false => Inbound::Coming(body, Trailers::Dropped),
        true => {
            let most = enforcement.service().longest_body();
            let bytes = read(connection, head, (body, most), recording).await?;
            // It was told to come.
            head.headers.remove(header::EXPECT);
            Inbound::Read(Some(bytes).filter(|bytes| !bytes.is_empty()))
        }
    };
    let bytes = match &body {
        Inbound::Read(bytes) => Some(bytes.as_deref().unwrap_or_default()),
        Inbound::Coming(..) => None,
    };
    let asked = asked(head, authority, host);
    match judged(connection, enforcement, &asked, bytes) {
        Ok(passed) => {
            recording.policy(PolicyFacts::of_passed(enforcement.service(), &passed));
            Ok(body)
        }
        Err(refused) => {
            let response = refuse(connection, enforcement, &asked, &refused, recording);
            if !head.headers.contains_key(header::EXPECT) {
                body.hear_out();
            }
            Err(response)
        }
    }
}

fn asked<'a>(head: &'a request::Parts, authority: &'a Authority, host: &'a str) -> Head<'a> {
    let request::Parts { method, uri, headers, .. } = head;
    Head { method, target: uri, headers, authority: authority.as_str(), host }
}

fn judged(
    connection: &Connection,
    enforcement: &Enforcement,
    head: &Head<'_>,
    body: Option<&[u8]>,
) -> Result<Passed, Refused> {
    let way = way::of(connection, head.headers)?;
    let client = connection.client.caller.as_ref();
    enforcement.judge(head, body, &way, client, connection.worker.clock.now())
}

/// Reads a body that says what is asked for, of no more than so many bytes.
async fn read(
    connection: &Connection,
    head: &request::Parts,
    (body, most): (Incoming, usize),
    recording: &Recording,
) -> Result<Bytes, Response<ResponseBody>> {
    let passed = recording.received();
    let allowance = Allowance::within(&connection.listener.limits, &body.size_hint(), &head.headers);
    match Inbound::read(body, most, passed.clone(), allowance).await {
        Ok(bytes) => Ok(bytes),
        Err(Unread::TooLong) => {
            Err(answer::last(StatusCode::PAYLOAD_TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE.to_string()))
        }
        Err(Unread::Broken) => Err(match passed.fault.get() {
            Some(Fault::Limit(limit)) => answer::refused(limit.into()),
            Some(Fault::Broken) | None => {
                answer::last(StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST.to_string())
            }
        }),
    }
}

/// The refusal, in the service's words, and on record with what decided.
fn refuse(
    connection: &Connection,
    enforcement: &Enforcement,
    head: &Head<'_>,
    refused: &Refused,
    recording: &mut Recording,
) -> Response<ResponseBody> {
    let id = format!("{:016X}", connection.worker.clock.now().as_nanosecond());
    let hop = &connection.client.hop;
    tracing::debug!(%hop, client = %connection.client.ends.client, %refused, id, "a request was refused");
    let answer = Answer::to(head, enforcement.service(), refused, &id);
    let mut response = Response::new(ResponseBody::full(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(answer.code));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let decision = match refused {
        Refused::Denied(_) => PolicyDecision::Denied,
        _ => PolicyDecision::Refused,
    };
    recording.policy(PolicyFacts::of_refused(enforcement.service(), decision, refused, id));
    response
}

/// The principal that a client's certificate stands for.
pub(crate) fn caller(
    callers: Option<&Arc<hermetic_permit::Callers>>,
    certificate: Option<&hermetic_tls::Certificate>,
) -> Option<Arc<hermetic_permit::Who>> {
    let identities = certificate?.identities.iter().map(ToString::to_string);
    callers?.identified(identities).cloned()
}
