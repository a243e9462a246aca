//! Exchange: packets and messages over a leg, one at a time and nothing beyond it, each within a time.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::message::{Head, Message, MessageError};
use super::startup::{self, Packet, Progress, StartupError};

/// Why nothing whole came from an end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeError {
    /// It came and went without a word: a health check, a port scan.
    #[error("closed before a byte was sent")]
    Silent,
    #[error("closed in the middle of a start-up packet")]
    Truncated,
    #[error("closed during the login")]
    Closed,
    #[error("nothing within {} s", .0.as_secs())]
    Slow(Duration),
    #[error(transparent)]
    Startup(#[from] StartupError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("the connection broke: {0}")]
    Io(io::Error),
}

impl From<io::Error> for ExchangeError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Closed } else { Self::Io(error) }
    }
}

/// Reads the next start-up packet, of which `received` has come already. It is taken out of that; where it
/// is TLS, what came of the hello is left in.
pub(super) async fn packet<IO: AsyncRead + Unpin>(
    io: &mut IO,
    received: &mut Vec<u8>,
) -> Result<Packet, ExchangeError> {
    loop {
        let more = match startup::read(received)? {
            Progress::Whole(packet) => {
                received.drain(..packet.length().min(received.len()));
                return Ok(packet);
            }
            Progress::Read(more) => more,
        };
        let mut rest = (&mut *io).take(more as u64);
        match rest.read_buf(received).await? {
            0 if received.is_empty() => return Err(ExchangeError::Silent),
            0 => return Err(ExchangeError::Truncated),
            _ => {}
        }
    }
}

/// Reads the next message of an end, which has so long for it.
pub(super) async fn receive<IO: AsyncRead + Unpin>(
    io: &mut IO,
    within: Duration,
) -> Result<Message, ExchangeError> {
    let reading = async {
        let mut head = [0; Head::LENGTH];
        io.read_exact(&mut head).await?;
        let Head { kind, length } = Head::read(head)?;
        let mut body = vec![0; length];
        io.read_exact(&mut body).await?;
        Ok(Message { kind, body })
    };
    timeout(within, reading).await.map_err(|_| ExchangeError::Slow(within))?
}

/// Sends bytes, and sees that they leave.
pub(super) async fn send<IO: AsyncWrite + Unpin>(io: &mut IO, bytes: &[u8]) -> Result<(), ExchangeError> {
    io.write_all(bytes).await?;
    Ok(io.flush().await?)
}
