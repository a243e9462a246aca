//! Opens a connection to one endpoint: socket, handshake, HTTP, each verified before the next.

use std::rc::Rc;
use std::time::Duration;

use hermetic_config::Endpoint;
use hermetic_hop::{Evidence, Mode, Transport, View};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};

use super::error::UpstreamError;
use super::place::{LIFE, Sender, Target, UpstreamConnection, Wanted, life};
use super::reach::{Reached, connected, reach};
use super::speech::{AGAIN, Speech};
use super::streams::Streams;
use crate::leg::Leg;
use crate::serve::{Local, PING};
use crate::sightings::Sighted;
use crate::snapshot::HopSnapshot;
use crate::wire::Wire;
use crate::worker::Worker;

/// The most that is read of an HTTP/1.1 response at once. The library would take 408 KiB, for each client
/// that does not read; with 64 KiB bulk costs a quarter more CPU time.
const READ: usize = 256 * 1024;

/// Opens a connection that speaks HTTP.
pub(super) async fn open(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
    speech: &Speech,
    wanted: Wanted,
) -> Result<(Sender, Rc<UpstreamConnection>), UpstreamError> {
    let http = async {
        let Reached { leg, sighted } = reach(worker, hop, target, speech, wanted).await?;
        let retires = Instant::now() + usable(hop, &sighted.sighting.evidence);
        match leg {
            Leg::Cleartext(wire) => speak(wire, hop.http2 && wanted == Wanted::Any, sighted, retires).await,
            Leg::Tls(stream) => {
                let http2 = stream.negotiated().alpn.as_deref() == Some("h2");
                speak(*stream, http2, sighted, retires).await
            }
        }
    };
    within_deadline(worker, hop, &target.endpoint, http).await
}

/// Opens a connection for bytes of any protocol.
pub(super) async fn open_bytes(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
    speech: &Speech,
) -> Result<Reached, UpstreamError> {
    let reached = reach(worker, hop, target, speech, Wanted::Bytes);
    within_deadline(worker, hop, &target.endpoint, reached).await
}

/// Opens a connection over which the client's own TLS passes.
pub(super) async fn open_wire(
    worker: &Worker,
    hop: &HopSnapshot,
    target: &Target,
) -> Result<Wire, UpstreamError> {
    within_deadline(worker, hop, &target.endpoint, connected(target)).await
}

/// Opens a connection within the hop's deadline; a failure is on record.
async fn within_deadline<T>(
    worker: &Worker,
    hop: &HopSnapshot,
    endpoint: &Endpoint,
    opening: impl Future<Output = Result<T, UpstreamError>>,
) -> Result<T, UpstreamError> {
    let after = hop.connect_timeout;
    let opened = match timeout(after, opening).await {
        Ok(opened) => opened,
        Err(_) => Err(UpstreamError::ConnectTimeout { endpoint: endpoint.to_string(), after }),
    };
    if let Err(error) = &opened {
        let reason = error.reason(&hop.name.to, worker.clock.now());
        worker.ledger().failed(&hop.name, View::Client, &reason);
    }
    opened
}

async fn speak<IO>(
    io: IO,
    http2: bool,
    sighted: Sighted,
    retires: Instant,
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
            http1::Builder::new().max_buf_size(READ).handshake(io).await.map_err(UpstreamError::Exchange)?;
        (Sender::Http1(sender), tokio::task::spawn_local(drive(connection.with_upgrades())))
    };
    let connection = UpstreamConnection { sighted, retires, task: task.abort_handle(), streams };
    Ok((sender, Rc::new(connection)))
}

/// For how long requests may begin on a connection: in TLS well short of the end of both certificates;
/// in cleartext no longer than its exception counts, and where TLS is preferred until that is tried again.
fn usable(hop: &HopSnapshot, evidence: &Evidence) -> Duration {
    let until = |end: Timestamp| Duration::try_from(end.duration_since(evidence.at)).unwrap_or_default();
    let Transport::Tls(facts) = &evidence.transport else {
        let longest = if hop.demand.mode() == Mode::Prefer { AGAIN } else { LIFE };
        return hop.demand.exception().map_or(longest, |exception| longest.min(until(exception.end())));
    };
    let ends = [&facts.server, &facts.client].into_iter().flatten().map(|peer| peer.not_after);
    ends.min().map_or(LIFE, |end| life(until(end)))
}

async fn drive(connection: impl Future<Output = hyper::Result<()>>) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "an upstream connection ended early");
    }
}
