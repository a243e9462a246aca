//! Our TLS under the client of PostgreSQL.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use hermetic_tls::{ClientHandshake, HandshakeError, Negotiated, TlsStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::tls::{ChannelBinding, TlsConnect};

/// TLS for a `tokio_postgres` client: one handshake by these settings, and never a connection without.
#[derive(Debug)]
pub struct Sealed {
    handshake: ClientHandshake,
    negotiated: Arc<OnceLock<Negotiated>>,
}

/// A connection with our TLS.
#[derive(Debug)]
pub struct Secured(TlsStream<TcpStream>);

impl Sealed {
    /// The handshake that is to be made. What it negotiates is left in `negotiated`.
    pub fn new(handshake: ClientHandshake, negotiated: Arc<OnceLock<Negotiated>>) -> Self {
        Self { handshake, negotiated }
    }
}

impl TlsConnect<TcpStream> for Sealed {
    type Stream = Secured;
    type Error = HandshakeError;
    type Future = Pin<Box<dyn Future<Output = Result<Secured, HandshakeError>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move {
            let stream = self.handshake.connect(stream).await?;
            self.negotiated.get_or_init(|| stream.negotiated().clone());
            Ok(Secured(stream))
        })
    }
}

impl tokio_postgres::tls::TlsStream for Secured {
    /// None: the certificate is verified, which is what binding the password to it would add.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
