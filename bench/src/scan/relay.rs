//! A relay that is far away: whatever passes it takes its time, each way, and stays in its order.
//!
//! The kernel makes a connection to the relay at once. So that this costs what it costs over a long line, the
//! first bytes wait until the handshakes of TCP would have been over: a client can send a round trip after it
//! began, and a server half of one after that.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::failure::Failure;

/// A relay; it ends with this.
#[derive(Debug)]
pub struct Relay {
    /// Its port, at every address of the loopback.
    pub port: u16,
    _runtime: tokio::runtime::Runtime,
}

impl Relay {
    /// Begins to relay to this address, with this delay each way.
    pub fn start(to: SocketAddr, delay: Duration) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::Setup(format!("no relay: {error}"));
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().map_err(failed)?;
        let listener = std::net::TcpListener::bind(("0.0.0.0", 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        listener.set_nonblocking(true).map_err(failed)?;
        let listener = {
            let _within = runtime.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        runtime.spawn(async move {
            loop {
                // What can't be taken now, for want of descriptors, can be in a moment.
                let Ok((near, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                };
                let taken = Instant::now();
                tokio::spawn(async move {
                    let far = TcpStream::connect(to).await?;
                    between(near, far, taken, delay)
                });
            }
        });
        Ok(Self { port, _runtime: runtime })
    }
}

fn between(near: TcpStream, far: TcpStream, taken: Instant, delay: Duration) -> io::Result<()> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::spawn(pass(near_in, far_out, Line::to_the_far_end(taken, delay)));
    tokio::spawn(pass(far_in, near_out, Line::from_the_far_end(taken, delay)));
    Ok(())
}

/// One way.
#[derive(Clone, Copy)]
struct Line {
    /// Nothing goes out sooner.
    earliest: Instant,
    delay: Duration,
}

impl Line {
    fn to_the_far_end(taken: Instant, delay: Duration) -> Self {
        Self { earliest: taken + 2 * delay, delay }
    }

    fn from_the_far_end(taken: Instant, delay: Duration) -> Self {
        Self { earliest: taken + delay, delay }
    }

    /// When arrives what is sent now.
    fn due(self, now: Instant) -> Instant {
        now.max(self.earliest) + self.delay
    }
}

/// Passes on what comes.
async fn pass(mut from: OwnedReadHalf, to: OwnedWriteHalf, line: Line) {
    let (pieces, under_way) = mpsc::unbounded_channel::<(Instant, Bytes)>();
    tokio::spawn(deliver(under_way, to));
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(8 * 1024);
        let read = from.read_buf(&mut buffer).await;
        let due = line.due(Instant::now());
        // The end travels as long as the bytes before it; a reset does, too, and arrives as an end.
        let ended = !matches!(read, Ok(1..));
        if pieces.send((due, buffer.split().freeze())).is_err() || ended {
            return;
        }
    }
}

/// Delivers each piece when it is due. An empty one is the end.
async fn deliver(mut under_way: mpsc::UnboundedReceiver<(Instant, Bytes)>, mut to: OwnedWriteHalf) {
    while let Some((due, piece)) = under_way.recv().await {
        sleep_until(due).await;
        if piece.is_empty() || to.write_all(&piece).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn an_answer_over_a_long_line_takes_two_round_trips_from_the_start_and_one_after_that() {
        let (taken, delay) = (Instant::now(), Duration::from_millis(50));
        let (to, from) = (Line::to_the_far_end(taken, delay), Line::from_the_far_end(taken, delay));
        let first = from.due(to.due(taken));
        assert_eq!(first - taken, 4 * delay);
        assert_eq!(from.due(to.due(first)) - first, 2 * delay);
        // A server that speaks first does so when the client's handshake has come to it.
        assert_eq!(from.due(taken) - taken, 2 * delay);
    }

    #[test]
    fn what_is_said_comes_to_the_other_end_and_back() {
        let far_end = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay::start(far_end.local_addr().unwrap(), Duration::from_millis(1)).unwrap();
        let mut near = std::net::TcpStream::connect(("127.0.0.1", relay.port)).unwrap();
        let (mut far, _) = far_end.accept().unwrap();
        let mut heard = [0; 4];
        near.write_all(b"ping").unwrap();
        far.read_exact(&mut heard).unwrap();
        far.write_all(b"pong").unwrap();
        near.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"pong");
    }
}
