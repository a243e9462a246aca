//! A relay: a process that stands on a hop, passes every byte on as it comes, and keeps what passed.
//! It has no key and knows nothing of the two ends, so what it sees is what anybody on the wire sees.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod capture;
mod records;
mod sink;

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::Failure;
use super::protocol::{Behind, Captured, Channel, FromPart, Relay, ToPart};
use capture::{Capture, Direction, StreamId};

/// A relay that has its port.
pub(super) struct Relaying {
    capture: Arc<Mutex<Capture>>,
}

impl Relaying {
    /// Listens, and passes on from then on.
    pub async fn start(relay: &Relay) -> io::Result<Self> {
        let listener = TcpListener::bind(relay.listen).await?;
        let to = match &relay.behind {
            Behind::Address(address) => (address.ip().to_string(), address.port()),
            Behind::Host(host, port) => (host.clone(), *port),
            Behind::Sink => {
                let sink = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let address = sink.local_addr()?;
                tokio::spawn(sink::serve(sink));
                (address.ip().to_string(), address.port())
            }
        };
        let capture = Arc::new(Mutex::new(Capture::default()));
        tokio::spawn(accept(listener, to, capture.clone()));
        Ok(Self { capture })
    }

    /// Answers the supervisor until it says no more.
    pub async fn serve(self, mut channel: Channel) -> Result<(), Failure> {
        while let Some(message) = channel.receive().await? {
            let answer = match message {
                ToPart::Clear => {
                    self.capture().clear();
                    FromPart::Done
                }
                ToPart::Look { marker } => FromPart::Captured(self.look(marker.as_bytes())),
                ToPart::Drain { .. } => {
                    channel.send(&FromPart::Drained).await?;
                    return Ok(());
                }
                _ => FromPart::Failed("a relay only relays".to_owned()),
            };
            channel.send(&answer).await?;
        }
        Ok(())
    }

    fn look(&self, marker: &[u8]) -> Captured {
        self.capture().look(marker)
    }

    fn capture(&self) -> std::sync::MutexGuard<'_, Capture> {
        self.capture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `to` is a host, a DNS name or an address, and a port.
async fn accept(listener: TcpListener, to: (String, u16), capture: Arc<Mutex<Capture>>) {
    let (to, mut connection) = (Arc::new(to), 0);
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                connection += 1;
                let (to, capture) = (to.clone(), capture.clone());
                tokio::spawn(async move {
                    if let Err(error) = relay(client, &to, connection, &capture).await {
                        tracing::debug!(%error, "a relayed connection ended early");
                    }
                    let mut capture = capture.lock().unwrap_or_else(PoisonError::into_inner);
                    capture.closed(connection);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Passes on both ways until both have ended, or one broke.
async fn relay(
    client: TcpStream,
    (host, port): &(String, u16),
    connection: u64,
    capture: &Mutex<Capture>,
) -> io::Result<()> {
    let server = TcpStream::connect((host.as_str(), *port)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let there = pass(from_client, to_server, (connection, Direction::FromClient), capture);
    let back = pass(from_server, to_client, (connection, Direction::FromServer), capture);
    tokio::try_join!(there, back).map(drop)
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    stream: StreamId,
    capture: &Mutex<Capture>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        // Kept before it is passed on: whoever has an answer finds its question in the capture.
        capture.lock().unwrap_or_else(PoisonError::into_inner).passed(stream, bytes);
        to.write_all(bytes).await?;
    }
}
