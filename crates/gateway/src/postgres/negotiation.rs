//! Negotiation: how TLS begins with an upstream. It says yes before anything else is sent, and not a byte
//! behind its yes.

use hermetic_config::SslNegotiation;
use hermetic_tls::Negotiated;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::exchange::{self, ExchangeError};
use super::message::printable;
use super::startup::SSL_REQUEST;
use crate::wire::Wire;

/// The application protocol (PostgreSQL 17's manual, "SSL Session Encryption").
pub(crate) const ALPN: &str = "postgresql";

/// The most of an error of the far end that is told.
const TOLD: usize = 200;

/// How long a far end that answered with an error may take to send all of it.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(1);

/// Why no handshake can begin, or may count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NegotiationError {
    #[error("it answers SSLRequest with no: it has no TLS (`ssl = on` in postgresql.conf)")]
    No,
    #[error("it refuses SSLRequest: {0}")]
    Refused(String),
    #[error("it closes the connection at SSLRequest")]
    Closed,
    #[error("it does not speak PostgreSQL: SSLRequest is answered neither S nor N")]
    Strange,
    #[error("bytes come behind the answer to SSLRequest, where none may be")]
    Queued,
    #[error(
        "TLS began at once, and without the application protocol `postgresql`: it is no PostgreSQL 17 or later"
    )]
    NoAlpn,
    #[error("the connection broke at SSLRequest: {0}")]
    Io(#[from] std::io::Error),
}

/// Asks for TLS, where that must be asked for; the next byte on the wire is of the handshake.
pub(crate) async fn ask(wire: &mut Wire, negotiation: SslNegotiation) -> Result<(), NegotiationError> {
    if negotiation == SslNegotiation::Direct {
        return Ok(());
    }
    wire.write_all(&SSL_REQUEST).await?;
    wire.flush().await?;
    // One byte alone, so that nothing behind it is taken for a part of the handshake's stream.
    let mut answer = [0];
    if wire.read(&mut answer).await? == 0 {
        return Err(NegotiationError::Closed);
    }
    match answer {
        [b'S'] if wire.has_more() => Err(NegotiationError::Queued),
        [b'S'] => Ok(()),
        [b'N'] => Err(NegotiationError::No),
        // An error: too many clients, or a server from before TLS.
        [b'E'] => Err(error(wire).await),
        _ => Err(NegotiationError::Strange),
    }
}

/// Whether a handshake counts: begun at once, it may be with anybody who has the certificate.
pub(crate) fn counts(negotiated: &Negotiated, negotiation: SslNegotiation) -> Result<(), NegotiationError> {
    match negotiation {
        SslNegotiation::Direct if negotiated.alpn.as_deref() != Some(ALPN) => Err(NegotiationError::NoAlpn),
        SslNegotiation::Direct | SslNegotiation::Postgres => Ok(()),
    }
}

/// An `ErrorResponse` whose type has been read already. Whoever sends it has not proven who it is, so it is
/// for the log alone (CVE-2024-10977).
async fn error(wire: &mut Wire) -> NegotiationError {
    let mut whole = std::io::Cursor::new([b'E']).chain(wire);
    let text = match exchange::receive(&mut whole, LAST_WORDS).await {
        Ok(message) => message.error_fields().find(|(letter, _)| *letter == b'M').map(|(_, text)| text),
        Err(ExchangeError::Io(error)) => return error.into(),
        Err(_) => None,
    };
    let text = text.unwrap_or_else(|| "an error that can't be read".to_owned());
    NegotiationError::Refused(printable(&text, TOLD))
}
