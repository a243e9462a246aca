//! Opens a connection to one endpoint: socket, handshake, HTTP, each verified before the next.

use std::rc::Rc;
use std::time::Duration;

use hermetic_config::Endpoint;
use hermetic_hop::{Evidence, EvidenceKind, Transport, View};
use hermetic_tls::SecurityPolicy;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, timeout};

use super::error::UpstreamError;
use super::place::{Sender, UpstreamConnection, Wanted, life};
use super::streams::Streams;
use crate::handshake;
use crate::serve::{Local, PING};
use crate::sightings::Sighted;
use crate::snapshot::{HopSnapshot, TransportSnapshot};
use crate::wire::Wire;
use crate::worker::Worker;

/// Opens a connection within the hop's deadline; the outcome is on record either way.
pub(super) async fn open(
    worker: &Worker,
    hop: &HopSnapshot,
    endpoint: &Endpoint,
    wanted: Wanted,
) -> Result<(Sender, Rc<UpstreamConnection>), UpstreamError> {
    let place = endpoint.to_string();
    let after = hop.connect_timeout;
    let opened = match timeout(after, secured(worker, hop, endpoint, wanted)).await {
        Ok(opened) => opened,
        Err(_) => Err(UpstreamError::ConnectTimeout { endpoint: place, after }),
    };
    if let Err(error) = &opened {
        let reason = error.reason(&hop.name.to, worker.clock.now());
        worker.ledger().failed(&hop.name, View::Client, &reason);
    }
    opened
}

async fn secured(
    worker: &Worker,
    hop: &HopSnapshot,
    endpoint: &Endpoint,
    wanted: Wanted,
) -> Result<(Sender, Rc<UpstreamConnection>), UpstreamError> {
    let place = endpoint.to_string();
    let wire =
        dial(endpoint).await.map_err(|source| UpstreamError::Connect { endpoint: place.clone(), source })?;
    let at = worker.clock.now();
    match &hop.transport {
        TransportSnapshot::Cleartext { local } => {
            let transport = Transport::Cleartext { local: *local };
            let evidence = Evidence { kind: EvidenceKind::Negotiated, view: View::Client, at, transport };
            worker.ledger().connected(&hop.name, &evidence);
            let sighted = Sighted::new(&hop.name, hop.mode, SecurityPolicy::default_policy(), evidence);
            let http2 = hop.http2 && wanted == Wanted::Any;
            speak(wire, http2, sighted).await
        }
        TransportSnapshot::Tls { policy, any, http1, .. } => {
            let handshake = if wanted == Wanted::Http1 { http1 } else { any };
            let failed = |source| UpstreamError::Handshake { endpoint: place.clone(), source };
            let stream = handshake.connect(wire).await.map_err(failed)?;
            let evidence = handshake::seen_by_client(stream.negotiated(), at);
            worker.ledger().connected(&hop.name, &evidence);
            let http2 = stream.negotiated().alpn.as_deref() == Some("h2");
            speak(stream, http2, Sighted::new(&hop.name, hop.mode, policy, evidence)).await
        }
    }
}

async fn dial(endpoint: &Endpoint) -> std::io::Result<Wire> {
    match endpoint {
        Endpoint::Unix(path) => UnixStream::connect(path).await.map(Wire::Unix),
        Endpoint::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Ok(Wire::Tcp(stream))
        }
    }
}

async fn speak<IO>(
    io: IO,
    http2: bool,
    sighted: Sighted,
) -> Result<(Sender, Rc<UpstreamConnection>), UpstreamError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let io = TokioIo::new(io);
    let streams = Streams::new();
    let (sender, task) = if http2 {
        let mut builder = http2::Builder::new(Local);
        // A host that vanished says nothing; without pings its connection would look alive for
        // as long as TCP keeps trying.
        builder.timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
        builder.keep_alive_while_idle(true);
        let (sender, connection) = builder.handshake(io).await.map_err(UpstreamError::Exchange)?;
        let mut connection = Box::pin(connection);
        let told = streams.clone();
        let driven = std::future::poll_fn(move |cx| {
            let polled = connection.as_mut().poll(cx);
            told.limit(connection.current_max_send_streams());
            polled
        });
        (Sender::Http2(sender), tokio::task::spawn_local(drive(driven)))
    } else {
        let (sender, connection) =
            http1::Builder::new().handshake(io).await.map_err(UpstreamError::Exchange)?;
        (Sender::Http1(sender), tokio::task::spawn_local(drive(connection.with_upgrades())))
    };
    let retires = Instant::now() + life(validity(&sighted.sighting.evidence));
    let connection = UpstreamConnection { sighted, retires, task: task.abort_handle(), streams };
    Ok((sender, Rc::new(connection)))
}

/// For how long both certificates of a connection are still valid; `None` for cleartext.
fn validity(evidence: &Evidence) -> Option<Duration> {
    let Transport::Tls(facts) = &evidence.transport else { return None };
    let ends = [&facts.server, &facts.client].into_iter().flatten().map(|peer| peer.not_after);
    ends.min().map(|end| Duration::try_from(end.duration_since(evidence.at)).unwrap_or_default())
}

async fn drive(connection: impl Future<Output = hyper::Result<()>>) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "an upstream connection ended early");
    }
}
