//! Serves the requests of one connection, HTTP/1.1 or HTTP/2 as the handshake agreed.

use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use hermetic_config::Limits;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::Connection;
use crate::framing::{self, FIELD_LIMIT, HeadLimits, StrictFraming, Violation};
use crate::limits::{Admission, Limit, Paced, PatientStreams, PatientWrites, Stall};
use crate::request;

/// Streams that one HTTP/2 client may have open; what Go and nginx allow by default is 250 and 128.
const STREAMS: u32 = 128;

/// HTTP/2 pings a connection that was silent for so long, and gives the answer as much time.
pub(crate) const PING: Duration = Duration::from_secs(20);

/// How long an idle connection may take to be closed in order.
const GOODBYE: Duration = Duration::from_secs(1);

/// How long requests in flight may go on past the end of their client's certificate.
const FAREWELL: Duration = Duration::from_secs(30);

/// Streams that a client may reset before they were looked at (rapid reset, CVE-2023-44487), and streams
/// that may be reset for its own mistakes (CVE-2024-2758 and its kin), before its connection ends with
/// ENHANCE_YOUR_CALM.
const UNSEEN_RESETS: usize = 20;
const MISTAKES: usize = 128;

/// The most bytes of responses that wait in memory for one stream's client.
const WAITING: usize = 64 * 1024;

/// Runs futures on the worker's own thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local;

impl<F> hyper::rt::Executor<F> for Local
where
    F: Future + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

/// Serves requests until the client leaves, the drain is over, or the connection must end; `close` closes it
/// to a client that does not read. Once the client's certificate has expired, what is in flight may finish: a
/// client that has renewed it in time comes back with the new one, and loses nothing.
pub(crate) async fn requests<IO>(connection: Rc<Connection>, stream: IO, http2: bool, close: fn(&IO))
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let paced = Paced::body(&connection.listener.limits);
    let stream = PatientWrites::new(stream, paced, close);
    let observed = connection.clone();
    let outcome = if http2 { http_2(connection, stream).await } else { http_1(connection, stream).await };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
        if let Some(stall) = Stall::of(&error) {
            observed.admission.refuse(stall.limit());
        }
    }
}

async fn http_2<IO>(connection: Rc<Connection>, stream: PatientWrites<IO>) -> hyper::Result<()>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let observed = connection.clone();
    let mut drain = connection.worker.drain.clone();
    let idle = connection.listener.idle_timeout;
    let mut builder = http2::Builder::new(PatientStreams(connection.clone()));
    builder.timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
    builder.keep_alive_interval(PING).keep_alive_timeout(PING);
    builder.max_pending_accept_reset_streams(UNSEEN_RESETS).max_local_error_reset_streams(MISTAKES);
    let fields = u32::try_from(connection.listener.limits.header_bytes).unwrap_or(u32::MAX);
    builder.max_header_list_size(fields).max_send_buf_size(WAITING);
    let service = service_fn(move |incoming| {
        let connection = connection.clone();
        async move { Ok::<_, Infallible>(request::answer(&connection, None, incoming).await) }
    });
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    // HTTP/1.1 has its own deadline for the next request's head.
    let over = async {
        tokio::select! {
            _ = drain.started() => Over::of_drain(&observed),
            () = observed.listener.tenure.over() => Over::Replaced,
            () = observed.expired() => Over::Expired,
            () = observed.activity.idle(idle) => Over::Idle,
            () = observed.resets.too_many() => {
                observed.admission.refuse(Limit::Resets);
                Over::Abused
            }
        }
    };
    let ends = Ends { cut: observed.cut(), expired: observed.expired(), quiet: observed.activity.idle(idle) };
    until_over(serving, over, ends, |serving| serving.graceful_shutdown()).await
}

async fn http_1<IO>(connection: Rc<Connection>, stream: PatientWrites<IO>) -> hyper::Result<()>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let observed = connection.clone();
    let mut drain = connection.worker.drain.clone();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(connection.listener.idle_timeout);
    let stream = StrictFraming::within(stream, heads(&connection.listener.limits, &mut builder));
    let framing = stream.handle();
    let seen = framing.clone();
    let service = framing.watch(service_fn(move |incoming| {
        let (connection, framing) = (connection.clone(), seen.clone());
        async move { Ok::<_, Infallible>(request::answer(&connection, Some(&framing), incoming).await) }
    }));
    let serving = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(serving);
    let over = async {
        tokio::select! {
            _ = drain.started() => Over::of_drain(&observed),
            () = observed.expired() => Over::Expired,
        }
    };
    let ends = Ends {
        cut: observed.cut(),
        expired: observed.expired(),
        quiet: observed.activity.idle(observed.listener.idle_timeout),
    };
    let outcome = until_over(serving, over, ends, |serving| serving.graceful_shutdown()).await;
    observed.worker.ledger().guarded(&observed.listener.name, framing.fired());
    note_violation(&framing, &observed.admission);
    outcome
}

