//! Moves bytes both ways between two legs, and counts them as they pass.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes};

/// Bytes that are read at once: a TLS record's worth.
const BUFFER: usize = 16 * 1024;

/// How many bytes went over a leg, in the end or until it broke.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// From its far end.
    pub received: Cell<u64>,
    /// To its far end.
    pub sent: Cell<u64>,
    /// Whether its far end has nothing more to say.
    pub ended: Cell<bool>,
}

/// A leg whose bytes are counted. What was received of it before is read first.
#[derive(Debug)]
pub(super) struct Counted<'a, IO> {
    io: IO,
    received: &'a [u8],
    tally: &'a Tally,
}

/// Moves bytes until both ends are done. The end of one direction is passed on at once, while the
/// other goes on.
pub(super) async fn both_ways(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut upstream: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    copy_bidirectional_with_sizes(&mut client, &mut upstream, BUFFER, BUFFER).await.map(drop)
}

impl<'a, IO> Counted<'a, IO> {
    /// A leg of which these bytes were received already.
    pub fn new(io: IO, received: &'a [u8], tally: &'a Tally) -> Self {
        Self { io, received, tally }
    }
}

fn add(count: &Cell<u64>, bytes: usize) {
    count.set(count.get().saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX)));
}

impl<IO: AsyncRead + Unpin> AsyncRead for Counted<'_, IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if self.received.is_empty() {
            ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        } else {
            let (first, rest) = self.received.split_at(self.received.len().min(buf.remaining()));
            buf.put_slice(first);
            self.received = rest;
        }
        let read = buf.filled().len().saturating_sub(before);
        add(&self.tally.received, read);
        self.tally.ended.set(read == 0 && buf.remaining() > 0);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Counted<'_, IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, buf))?;
        add(&self.tally.sent, written);
        Poll::Ready(Ok(written))
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_was_received_before_comes_first_and_all_is_counted() {
        let ((client, mut far_client), (upstream, mut far_upstream)) = (duplex(64), duplex(64));
        let (here, there) = (Tally::default(), Tally::default());
        let relayed = both_ways(Counted::new(client, b"early ", &here), Counted::new(upstream, b"", &there));
        let ends = async {
            far_client.write_all(b"late").await.unwrap();
            far_client.shutdown().await.unwrap();
            let mut all = String::new();
            far_upstream.read_to_string(&mut all).await.unwrap();
            assert_eq!(all, "early late");
            far_upstream.write_all(b"answer").await.unwrap();
            drop(far_upstream);
            let mut answer = String::new();
            far_client.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, "answer");
        };
        let (relayed, ()) = tokio::join!(relayed, ends);
        relayed.unwrap();
        assert_eq!((here.received.get(), here.sent.get()), (10, 6));
        assert_eq!((there.received.get(), there.sent.get()), (6, 10));
    }

    #[tokio::test]
    async fn what_passed_before_a_stream_broke_is_still_counted() {
        let (client, mut far_client) = duplex(64);
        let upstream = Breaking(5);
        let (here, there) = (Tally::default(), Tally::default());
        far_client.write_all(b"hello").await.unwrap();
        let relayed = both_ways(Counted::new(client, b"", &here), Counted::new(upstream, b"", &there)).await;
        assert_eq!(relayed.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert_eq!((here.received.get(), there.sent.get()), (5, 5));
    }

    /// A transport that takes so many bytes and breaks.
    struct Breaking(usize);

    impl AsyncRead for Breaking {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if self.0 == 0 { Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())) } else { Poll::Pending }
        }
    }

    impl AsyncWrite for Breaking {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            let taken = self.0.min(buf.len());
            self.0 -= taken;
            cx.waker().wake_by_ref();
            if taken == 0 {
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            } else {
                Poll::Ready(Ok(taken))
            }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
}
