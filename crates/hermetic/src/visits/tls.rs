//! Our handshake under PostgreSQL's protocol, after its `SSLRequest`.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use hermetic_tls::{ClientHandshake, HandshakeError, Negotiated, TlsStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::tls::{ChannelBinding, TlsConnect};

/// Completes one handshake, and leaves what it negotiated where the caller finds it.
pub struct Tls {
    handshake: ClientHandshake,
    negotiated: Arc<OnceLock<Negotiated>>,
}

impl Tls {
    /// The handshake that is to be made, and where to leave its outcome.
    pub fn new(handshake: ClientHandshake, negotiated: Arc<OnceLock<Negotiated>>) -> Self {
        Self { handshake, negotiated }
    }
}

impl TlsConnect<TcpStream> for Tls {
    type Stream = Stream;
    type Error = HandshakeError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, HandshakeError>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move {
            let stream = self.handshake.connect(stream).await?;
            self.negotiated.get_or_init(|| stream.negotiated().clone());
            Ok(Stream(stream))
        })
    }
}

/// The connection after the handshake.
pub struct Stream(TlsStream<TcpStream>);

impl tokio_postgres::tls::TlsStream for Stream {
    /// SCRAM without channel binding: the server is verified by its name already.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
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
