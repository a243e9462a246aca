//! A stand-in for a part's gateway: answers on its port as a server does that nobody has looked
//! after, for people to see what a verifying client makes of it.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use hermetic_tls::HelloReader;
use hermetic_tls::hello::Progress;
use http::Response;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// What a server of TLS 1.1 and older says to a hello that offers only newer versions: the fatal
/// alert `protocol_version`, in a record of its own version.
const TOO_NEW: [u8; 7] = [21, 3, 2, 0, 2, 2, 70];

/// How long a peer may take for its hello or request, and to read the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a stand-in speaks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Language {
    /// TLS of versions that our clients do not speak any more: every hello of theirs is refused.
    OldTls,
    /// HTTP/1.1 in cleartext.
    Cleartext,
}

/// A running stand-in.
#[derive(Debug)]
pub(super) struct StandIn(JoinHandle<()>);

impl StandIn {
    /// Listens on `address` until stopped.
    pub async fn start(address: SocketAddr, language: Language) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self(tokio::spawn(accept(listener, language))))
    }

    /// Closes the port and all connections.
    pub async fn stop(self) {
        self.0.abort();
        // Aborted, it ends with an error that says so.
        let _ = self.0.await;
    }
}

async fn accept(listener: TcpListener, language: Language) {
    // Dropped with this task, and its connections with it.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, language));
            }
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, language: Language) {
    let served = match language {
        Language::OldTls => old_tls(stream).await,
        Language::Cleartext => cleartext(stream).await,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn old_tls(mut stream: TcpStream) -> io::Result<()> {
    let exchange = async {
        let mut reader = HelloReader::new();
        let mut buffer = [0; 4096];
        loop {
            let read = stream.read(&mut buffer).await?;
            let bytes = buffer.get(..read).unwrap_or_default();
            match reader.push(bytes) {
                Ok(Progress::Complete(_)) => break,
                Ok(_) if read > 0 => {}
                // Closed before its hello was whole, or no hello at all.
                Ok(_) | Err(_) => return Ok(()),
            }
        }
        stream.write_all(&TOO_NEW).await?;
        stream.shutdown().await?;
        // A reset, which unread bytes would cause, could overtake the alert.
        while stream.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    timeout(PATIENCE, exchange).await.unwrap_or(Ok(()))
}

async fn cleartext(stream: TcpStream) -> io::Result<()> {
    let service = service_fn(|_| async {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"This answer came in cleartext.\n"))))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    builder.serve_connection(TokioIo::new(stream), service).await.map_err(io::Error::other)
}
