//! Why an upstream could not answer. For the log; the client learns the status alone.

use std::time::Duration;

use hermetic_hop::Step;
use hermetic_tls::HandshakeError;
use http::StatusCode;

/// Why an upstream could not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("{endpoint}: can't connect: {source}")]
    Connect { endpoint: String, source: std::io::Error },
    #[error("{endpoint}: {source}")]
    Handshake { endpoint: String, source: HandshakeError },
    #[error("{endpoint}: no connection within {} s", after.as_secs())]
    ConnectTimeout { endpoint: String, after: Duration },
    #[error("no response within {} s", .0.as_secs())]
    ResponseTimeout(Duration),
    /// The client's fault, not the upstream's.
    #[error("the client sent nothing of its body for {} s", .0.as_secs())]
    SlowClient(Duration),
    #[error("it switched protocols without being asked")]
    UnaskedSwitch,
    #[error("{endpoint}: could not be reached a moment ago")]
    Resting { endpoint: String },
    #[error("the exchange failed: {0}")]
    Exchange(hyper::Error),
    #[error("the request can't be written for the upstream")]
    Request,
}

impl UpstreamError {
    /// The status that the client gets.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::ConnectTimeout { .. } | Self::ResponseTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::SlowClient(_) => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// The step at which the connection failed.
    pub fn step(&self) -> Step {
        match self {
            Self::Handshake { .. } => Step::Handshake,
            _ => Step::Connect,
        }
    }
}
