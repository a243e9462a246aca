//! A TLS connection after its handshake.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::failure;
use crate::handshake::Negotiated;
use crate::replay::Replay;
use crate::wear::{KeyUpdates, Wear};

/// A TLS connection over `IO`, either end.
///
/// An error of TLS itself (an alert of the peer, a broken record) is an [`io::Error`] whose inner
/// error is a [`crate::HandshakeError`]. A TLS 1.3 client learns of a server's refusal of its
/// certificate this way, at its first read: its own handshake is over by then.
#[derive(Debug)]
pub struct TlsStream<IO> {
    inner: tokio_rustls::TlsStream<Replay<IO>>,
    negotiated: Negotiated,
    wear: Wear,
    /// Whether a key update waits to be sent, though nobody may write.
    owed: bool,
}

impl<IO> TlsStream<IO> {
    pub(crate) fn new(inner: tokio_rustls::TlsStream<Replay<IO>>, negotiated: Negotiated) -> Self {
        let wear = Wear::new(negotiated.version);
        Self { inner, negotiated, wear, owed: false }
    }

    /// Has the keys changed after so many bytes in either direction, where the version can
    /// ([`crate::KEY_UPDATE_AFTER`] without this), and counted there.
    pub fn update_keys_after(&mut self, bytes: u64, counted: KeyUpdates) {
        self.wear.limit(bytes, counted);
    }

    /// What the handshake agreed.
    pub fn negotiated(&self) -> &Negotiated {
        &self.negotiated
    }

    /// The transport beneath.
    pub fn get_ref(&self) -> &IO {
        self.inner.get_ref().0.io()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> TlsStream<IO> {
    /// Begins a key update; the message waits to be sent with what is written next.
    fn update_keys(&mut self) {
        let asked = match &mut self.inner {
            tokio_rustls::TlsStream::Client(stream) => stream.get_mut().1.refresh_traffic_keys(),
            tokio_rustls::TlsStream::Server(stream) => stream.get_mut().1.refresh_traffic_keys(),
        };
        self.wear.renewed(asked.is_ok());
    }

    /// Sends a key update that was begun by what was read. A connection that only receives would never.
    fn pay(&mut self, cx: &mut Context<'_>) {
        // An error comes up again where somebody waits for it.
        self.owed = Pin::new(&mut self.inner).poll_flush(cx).is_pending();
    }

    fn wrote(&mut self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = outcome
            && self.wear.sent(bytes)
        {
            self.update_keys();
        }
        outcome.map_err(failure::of_stream)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.owed {
            self.pay(cx);
        }
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buf);
        if outcome.is_ready() && self.wear.received(buf.filled().len().saturating_sub(before)) {
            // Whoever waits to write sends it along. To flush for them would take the place of their waker.
            let writes = self.inner.get_ref().1.wants_write();
            self.update_keys();
            if !writes {
                self.pay(cx);
            }
        }
        outcome.map_err(failure::of_stream)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.wrote(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.wrote(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx).map_err(failure::of_stream)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wear.close();
        Pin::new(&mut self.inner).poll_shutdown(cx).map_err(failure::of_stream)
    }
}

#[cfg(test)]
mod tests;
