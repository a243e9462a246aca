//! What the far end said first, kept for when it turns out to be no TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hermetic_hop::Scheme;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Spoken;

/// As many bytes as tell protocols apart.
const KEPT: usize = 64;

/// A transport that remembers the first bytes read from it.
#[derive(Debug)]
pub(crate) struct Heard<IO> {
    io: IO,
    first: Vec<u8>,
}

impl<IO> Heard<IO> {
    pub(crate) fn new(io: IO) -> Self {
        Self { io, first: Vec::with_capacity(KEPT) }
    }

    /// Whether the far end answered at all.
    pub(crate) fn heard_anything(&self) -> bool {
        !self.first.is_empty()
    }

    /// What the far end speaks, if it answered, and not in TLS: records begin with one of four types and a 3
    /// (RFC 8446 section 5.1).
    pub(crate) fn heard_cleartext(&self, scheme: Scheme) -> Option<Spoken> {
        let is_record = matches!(self.first.as_slice(), [] | [20..=23] | [20..=23, 3, ..]);
        (!is_record).then(|| Spoken::heard(&self.first, scheme))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Heard<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let missing = KEPT - self.first.len().min(KEPT);
        self.first.extend(buf.filled().iter().skip(before).take(missing));
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Heard<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn heard(bytes: &[u8]) -> bool {
        let mut io = Heard::new(bytes);
        io.read_to_end(&mut Vec::new()).await.unwrap();
        io.heard_cleartext(Scheme::Tls).is_some()
    }

    #[tokio::test]
    async fn silence_and_the_start_of_a_record_are_no_cleartext() {
        for bytes in [&b""[..], &[21], &[22, 3, 3, 0, 9], &[21, 3, 1]] {
            assert!(!heard(bytes).await, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn anything_else_is() {
        for bytes in [&b"HTTP/1.1 400 Bad Request\r\n"[..], b"-ERR", b"S", &[22, 4]] {
            assert!(heard(bytes).await, "{bytes:?}");
        }
    }
}
