//! What comes of one question, and what that means.

use hermetic_tls::answer::{AlertNumber, Answer, AnswerError};

/// What came of one question.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The server chose.
    Answer(Box<Answer>),
    /// It ended the handshake by this alert.
    Alert(AlertNumber),
    /// It hung up, or said nothing.
    Nothing(Silence),
    /// It said something that is no answer.
    Wrong(AnswerError),
    /// There is no TLS behind its prelude.
    Cleartext,
    /// It could not be asked, and why.
    Unasked(String),
}

/// How nothing was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    /// It closed the connection in order.
    #[error("it closed the connection without a word")]
    Closed,
    /// It reset the connection.
    #[error("it reset the connection")]
    Reset,
    /// It kept the connection open until the deadline.
    #[error("it did not answer in time")]
    TimedOut,
}

/// Whether something is supported: an answer of three values, with what it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Support {
    /// It is.
    Yes,
    /// It is not; how it was refused.
    No(String),
    /// Nobody can tell, and why.
    Unknown(String),
    /// Nobody asked.
    #[default]
    Unasked,
}

impl Support {
    /// Whether it is supported for sure.
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answer(answer) => write!(f, "it chose {} and {}", answer.hello.version, answer.hello.suite),
            Self::Alert(alert) => write!(f, "alert {alert}"),
            Self::Nothing(silence) => silence.fmt(f),
            Self::Wrong(error) => error.fmt(f),
            Self::Cleartext => f.write_str("it offers no TLS"),
            Self::Unasked(reason) => f.write_str(reason),
        }
    }
}
