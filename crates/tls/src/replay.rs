//! A transport whose first bytes were read already, and that remembers how the peer began.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How an HTTP/1 response begins.
const HTTP: &[u8; 5] = b"HTTP/";

/// Yields the bytes that were received before, then what `io` has.
#[derive(Debug)]
pub(crate) struct Replay<IO> {
    received: Bytes,
    io: IO,
    /// The first bytes that came from `io`, to tell a peer that speaks something else by.
    first: [u8; HTTP.len()],
    heard: usize,
}

impl<IO> Replay<IO> {
    pub(crate) fn new(received: &[u8], io: IO) -> Self {
        Self { received: Bytes::copy_from_slice(received), io, first: [0; HTTP.len()], heard: 0 }
    }

    /// Whether the peer began with a cleartext HTTP response.
    pub(crate) fn heard_http(&self) -> bool {
        self.first == *HTTP
    }

    /// Whether the peer said anything.
    pub(crate) fn heard_nothing(&self) -> bool {
        self.heard == 0
    }

    /// Whether the peer began with a TLS record, as a server may: a handshake message or an alert.
    pub(crate) fn heard_tls(&self) -> bool {
        const ALERT: u8 = 21;
        const HANDSHAKE: u8 = 22;
        self.heard > 0 && matches!(self.first[0], ALERT | HANDSHAKE)
    }

    fn hear(&mut self, bytes: &[u8]) {
        for (place, byte) in self.first.iter_mut().skip(self.heard).zip(bytes) {
            *place = *byte;
        }
        self.heard = self.heard.saturating_add(bytes.len()).min(HTTP.len());
    }

    pub(crate) fn io(&self) -> &IO {
        &self.io
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Replay<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.received.is_empty() {
            let before = buf.filled().len();
            let polled = Pin::new(&mut self.io).poll_read(cx, buf);
            if self.heard < HTTP.len() {
                self.hear(buf.filled().get(before..).unwrap_or_default());
            }
            return polled;
        }
        let length = self.received.len().min(buf.remaining());
        buf.put_slice(&self.received.split_to(length));
        if !self.received.has_remaining() {
            // An empty slice of the buffer would keep all of it alive as long as the connection.
            self.received = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Replay<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
