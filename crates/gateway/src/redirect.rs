//! Redirect: the cleartext port that serves nothing but the way to the encrypted one. A request
//! that carries a secret has given it away already; it is refused aloud and put on record, never
//! redirected in silence.

use std::convert::Infallible;
use std::io::Cursor;

use hermetic_guard::rules::cleartext_redirect;
use hermetic_guard::{Action, Fired, RuleId};
use hermetic_hop::{HopName, PartyName};
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, join};

use crate::answer;
use crate::body::ResponseBody;
use crate::framing::StrictFraming;
use crate::guard;
use crate::limits::Admission;
use crate::prelude::{Arrival, Ends};
use crate::record::{AccessRecord, ToldRecord};
use crate::serve;
use crate::snapshot::ListenerSnapshot;
use crate::worker::Worker;

/// Serves redirects to this port on one connection; without one, nothing but refusals.
pub(crate) async fn serve(
    worker: &Worker,
    listener: &ListenerSnapshot,
    port: Option<u16>,
    arrival: Arrival,
    admission: &Admission,
) {
    let Arrival { stream, ends, received, .. } = arrival;
    let ends = &ends;
    let service = service_fn(|request: Request<Incoming>| async move {
        if let Some(secret) = record_exposure(worker, &listener.name, &request, ends) {
            tracing::warn!(listener = %listener.name, client = %ends.client, secret, "a secret came in cleartext");
        }
        let (mut response, fired) = answer(&request, port, StatusCode::MOVED_PERMANENTLY);
        worker.ledger().guarded(&listener.name, fired);
        listener.tenure.close_after(&mut response);
        Ok::<_, Infallible>(response)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(listener.idle_timeout);
    let (reading, writing) = stream.into_split();
    let stream = join(Cursor::new(received).chain(reading), writing);
    let stream = StrictFraming::within(stream, serve::heads(&listener.limits, &mut builder));
    let framing = stream.handle();
    let service = framing.watch(service);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let mut drain = worker.drain.clone();
    let outcome = tokio::select! {
        outcome = serving.as_mut() => outcome,
        _ = drain.started() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    worker.ledger().guarded(&listener.name, framing.fired());
    serve::note_violation(&framing, admission);
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// GET and HEAD go to the same host, path and query under https. Other methods carry content, and
/// `Authorization` a secret: a client that follows the redirect would never learn that it leaked.
pub(crate) fn answer<B>(
    request: &Request<B>,
    port: Option<u16>,
    status: StatusCode,
) -> (Response<ResponseBody>, Fired) {
    let refused = "403 Forbidden: this port is cleartext; send the request to https:// from the start, \
                   and replace any secret that it carried";
    let refuses = cleartext_redirect::refuses(request.method(), request.headers());
    let Some(port) = port.filter(|_| !refuses) else {
        return denied(RuleId::CleartextRedirect, StatusCode::FORBIDDEN, refused);
    };
    let host = match guard::authority(request.uri(), request.headers()) {
        Ok(authority) => guard::bare(&authority),
        Err(denial) => return denied(RuleId::Host, denial.status, denial.reason),
    };
    let location = location(&host, port, guard::origin_form(request.uri()));
    let mut response = answer::plain(status, format!("{status}: {location}"));
    match location.parse() {
        Ok(location) => response.headers_mut().insert(header::LOCATION, location),
        Err(_) => return denied(RuleId::Host, StatusCode::BAD_REQUEST, "the request's host is malformed"),
    };
    (response, Fired::default())
}

fn denied(rule: RuleId, status: StatusCode, reason: &str) -> (Response<ResponseBody>, Fired) {
    let mut fired = Fired::default();
    fired.note(rule, Action::Deny);
    (answer::last(status, reason), fired)
}

fn location(host: &str, port: u16, target: &str) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    match port {
        443 => format!("https://{host}{target}"),
        port => format!("https://{host}:{port}{target}"),
    }
}

/// Puts a secret that came in cleartext on record; gives what carried it.
pub(crate) fn record_exposure<B>(
    worker: &Worker,
    listener: &PartyName,
    request: &Request<B>,
    ends: &Ends,
) -> Option<&'static str> {
    let secret = cleartext_redirect::exposed(request.method(), request.headers())?;
    let hop = HopName::new(PartyName::client(), listener.clone());
    worker.ledger().credential_exposed(&hop);
    worker.log(|| AccessRecord::CredentialExposed {
        at: worker.clock.now(),
        listener,
        client: ends.client,
        told: ends.told.as_deref().map(ToldRecord::from),
        method: request.method().as_str(),
        path: request.uri().path(),
        secret,
    });
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_left_out_where_it_is_that_of_https() {
        assert_eq!(location("shop.example.com", 443, "/a?b=c"), "https://shop.example.com/a?b=c");
        assert_eq!(location("::1", 8443, "/"), "https://[::1]:8443/");
    }
}
