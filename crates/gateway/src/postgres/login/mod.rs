//! Login: from the start-up packet to the server's word that the client is in. It passes, or ends here and
//! is done anew at the upstream.

mod ours;
mod pass;
mod terminate;

use std::time::Duration;

use tokio::net::TcpStream;

use super::exchange::{self, ExchangeError};
use super::message::{Message, MessageError, printable};
use super::refusal::Refusal;
use crate::leg::Leg;
use crate::wire::Wire;

pub(super) use ours::{demand, prove};
pub(super) use pass::{Plus, pass};
pub(super) use terminate::{Bindings, terminate};

/// The most of a far end's text that is told.
const TOLD: usize = 300;

/// The two ends of a login, and how long each may take for a message.
pub(super) struct Sides<'e> {
    pub client: &'e mut Leg<TcpStream>,
    pub client_within: Duration,
    pub upstream: &'e mut Leg<Wire>,
    pub upstream_within: Duration,
    /// Whether others than the two ends can read, and say, what goes between us and the upstream.
    pub upstream_exposed: bool,
    /// Whether no password of the client's may go on: it came by TLS, and anybody on the way to an upstream
    /// in `prefer` could have brought about the cleartext, and asked for it.
    pub password_kept: bool,
    /// Whether the client gave its password as it is, or a hash that is as good.
    pub password_asked: bool,
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    /// The client is told so.
    #[error("{reason}")]
    Refused { refusal: Refusal, reason: String },
    /// The client left, or its connection broke.
    #[error("the client: {0}")]
    Client(ExchangeError),
    /// The upstream's connection broke, or what it said makes no sense.
    #[error("{0}")]
    Upstream(String),
    /// The upstream refused, in its own words, which the client has been told.
    #[error("the upstream refuses: {0}")]
    Answered(String),
}

impl LoginError {
    /// A refusal whose reason is what the client is told.
    fn refused(refusal: Refusal) -> Self {
        let reason = refusal.to_string();
        Self::Refused { refusal, reason }
    }
}

impl Sides<'_> {
    async fn hear_client(&mut self) -> Result<Message, LoginError> {
        let message =
            exchange::receive(self.client, self.client_within).await.map_err(|error| match error {
                ExchangeError::Slow(_) => LoginError::refused(Refusal::SLOW),
                ExchangeError::Message(error) => broken(error),
                other => LoginError::Client(other),
            })?;
        match message.kind {
            b'p' => Ok(message),
            // Terminate: it does not want to any more.
            b'X' => Err(LoginError::Client(ExchangeError::Closed)),
            other => Err(broken(MessageError::Unexpected(other))),
        }
    }

    async fn hear_upstream(&mut self) -> Result<Message, LoginError> {
        exchange::receive(self.upstream, self.upstream_within).await.map_err(upstream)
    }

    async fn tell_client(&mut self, bytes: &[u8]) -> Result<(), LoginError> {
        exchange::send(self.client, bytes).await.map_err(LoginError::Client)
    }

    async fn tell_upstream(&mut self, bytes: &[u8]) -> Result<(), LoginError> {
        exchange::send(self.upstream, bytes).await.map_err(upstream)
    }

    /// Passes on what the upstream says before and beside its demands: the version that it speaks, notices,
    /// an error, which is the end. Gives the demand.
    async fn demand(&mut self) -> Result<Message, LoginError> {
        loop {
            let message = self.hear_upstream().await?;
            match message.kind {
                b'R' => return Ok(message),
                b'v' | b'N' => self.tell_client(&message.bytes()).await?,
                b'E' => {
                    self.tell_client(&message.bytes()).await?;
                    return Err(LoginError::Answered(told(&message)));
                }
                other => return Err(LoginError::Upstream(MessageError::Unexpected(other).to_string())),
            }
        }
    }
}

/// The client broke the protocol.
fn broken(error: MessageError) -> LoginError {
    LoginError::refused(Refusal::protocol(error.to_string()))
}

/// The upstream broke it, or left.
pub(super) fn upstream(error: ExchangeError) -> LoginError {
    LoginError::Upstream(error.to_string())
}

/// An `ErrorResponse` in one line: the message and its SQLSTATE.
pub(super) fn told(message: &Message) -> String {
    let field = |letter: u8| message.error_fields().find(|(field, _)| *field == letter).map(|(_, text)| text);
    let text = field(b'M').unwrap_or_else(|| "an error that can't be read".to_owned());
    let text = printable(&text, TOLD);
    match field(b'C') {
        Some(code) => format!("{text} (SQLSTATE {})", printable(&code, 5)),
        None => text,
    }
}
