//! A hook that is a URL: called over TLS that is verified, and a hop like any other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hermetic_config::{Presented, Trust, UpstreamTls, WebhookUrl};
use hermetic_gateway::Credentials;
use hermetic_hop::Step;
use hermetic_tls::{ClientHandshake, ClientSettings, Clock, Expected, TrustAnchors};
use http::{Request, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::record::Seen;

/// Who calls.
const AGENT: &str = concat!("hermetic/", env!("CARGO_PKG_VERSION"));

/// How it is connected to, as the credentials are now.
pub(super) fn settings(tls: &UpstreamTls, credentials: &Credentials) -> Result<ClientSettings, String> {
    let trust = match &tls.trust {
        Trust::Authority => credentials.anchors.clone(),
        Trust::System => TrustAnchors::system().map_err(|error| error.to_string())?,
        Trust::File { anchors, .. } => anchors.clone(),
    };
    let identity = match &tls.identity {
        None => None,
        Some(Presented { party, .. }) => {
            let handle = credentials.identities.get(party).cloned();
            Some(handle.ok_or_else(|| format!("there is no certificate for the identity `{party}`"))?)
        }
    };
    Ok(ClientSettings {
        policy: tls.policy,
        trust,
        expected: Expected(tls.name.clone()),
        pins: tls.pins.clone(),
        revoked: credentials.revoked.clone(),
        identity,
        alpn: vec!["http/1.1".to_owned()],
    })
}

/// Posts this to it. Any answer but a success is a failure; nothing is followed elsewhere.
pub(super) async fn call(
    url: &WebhookUrl,
    settings: ClientSettings,
    body: &[u8],
    patience: Duration,
    clock: &Arc<dyn Clock>,
    seen: &Seen,
) -> Result<(), String> {
    let mut step = Step::Connect;
    let called = timeout(patience, exchange(url, settings, body, clock, seen, &mut step)).await;
    let reason = match called {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(Failed::Answer(reason))) => return Err(reason),
        Ok(Err(Failed::Hop(reason))) => reason,
        Err(_) => format!("{url}: no answer within {} s", patience.as_secs()),
    };
    let mut observation = seen.look();
    observation.failed(&reason);
    observation.refused(clock.now(), step, &reason);
    Err(reason)
}

/// Why a call failed.
enum Failed {
    /// Nothing could go over the hop.
    Hop(String),
    /// The far end said no.
    Answer(String),
}

async fn exchange(
    url: &WebhookUrl,
    settings: ClientSettings,
    body: &[u8],
    clock: &Arc<dyn Clock>,
    seen: &Seen,
    step: &mut Step,
) -> Result<(), Failed> {
    let failed = |error: &dyn std::fmt::Display| Failed::Hop(format!("{url}: {error}"));
    let handshake = ClientHandshake::new(settings, clock.clone()).map_err(|error| failed(&error))?;
    let stream = TcpStream::connect((url.host(), url.port())).await.map_err(|error| failed(&error))?;
    *step = Step::Handshake;
    let stream = handshake.connect(stream).await.map_err(|error| failed(&error))?;
    let evidence = hermetic_gateway::seen_by_client(stream.negotiated(), clock.now());
    seen.look().connected(&evidence);
    *step = Step::Connect;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
    let request = Request::post(url.target())
        .header(header::HOST, url.to_string().trim_start_matches("https://"))
        .header(header::USER_AGENT, AGENT)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::copy_from_slice(body)))
        .map_err(|error| failed(&error))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
        Ok(response.status())
    };
    tokio::pin!(connection, answer);
    let status = tokio::select! {
        status = &mut answer => status,
        // The connection may end before its last bytes were read from it.
        _ = &mut connection => answer.await,
    }?;
    seen.look().counts.requests += 1;
    match status.is_success() {
        true => Ok(()),
        false => Err(Failed::Answer(format!("{url}: it answered {status}"))),
    }
}