/// What the heads of a listener's requests may hold; the HTTP library is told where it would allow less.
pub(crate) fn heads(limits: &Limits, builder: &mut http1::Builder) -> HeadLimits {
    let (bytes, fields) = (limits.header_bytes, limits.header_fields.get());
    // It allocates for each request once it is told, so it is told only what it would not guess.
    if fields > FIELD_LIMIT {
        builder.max_headers(fields);
    }
    HeadLimits { bytes, fields }
}

/// Counts a head that was refused for its size, to which no service was asked for an answer.
pub(crate) fn note_violation(framing: &framing::Handle, admission: &Admission) {
    match framing.violation() {
        Some(Violation::HeadTooLarge) => admission.refuse(Limit::HeaderBytes),
        Some(Violation::TooManyFields) => admission.refuse(Limit::HeaderFields),
        _ => {}
    }
}

/// Why a connection should come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// The gateway stops; what has begun may finish.
    Drained,
    /// Another listener took its place. What the client sent before it heard of that is served, too.
    Replaced,
    /// A certificate of its client's has run out.
    Expired,
    /// Nothing has begun that could finish. A client that never sends its HTTP/2 preface would keep
    /// the connection for ever.
    Idle,
    /// The client does us harm: it is told to go, and no more is done for it.
    Abused,
}

impl Over {
    fn of_drain(connection: &Connection) -> Self {
        if connection.activity.is_used() { Self::Drained } else { Self::Idle }
    }
}

/// What ends a connection that is over, whatever is in flight on it.
struct Ends<Cut, Expired, Quiet> {
    /// It must end at once.
    cut: Cut,
    /// A certificate of its client's has run out.
    expired: Expired,
    /// Nothing was in flight for as long as a connection may idle.
    quiet: Quiet,
}

/// Serves until it ends by itself or must end at once; `over` lets it finish what it has begun.
async fn until_over<F>(
    mut serving: std::pin::Pin<&mut F>,
    over: impl Future<Output = Over>,
    Ends { cut, expired, quiet }: Ends<
        impl Future<Output = ()>,
        impl Future<Output = ()>,
        impl Future<Output = ()>,
    >,
    shut_down: impl FnOnce(std::pin::Pin<&mut F>),
) -> hyper::Result<()>
where
    F: Future<Output = hyper::Result<()>>,
{
    tokio::pin!(cut);
    let over = tokio::select! {
        outcome = serving.as_mut() => return outcome,
        () = cut.as_mut() => return Ok(()),
        over = over => over,
    };
    shut_down(serving.as_mut());
    let patience = async {
        match over {
            Over::Drained => std::future::pending().await,
            // It may last, but its client's certificate goes on to count.
            Over::Replaced => tokio::select! {
                () = quiet => {}
                () = async { expired.await; tokio::time::sleep(FAREWELL).await } => {}
            },
            Over::Expired => tokio::time::sleep(FAREWELL).await,
            Over::Idle => tokio::time::sleep(GOODBYE).await,
            Over::Abused => {}
        }
    };
    tokio::select! {
        // The first, so that the goodbye is on its way before anything else ends it.
        biased;
        outcome = serving => outcome,
        () = cut => Ok(()),
        () = patience => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_outlives_a_reload_ends_after_its_clients_certificate() {
        let serving = pending::<hyper::Result<()>>();
        tokio::pin!(serving);
        let (start, hour) = (Instant::now(), Duration::from_secs(3600));
        let ends = Ends { cut: pending(), expired: tokio::time::sleep(hour), quiet: pending() };
        let served = until_over(serving, ready(Over::Replaced), ends, |_| {});
        assert!(tokio::time::timeout(hour * 24, served).await.is_ok());
        assert_eq!(start.elapsed().as_secs(), (hour + FAREWELL).as_secs());
    }
}
