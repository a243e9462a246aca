//! Reaches an endpoint: socket and handshake, or by an exception cleartext.

use hermetic_config::Endpoint;
use hermetic_hop::{Evidence, EvidenceKind, Exception, Transport, View};
use hermetic_tls::{ClientHandshake, SecurityPolicy, TlsStream};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::Instant;

use super::error::UpstreamError;
use super::place::{Target, Wanted};
use super::speech::Speech;
use crate::handshake;
use crate::leg::Leg;
use crate::postgres;
use crate::record::AccessRecord;
use crate::sightings::Sighted;
use crate::snapshot::{HopSnapshot, TlsSnapshot, TransportSnapshot};
use crate::wire::Wire;
use crate::worker::Worker;

/// A leg to an upstream, and what its handshake showed.
#[derive(Debug)]
pub(crate) struct Reached {
    pub leg: Leg<Wire>,
    pub sighted: Sighted,
}

/// Socket and handshake; that they came to stand is on record.
pub(super) async fn reach(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
    speech: &Speech,
    wanted: Wanted,
) -> Result<Reached, UpstreamError> {
    match &hop.transport {
        TransportSnapshot::Tls(tls) => secured(worker, hop, target, tls, wanted).await,
        TransportSnapshot::Preferred { tls, local } => {
            preferred(worker, hop, target, (tls, *local), speech, wanted).await
        }
        // No route that ends TLS, or has none, leads over such a hop; the configuration sees to that.
        TransportSnapshot::Passthrough => Err(UpstreamError::Request),
        TransportSnapshot::Cleartext { local, .. } => {
            let exception = match hop.demand.exception() {
                None => None,
                Some(_) => Some(hop.demand.cleartext(worker.clock.now()).map_err(UpstreamError::Cleartext)?),
            };
            plain(worker, hop, target, *local, exception, None).await
        }
    }
}

async fn secured(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
    tls: &TlsSnapshot,
    wanted: Wanted,
) -> Result<Reached, UpstreamError> {
    let wire = connected(target).await?;
    let at = worker.clock.now();
    let handshake = match wanted {
        Wanted::Any => &tls.any,
        Wanted::Http1 => &tls.http1,
        Wanted::Bytes => &tls.bytes,
    };
    let mut stream = shake_hands(hop, target, handshake, wire).await?;
    let evidence = handshake::seen_by_client(stream.negotiated(), at);
    worker.ledger().connected(&hop.name, &evidence);
    let key_updates = worker.ledger().key_updates(&hop.name, View::Client);
    stream.update_keys_after(hop.key_update_after, key_updates);
    let sighted = Sighted::new(&hop.name, hop.demand.mode(), tls.policy, evidence);
    Ok(Reached { leg: Leg::Tls(Box::new(stream)), sighted })
}

/// The handshake, and before it what the protocol asks for TLS with.
pub(super) async fn shake_hands(
    hop: &HopSnapshot,
    target: &Target,
    handshake: &ClientHandshake,
    mut wire: Wire,
) -> Result<TlsStream<Wire>, UpstreamError> {
    let failed = |source| UpstreamError::Handshake { endpoint: target.endpoint.to_string(), source };
    let Some(negotiation) = hop.sslnegotiation else {
        return handshake.connect(wire).await.map_err(failed);
    };
    let disagreed = |source| UpstreamError::Negotiation { endpoint: target.endpoint.to_string(), source };
    postgres::ask(&mut wire, negotiation).await.map_err(disagreed)?;
    let stream = handshake.connect(wire).await.map_err(failed)?;
    postgres::counts(stream.negotiated(), negotiation).map_err(disagreed)?;
    Ok(stream)
}

/// TLS, and cleartext only where the far end shows that it does not speak TLS at all. One whose
/// handshake fails otherwise speaks it, and is refused: its certificate is broken, or it is an attacker.
/// So is one that spoke TLS within a day and closes without a word: it restarts, or somebody cut the way.
async fn preferred(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
    (tls, local): (&TlsSnapshot, bool),
    speech: &Speech,
    wanted: Wanted,
) -> Result<Reached, UpstreamError> {
    let Ok(exception) = hop.demand.cleartext(worker.clock.now()) else {
        return secured(worker, hop, target, tls, wanted).await;
    };
    if !speech.may_be_tls() {
        return plain(worker, hop, target, local, Some(exception), None).await;
    }
    let error = match secured(worker, hop, target, tls, wanted).await {
        Ok(reached) => {
            worker.spoken.tls(&hop.name, &target.endpoint, Instant::now());
            return Ok(reached);
        }
        Err(error) if error.shows_no_tls() => error,
        Err(error) => return Err(error),
    };
    if !error.is_mere_close() {
        worker.spoken.cleartext(&hop.name, &target.endpoint);
    } else if worker.spoken.spoke_tls(&hop.name, &target.endpoint, Instant::now()) {
        return Err(error);
    }
    speech.is_no_tls();
    let reason = error.reason(&hop.name.to, worker.clock.now());
    tracing::warn!(hop = %hop.name, %reason, %exception, "cleartext goes to an upstream in `prefer`");
    worker.ledger().failed(&hop.name, View::Client, &reason);
    plain(worker, hop, target, local, Some(exception), Some(&reason)).await
}

/// Cleartext. `error` is what stood against TLS, where that was tried just before.
async fn plain(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
    local: bool,
    exception: Option<&Exception>,
    error: Option<&str>,
) -> Result<Reached, UpstreamError> {
    let wire = connected(target).await?;
    let (kind, view, at) = (EvidenceKind::Negotiated, View::Client, worker.clock.now());
    let evidence = Evidence { kind, view, at, transport: Transport::Cleartext { local } };
    worker.ledger().connected(&hop.name, &evidence);
    if let Some(exception) = exception {
        let peer = || target.endpoint.to_string();
        worker.log(|| AccessRecord::Cleartext { at, hop: &hop.name, peer: peer(), exception, error });
    }
    let sighted = Sighted::new(&hop.name, hop.demand.mode(), SecurityPolicy::default_policy(), evidence);
    Ok(Reached { leg: Leg::Cleartext(wire), sighted })
}

/// A socket, with the client told of before anything else.
pub(super) async fn connected(target: &Target) -> Result<Wire, UpstreamError> {
    let failed = |source| UpstreamError::Connect { endpoint: target.endpoint.to_string(), source };
    dial(target).await.map_err(failed)
}

async fn dial(target: &Target) -> std::io::Result<Wire> {
    let mut wire = match &target.endpoint {
        Endpoint::Unix(path) => Wire::Unix(UnixStream::connect(path).await?),
        Endpoint::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Wire::Tcp(stream)
        }
    };
    wire.write_all(&target.header).await?;
    Ok(wire)
}
