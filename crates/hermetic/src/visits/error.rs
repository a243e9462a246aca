//! Why visits can't be kept.

use std::time::Duration;

use hermetic_hop::Step;
use hermetic_tls::{CertificateError, HandshakeError, SettingsError};

/// Why visits can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum VisitsError {
    /// The roots can't be read.
    #[error("the roots to verify the server with: {0}")]
    Anchors(#[from] CertificateError),
    /// Nobody can prove to be that server.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Nobody answers there.
    #[error("{place}: can't connect: {source}")]
    Connect {
        /// Where.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// Somebody answers, but not as demanded.
    #[error("{place}: {source}")]
    Handshake {
        /// Where.
        place: String,
        /// Why.
        source: HandshakeError,
    },
    /// The server speaks no TLS; cleartext is not an option.
    #[error("{place}: {reason}; turn TLS on there (`ssl = on`)")]
    NoTls {
        /// Where.
        place: String,
        /// What it said.
        reason: String,
    },
    /// The server would not have us, or not do it.
    #[error("{place}: {reason}")]
    Refused {
        /// Where.
        place: String,
        /// What it said.
        reason: String,
    },
    /// It took too long.
    #[error("{place}: not connected within {} s", after.as_secs())]
    Slow {
        /// Where.
        place: String,
        /// After how long.
        after: Duration,
    },
}

impl VisitsError {
    /// The step at which it failed: before TLS stood, the far end was not as demanded.
    pub fn step(&self) -> Step {
        match self {
            Self::Handshake { source: HandshakeError::Io(_) | HandshakeError::NoAnswer, .. } => Step::Connect,
            Self::Handshake { .. } | Self::NoTls { .. } => Step::Handshake,
            Self::Anchors(_)
            | Self::Settings(_)
            | Self::Connect { .. }
            | Self::Refused { .. }
            | Self::Slow { .. } => Step::Connect,
        }
    }
}

/// What the server or the client library said, without its wrapping.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}
