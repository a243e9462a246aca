//! Guard: refuses what would weaken a hop, or mends it. The rules are in [`hermetic_guard`]; this hands
//! them what they judge.

use hermetic_config::Endpoint;
use hermetic_guard::{Fired, Request as Judged, Response as JudgedResponse, Settings};
use hermetic_hop::Transport;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, request};

use crate::connection::Connection;
use crate::snapshot::HopSnapshot;

pub(crate) use hermetic_guard::Denial;
pub(crate) use hermetic_guard::rules::host::{authority, bare};

/// What a request asked for.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// The host, and the port where one was written.
    pub authority: Authority,
    /// The host alone: without port and brackets, in lower case.
    pub host: String,
    /// The port under which the first client reached the house, as far as is known.
    pub port: u16,
    /// The hop that it goes on over.
    pub hop: Option<&'a HopSnapshot>,
}

/// Judges a request by all rules. Who may come in is first: others learn nothing about what is behind.
pub(crate) fn judge(
    connection: &Connection,
    settings: &Settings,
    head: &request::Parts,
    host: &str,
    fired: &mut Fired,
) -> Result<(), Denial> {
    if !connection.client.admitted {
        let reason = "this client's identity is not admitted here";
        return Err(Denial { status: StatusCode::FORBIDDEN, reason });
    }
    // Cleartext was made for no name, and asks nobody for a certificate.
    let termination = connection.https().map(|https| &https.termination);
    let request = Judged {
        method: &head.method,
        target: &head.uri,
        version: head.version,
        headers: &head.headers,
        host,
        encrypted: is_encrypted(connection),
        trusted: connection.client.authenticated,
        server_name: connection.hello.server_name.as_deref(),
        asks_clients: termination.is_some_and(|termination| termination.asks_clients),
        covers: &|host| termination.is_none_or(|termination| termination.handshake.covers_host(host)),
    };
    settings.judge_request(&request, || connection.worker.clock.now(), fired)
}

/// Judges the response to a request, and mends it. `asked`: `None` where the request named no host.
pub(crate) fn judge_response(
    connection: &Connection,
    settings: &Settings,
    headers: &mut HeaderMap,
    asked: Option<&Asked<'_>>,
    fired: &mut Fired,
) {
    let is_endpoint = |port: u16| {
        let of_port =
            |endpoint: &Endpoint| matches!(endpoint, Endpoint::Tcp { port: own, .. } if *own == port);
        let hop = asked.and_then(|asked| asked.hop);
        hop.is_some_and(|hop| hop.endpoints.iter().any(of_port))
    };
    let mut response = JudgedResponse {
        headers,
        host: asked.map_or("", |asked| &asked.host),
        asked_port: asked.and_then(|asked| asked.authority.port_u16()),
        port: asked.map_or(connection.listener.public_port, |asked| asked.port),
        is_endpoint: &is_endpoint,
        encrypted: is_encrypted(connection),
    };
    settings.judge_response(&mut response, || connection.worker.clock.now(), fired);
}

fn is_encrypted(connection: &Connection) -> bool {
    matches!(connection.sighted.sighting.evidence.transport, Transport::Tls(_))
}

/// The target as origin servers want it: path and query alone.
pub(crate) fn origin_form(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}
