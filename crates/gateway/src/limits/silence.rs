//! Silence of a connection that carries bytes of any protocol: when one passed last, either way.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep_until};

/// A stream on which it is noted what passes.
#[derive(Debug)]
pub(crate) struct Noted<IO> {
    io: IO,
    traffic: Traffic,
}

/// What passed on a stream. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Traffic(Rc<Passed>);

#[derive(Debug)]
struct Passed {
    last: Cell<Instant>,
    received: Cell<u64>,
    sent: Cell<u64>,
}

impl<IO> Noted<IO> {
    /// The stream, and what passes on it from now on.
    pub fn new(io: IO) -> (Self, Traffic) {
        let last = Cell::new(Instant::now());
        let traffic = Traffic(Rc::new(Passed { last, received: Cell::new(0), sent: Cell::new(0) }));
        (Self { io, traffic: traffic.clone() }, traffic)
    }
}

impl Traffic {
    /// Bytes from its far end.
    pub fn received(&self) -> u64 {
        self.0.received.get()
    }

    /// Bytes to its far end.
    pub fn sent(&self) -> u64 {
        self.0.sent.get()
    }

    /// Waits until nothing has passed for `limit`.
    pub async fn silent(&self, limit: Duration) {
        loop {
            let last = self.0.last.get();
            sleep_until(last + limit).await;
            if self.0.last.get() == last {
                return;
            }
        }
    }

    fn note(&self, count: &Cell<u64>, bytes: usize) {
        count.set(count.get() + bytes as u64);
        self.0.last.set(Instant::now());
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Noted<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        self.traffic.note(&self.traffic.0.received, buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Noted<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, buf))?;
        self.traffic.note(&self.traffic.0.sent, written);
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
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bytes_of_either_direction_break_the_silence() {
        let (near, mut far) = duplex(64);
        let (mut noted, traffic) = Noted::new(near);
        let (limit, start) = (Duration::from_secs(60), Instant::now());
        let talk = async {
            for _ in 0..3 {
                sleep(Duration::from_secs(40)).await;
                noted.write_all(b"ab").await.unwrap();
                sleep(Duration::from_secs(40)).await;
                far.write_all(b"c").await.unwrap();
                noted.read_u8().await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = talk => {}
            () = traffic.silent(limit) => {}
        }
        assert_eq!(start.elapsed().as_secs(), 6 * 40 + 60);
        assert_eq!((traffic.received(), traffic.sent()), (3, 6));
    }
}
