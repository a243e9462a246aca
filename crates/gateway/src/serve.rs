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
const PING: Duration = Duration::from_secs(20);

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
        let serving = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(serving);
        // HTTP/1.1 has its own deadline for the next request's head.
        let over = async {
            tokio::select! {
                _ = drain.started() => {}
                () = observed.activity.idle(idle) => {}
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
        };
        until_over(serving, over, ended, |serving| serving.graceful_shutdown()).await
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Serves until it ends by itself or must end at once; `over` lets it finish what it has begun.
async fn until_over<F>(
    mut serving: std::pin::Pin<&mut F>,
    over: impl Future<Output = ()>,
    ended: impl Future<Output = ()>,
    shut_down: impl FnOnce(std::pin::Pin<&mut F>),
) -> hyper::Result<()>
where
    F: Future<Output = hyper::Result<()>>,
{
    tokio::pin!(ended);
    tokio::select! {
        outcome = serving.as_mut() => return outcome,
        () = ended.as_mut() => return Ok(()),
        () = over => shut_down(serving.as_mut()),
    }
    tokio::select! {
        outcome = serving => outcome,
        () = ended => Ok(()),
    }
}
