//! A client that does not read: what is written to its connection stays in our memory, and its upstream
//! waits.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Paced, Patience, Stall};

/// A stream whose far end must take what is written to it.
#[derive(Debug)]
pub(crate) struct PatientWrites<IO> {
    io: IO,
    patience: Patience,
    give_up: fn(&IO),
}

impl<IO> PatientWrites<IO> {
    /// The stream, with patience for its far end. `give_up` is done to it before it is given up: what was
    /// not read would be kept by the kernel for as long as the far end is there.
    pub fn new(io: IO, paced: Paced, give_up: fn(&IO)) -> Self {
        Self { io, patience: Patience::new(paced), give_up }
    }

    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
        bytes: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(Ok(written)) => {
                self.patience.moved(bytes(&written));
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => match self.patience.poll_stall(cx) {
                Poll::Ready(stall) => {
                    (self.give_up)(&self.io);
                    Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, stall)))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl Stall {
    /// The stall by which an error came about, where it was one.
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            if let Some(stall) = inner.and_then(|inner| inner.downcast_ref::<Self>()) {
                return Some(*stall);
            }
            next = error.source();
        }
        None
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for PatientWrites<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for PatientWrites<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, buf);
        self.judge(cx, polled, |written| *written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.judge(cx, polled, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(cx);
        self.judge(cx, polled, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(cx);
        self.judge(cx, polled, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;

    fn paced() -> Paced {
        Paced { still: Duration::from_secs(60), rate: 100 }
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_end_that_reads_nothing_is_given_up() {
        let (near, _far) = duplex(1024);
        let (mut near, start) = (PatientWrites::new(near, paced(), |_| ()), Instant::now());
        let error = near.write_all(&[0; 10_000]).await.unwrap_err();
        assert_eq!(Stall::of(&error), Some(Stall::Slow(100)));
        assert_eq!(start.elapsed().as_secs(), 30 + 10, "30 s, and 1,024 bytes at 100 a second");
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_end_that_reads_a_byte_a_second_is_given_up() {
        let (near, mut far) = duplex(1);
        let mut near = PatientWrites::new(near, paced(), |_| ());
        tokio::spawn(async move {
            while far.read_u8().await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        let error = near.write_all(&[0; 10_000]).await.unwrap_err();
        assert_eq!(Stall::of(&error), Some(Stall::Slow(100)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_end_that_reads_well_is_served_for_as_long_as_it_likes() {
        let (near, mut far) = duplex(1000);
        let mut near = PatientWrites::new(near, paced(), |_| ());
        let reading = tokio::spawn(async move {
            let mut buffer = [0; 1000];
            let mut total = 0;
            while let Ok(read @ 1..) = far.read(&mut buffer).await {
                total += read;
                sleep(Duration::from_secs(5)).await;
            }
            total
        });
        near.write_all(&vec![0; 1_000_000]).await.unwrap();
        near.shutdown().await.unwrap();
        drop(near);
        assert_eq!(reading.await.unwrap(), 1_000_000);
    }
}
