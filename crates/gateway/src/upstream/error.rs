//! Why an upstream could not answer. For the log; the client learns the status alone.

use std::time::Duration;

use hermetic_hop::{CleartextRefused, PartyName, Step, relative};
use hermetic_tls::{Alert, HandshakeError, PeerCertificateProblem};
use http::StatusCode;
use jiff::Timestamp;

use crate::postgres::NegotiationError;

/// Why an upstream could not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("{endpoint}: can't connect: {source}")]
    Connect { endpoint: String, source: std::io::Error },
    #[error("{endpoint}: {source}")]
    Handshake { endpoint: String, source: HandshakeError },
    #[error("{endpoint}: {source}")]
    Negotiation { endpoint: String, source: NegotiationError },
    #[error("{endpoint}: no connection within {} s", after.as_secs())]
    ConnectTimeout { endpoint: String, after: Duration },
    /// The exception by which cleartext went there has ended.
    #[error("{0}")]
    Cleartext(CleartextRefused),
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

    /// Whether the far end showed that it does not speak TLS at all.
    pub fn shows_no_tls(&self) -> bool {
        match self {
            Self::Handshake { source, .. } => source.shows_no_tls(),
            Self::Negotiation { source, .. } => matches!(source, NegotiationError::No),
            _ => false,
        }
    }

    /// Whether all that it showed is that it closed the connection. One that has spoken TLS does that, too.
    pub fn is_mere_close(&self) -> bool {
        matches!(self, Self::Handshake { source: HandshakeError::NoAnswer, .. })
    }

    /// The step at which the connection failed.
    pub fn step(&self) -> Step {
        match self {
            Self::Handshake { source: HandshakeError::CleartextHttp | HandshakeError::NotTls, .. }
            | Self::Negotiation { source: NegotiationError::No, .. } => Step::Cleartext,
            Self::Negotiation { source: NegotiationError::Closed | NegotiationError::Io(_), .. } => {
                Step::Connect
            }
            Self::Handshake { .. } | Self::Negotiation { .. } => Step::Handshake,
            _ => Step::Connect,
        }
    }

    /// Why, for the report on the hop to `party`, in the words of people who read it.
    pub fn reason(&self, party: &PartyName, now: Timestamp) -> String {
        match self {
            Self::Handshake { source: HandshakeError::PeerCertificate(problem), .. } => {
                certificate(problem, party, now)
            }
            Self::Handshake { source: HandshakeError::CleartextHttp, .. } => {
                format!("{party} speaks cleartext HTTP, not TLS")
            }
            Self::Handshake { source: HandshakeError::NotTls, .. } => {
                format!("{party} answers in cleartext, not TLS")
            }
            Self::Handshake { source: HandshakeError::NoAnswer, .. } => {
                format!("{party} closes the connection when TLS begins")
            }
            Self::Handshake { source: HandshakeError::PeerAlert(alert), .. }
                if alert == Alert::ProtocolVersion.name() =>
            {
                format!("{party} accepts none of our TLS versions (alert {alert})")
            }
            other => other.to_string(),
        }
    }
}

fn certificate(problem: &PeerCertificateProblem, party: &PartyName, now: Timestamp) -> String {
    match problem {
        PeerCertificateProblem::Expired(at) => match at.parse::<Timestamp>() {
            Ok(at) => format!("the certificate of {party} expired {}", relative(at, now)),
            Err(_) => format!("the certificate of {party} expired at {at}"),
        },
        PeerCertificateProblem::UnknownIssuer => {
            format!("the certificate of {party} is signed by an authority that is not trusted here")
        }
        PeerCertificateProblem::WrongName { expected, presented } => {
            format!("the certificate of {party} is for {presented}, not for {expected}")
        }
        other => format!("the certificate of {party} was refused: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(source: HandshakeError) -> (String, Step) {
        let error = UpstreamError::Handshake { endpoint: "127.0.0.1:1".to_owned(), source };
        let now = "2026-01-03T00:00:00Z".parse().unwrap();
        (error.reason(&"app".parse().unwrap(), now), error.step())
    }

    #[test]
    fn an_expired_certificate_is_told_with_how_long_ago() {
        let expired = PeerCertificateProblem::Expired("2026-01-01T00:00:00Z".to_owned());
        let (reason, step) = reason(HandshakeError::PeerCertificate(expired));
        assert_eq!((reason.as_str(), step), ("the certificate of app expired 2 days ago", Step::Handshake));
    }

    #[test]
    fn cleartext_and_old_versions_are_told_as_what_they_are() {
        let (told, step) = reason(HandshakeError::CleartextHttp);
        assert_eq!((told.as_str(), step), ("app speaks cleartext HTTP, not TLS", Step::Cleartext));
        let (told, step) = reason(HandshakeError::PeerAlert("protocol_version".to_owned()));
        assert_eq!(step, Step::Handshake);
        assert_eq!(told, "app accepts none of our TLS versions (alert protocol_version)");
    }
}
