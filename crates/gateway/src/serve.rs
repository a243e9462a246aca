//! Serves the requests of one connection, HTTP/1.1 or HTTP/2 as the handshake agreed.

use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use hermetic_tls::TlsStream;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use crate::connection::Connection;
use crate::framing::StrictFraming;
use crate::request;

/// Streams that one HTTP/2 client may have open; what Go and nginx allow by default is 250 and 128.
const STREAMS: u32 = 128;

/// HTTP/2 pings a connection that was silent for so long, and gives the answer as much time.
pub(crate) const PING: Duration = Duration::from_secs(20);

/// How long an idle connection may take to be closed in order.
const GOODBYE: Duration = Duration::from_secs(1);

/// The most bytes of a request's header fields, the same as over HTTP/1.1.
const FIELDS: u32 = 64 * 1024;

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

/// Serves requests until the client leaves, the drain is over, or the client's certificate is
/// revoked.
pub(crate) async fn requests(connection: Rc<Connection>, stream: TlsStream<TcpStream>) {
    let observed = connection.clone();
    let ended = observed.ended();
    let mut drain = connection.worker.drain.clone();
    let idle = connection.listener.idle_timeout;
    let http2 = stream.negotiated().alpn.as_deref() == Some("h2");
    let outcome = if http2 {
        let service = service_fn(move |incoming| {
            let connection = connection.clone();
            async move { Ok::<_, Infallible>(request::answer(&connection, None, incoming).await) }
        });
        let mut builder = http2::Builder::new(Local);
        builder.timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
        builder.keep_alive_interval(PING).keep_alive_timeout(PING);
        builder.max_header_list_size(FIELDS).max_send_buf_size(WAITING);
        let serving = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(serving);
        // HTTP/1.1 has its own deadline for the next request's head.
        let over = async {
            tokio::select! {
                _ = drain.started() => Over::of_drain(&observed),
                () = observed.activity.idle(idle) => Over::Idle,
            }
        };
        until_over(serving, over, ended, |serving| serving.graceful_shutdown()).await
    } else {
        let stream = StrictFraming::new(stream);
        let framing = stream.handle();
        let service = stream.handle().watch(service_fn(move |incoming| {
            let (connection, framing) = (connection.clone(), framing.clone());
            async move { Ok::<_, Infallible>(request::answer(&connection, Some(&framing), incoming).await) }
        }));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(idle);
        let serving = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        tokio::pin!(serving);
        let over = async {
            drain.started().await;
            Over::of_drain(&observed)
        };
        until_over(serving, over, ended, |serving| serving.graceful_shutdown()).await
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Why a connection should come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// The gateway stops; what has begun may finish.
    Drained,
    /// Nothing has begun that could finish. A client that never sends its HTTP/2 preface would keep
    /// the connection for ever.
    Idle,
}

impl Over {
    fn of_drain(connection: &Connection) -> Self {
        if connection.activity.is_used() { Self::Drained } else { Self::Idle }
    }
}

/// Serves until it ends by itself or must end at once; `over` lets it finish what it has begun.
async fn until_over<F>(
    mut serving: std::pin::Pin<&mut F>,
    over: impl Future<Output = Over>,
    ended: impl Future<Output = ()>,
    shut_down: impl FnOnce(std::pin::Pin<&mut F>),
) -> hyper::Result<()>
where
    F: Future<Output = hyper::Result<()>>,
{
    tokio::pin!(ended);
    let over = tokio::select! {
        outcome = serving.as_mut() => return outcome,
        () = ended.as_mut() => return Ok(()),
        over = over => over,
    };
    shut_down(serving.as_mut());
    let patience = async {
        match over {
            Over::Drained => std::future::pending().await,
            Over::Idle => tokio::time::sleep(GOODBYE).await,
        }
    };
    tokio::select! {
        outcome = serving => outcome,
        () = ended => Ok(()),
        () = patience => Ok(()),
    }
}
