//! Hello: reads the ClientHello into one bounded buffer, with a deadline. The same bytes feed the
//! reader, the TLS library or the replay to a passthrough upstream.

use std::io;
use std::time::Duration;

use hermetic_tls::hello::{HelloError, Progress};
use hermetic_tls::{Alert, ClientHello, HelloReader};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::answer;
use crate::deadline::Deadline;

/// One read of a hello; most fit in it.
const READ: usize = 4096;

/// How long a refused client may take to read why before the connection is closed.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(1);

/// A whole ClientHello, and everything that was received up to now.
#[derive(Debug)]
pub(crate) struct Opening {
    pub hello: Box<ClientHello>,
    pub received: Vec<u8>,
}

/// Why there is no hello.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpeningError {
    /// The client came and went without a word: a health check, a port scan.
    #[error("closed before a byte was sent")]
    Silent,
    #[error("closed in the middle of the ClientHello")]
    Truncated,
    #[error("no whole ClientHello within {} s", .0.as_secs())]
    Slow(Duration),
    #[error(transparent)]
    Refused(#[from] HelloError),
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
}

impl OpeningError {
    /// The alert that answered it; `None` where none was sent.
    pub fn alert(&self) -> Option<Alert> {
        match self {
            Self::Refused(error) => error.alert(),
            Self::Silent | Self::Truncated | Self::Slow(_) | Self::Io(_) => None,
        }
    }
}

/// Reads a hello, of which `received` is there already; answers what is none, each in the language
/// that it seems to speak.
pub(crate) async fn read<IO>(
    io: &mut IO,
    received: &[u8],
    deadline: Deadline,
) -> Result<Opening, OpeningError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    match deadline.hold(collect(io, received)).await {
        Err(within) => Err(OpeningError::Slow(within)),
        Ok(Err(OpeningError::Refused(error))) => {
            match (&error, error.alert()) {
                (HelloError::CleartextHttp, _) => say(io, answer::CLEARTEXT_ON_TLS_PORT).await,
                (_, Some(alert)) => refuse(io, alert).await,
                (_, None) => {}
            }
            Err(error.into())
        }
        Ok(outcome) => outcome,
    }
}

async fn collect<IO: AsyncRead + Unpin>(io: &mut IO, received: &[u8]) -> Result<Opening, OpeningError> {
    let mut reader = HelloReader::new();
    let mut progress = reader.push(received)?;
    let mut buffer = [0; READ];
    loop {
        if let Progress::Complete(hello) = progress {
            return Ok(Opening { hello, received: reader.received().to_vec() });
        }
        let read = io.read(&mut buffer).await?;
        match buffer.get(..read) {
            Some([]) | None if reader.received().is_empty() => return Err(OpeningError::Silent),
            Some([]) | None => return Err(OpeningError::Truncated),
            Some(bytes) => progress = reader.push(bytes)?,
        }
    }
}

/// Sends a fatal alert and closes.
pub(crate) async fn refuse<IO: AsyncRead + AsyncWrite + Unpin>(io: &mut IO, alert: Alert) {
    say(io, &alert.record()).await;
}

/// Sends last words and closes so that they arrive: bytes that the client sent and nobody read
/// would make the kernel reset the connection, and the reset overtakes the words (RFC 9112 9.6).
pub(crate) async fn say<IO: AsyncRead + AsyncWrite + Unpin>(io: &mut IO, words: &[u8]) {
    let farewell = async {
        io.write_all(words).await?;
        io.shutdown().await?;
        let mut buffer = [0; READ];
        while io.read(&mut buffer).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // Whether the client hears it is its own affair; the connection ends either way.
    let _ = timeout(LAST_WORDS, farewell).await;
}
