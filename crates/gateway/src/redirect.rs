//! Redirect: the cleartext port that serves nothing but the way to the encrypted one. A request
//! that carries a secret has given it away already; it is refused aloud and put on record, never
//! redirected in silence.

use std::convert::Infallible;
use std::net::SocketAddr;

use hermetic_hop::{HopName, PartyName};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use crate::answer;
use crate::body::ResponseBody;
use crate::framing::StrictFraming;
use crate::guard;
use crate::record::AccessRecord;
use crate::snapshot::ListenerSnapshot;
use crate::worker::Worker;

/// Headers that carry secrets.
const SECRETS: [HeaderName; 3] = [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE];

/// Serves redirects on one connection.
pub(crate) async fn serve(
    worker: &Worker,
    listener: &ListenerSnapshot,
    port: u16,
    stream: TcpStream,
    client: SocketAddr,
) {
    let service = service_fn(|request: Request<Incoming>| async move {
        record_exposure(worker, listener, &request, client);
        Ok::<_, Infallible>(redirect(&request, port))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(listener.idle_timeout);
    let stream = StrictFraming::new(stream);
    let service = stream.handle().watch(service);
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
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// GET and HEAD go to the same host, path and query under https. Other methods carry content, and
/// `Authorization` a secret: a client that follows the redirect would never learn that it leaked.
fn redirect(request: &Request<Incoming>, port: u16) -> Response<ResponseBody> {
    let refused = "403 Forbidden: this port is cleartext; send the request to https:// from the start, \
                   and replace any secret that it carried";
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !safe || request.headers().contains_key(header::AUTHORIZATION) {
        return answer::last(StatusCode::FORBIDDEN, refused);
    }
    let host = match guard::authority(request.uri(), request.headers()) {
        Ok(authority) => guard::bare_host(&authority),
        Err(denial) => return answer::last(denial.status, denial.reason),
    };
    let location = location(&host, port, guard::origin_form(request.uri()));
    let mut response =
        answer::plain(StatusCode::MOVED_PERMANENTLY, format!("301 Moved Permanently: {location}"));
    match location.parse() {
        Ok(location) => response.headers_mut().insert(header::LOCATION, location),
        Err(_) => return answer::last(StatusCode::BAD_REQUEST, "the request's host is malformed"),
    };
    response
}

fn location(host: &str, port: u16, target: &str) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    match port {
        443 => format!("https://{host}{target}"),
        port => format!("https://{host}:{port}{target}"),
    }
}

fn record_exposure(
    worker: &Worker,
    listener: &ListenerSnapshot,
    request: &Request<Incoming>,
    client: SocketAddr,
) {
    let Some(secret) = exposed(request.headers(), request.method()) else { return };
    let hop = HopName::new(PartyName::client(), listener.name.clone());
    worker.ledger().credential_exposed(&hop);
    tracing::warn!(listener = %listener.name, %client, secret, "a secret came in cleartext");
    worker.log(|| AccessRecord::CredentialExposed {
        at: worker.clock.now(),
        listener: &listener.name,
        client,
        method: request.method().as_str(),
        path: request.uri().path(),
        secret,
    });
}

/// What went in clear: the header that carries it, or the content of a request that has some.
fn exposed<'a>(headers: &HeaderMap, method: &Method) -> Option<&'a str> {
    match SECRETS.iter().find(|name| headers.contains_key(*name)) {
        Some(name) if *name == header::COOKIE => Some("cookie"),
        Some(_) => Some("authorization"),
        None if !matches!(*method, Method::GET | Method::HEAD) => Some("content"),
        None => None,
    }
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
