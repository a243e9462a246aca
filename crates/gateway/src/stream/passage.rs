//! The passage of a handshake between others: the upstream's leg, whose first bytes are looked at as they
//! come. What is outside of the policy goes no further.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hermetic_tls::flight::{FlightError, ServerChoice, ServerFlightReader, Standing};
use hermetic_tls::{Alert, SecurityPolicy};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What becomes of a handshake that passes.
pub(super) struct Passage<'a> {
    policy: &'static SecurityPolicy,
    reader: RefCell<ServerFlightReader>,
    state: RefCell<State>,
    /// Told once of what was chosen.
    seen: &'a dyn Fn(&ServerChoice),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    Seen,
    Failed(Failure),
}

/// Why a handshake does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The server's own word; the client has it too.
    #[error("the upstream ended the handshake: alert {0}")]
    Refused(String),
    #[error("what the upstream chose is outside of the policy: {0}")]
    Policy(String),
    #[error("the upstream's answer is none: {0}")]
    Answer(FlightError),
    #[error("the upstream closed before its ServerHello was through")]
    Closed,
}

/// An upstream's leg whose first bytes are looked at.
pub(super) struct Watched<'a, IO> {
    io: IO,
    passage: &'a Passage<'a>,
}

impl<'a> Passage<'a> {
    /// A handshake of which nothing came back yet.
    pub fn new(policy: &'static SecurityPolicy, seen: &'a dyn Fn(&ServerChoice)) -> Self {
        Self { policy, reader: RefCell::default(), state: RefCell::default(), seen }
    }

    /// The upstream's leg, watched.
    pub fn watch<IO>(&'a self, io: IO) -> Watched<'a, IO> {
        Watched { io, passage: self }
    }

    /// Whether it was seen what the server chose.
    pub fn is_seen(&self) -> bool {
        *self.state.borrow() == State::Seen
    }

    /// Why it does not pass, where it does not.
    pub fn failure(&self) -> Option<Failure> {
        match &*self.state.borrow() {
            State::Failed(failure) => Some(failure.clone()),
            State::Open | State::Seen => None,
        }
    }

    /// Looks at what came back, nothing being the end. An error: it must not reach the client.
    fn look(&self, bytes: &[u8]) -> Result<(), Failure> {
        match &*self.state.borrow() {
            State::Open => {}
            // The server has said its last word, and whatever comes behind is no handshake that was looked at.
            State::Failed(failure) if !bytes.is_empty() => return Err(failure.clone()),
            State::Seen | State::Failed(_) => return Ok(()),
        }
        if bytes.is_empty() {
            self.state.replace(State::Failed(Failure::Closed));
            return Err(Failure::Closed);
        }
        let mut reader = self.reader.borrow_mut();
        let standing = reader.push(bytes);
        let outside = |choice: &ServerChoice| {
            let allowed = self.policy.allows(choice.version, choice.suite, choice.group);
            allowed.map_err(Failure::Policy)
        };
        let state = match (standing, reader.choice()) {
            (Err(error), _) => Err(Failure::Answer(error)),
            // It is the client's to hear.
            (Ok(Standing::Refused(alert)), _) => Ok(State::Failed(Failure::Refused(alert))),
            (Ok(standing), Some(choice)) => outside(choice).map(|()| match standing {
                Standing::Complete => {
                    (self.seen)(choice);
                    State::Seen
                }
                _ => State::Open,
            }),
            (Ok(_), None) => Ok(State::Open),
        };
        self.state.replace(state.clone().unwrap_or_else(State::Failed));
        state.map(drop)
    }
}

impl Failure {
    /// The alert by which the client learns that its handshake is at an end.
    pub fn alert(&self) -> Option<Alert> {
        match self {
            Self::Refused(_) => None,
            Self::Policy(_) => Some(Alert::HandshakeFailure),
            Self::Answer(_) | Self::Closed => Some(Alert::InternalError),
        }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Watched<'_, IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let looked = self.passage.look(buf.filled().get(before..).unwrap_or_default());
        Poll::Ready(looked.map_err(|failure| {
            buf.set_filled(before);
            io::Error::other(failure)
        }))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Watched<'_, IO> {
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
    use super::*;

    /// `handshake_failure`, fatal, in a record of its own (RFC 8446 section 6).
    const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

    #[test]
    fn nothing_passes_behind_the_servers_last_word() {
        let passage = Passage::new(SecurityPolicy::default_policy(), &|_| {});
        assert_eq!(passage.look(&ALERT), Ok(()), "the client is to hear it");
        let failure = passage.failure().unwrap();
        assert!(matches!(failure, Failure::Refused(_)), "{failure}");
        assert_eq!(passage.look(b"220 in cleartext"), Err(failure));
        assert_eq!(passage.look(b""), Ok(()), "its end");
    }
}
