//! Whether a client may begin a handshake within a session.
//!
//! A refusal is an alert. A mere end of the connection is one only where the same happens a second time, and where a
//! session in which nothing is begun stays open for as long: there are servers that hang up on everybody.

use std::time::Duration;

use hermetic_tls::ProtocolVersion;
use hermetic_tls::trial::{Renegotiation, renegotiate, stays_open};
use tokio::time::Instant;

use super::dial::Dialer;
use super::{Support, VersionObserved};

/// For how long a session stays open at the least before its end counts as an answer.
const AT_LEAST: Duration = Duration::from_millis(500);

/// What is seen of a server that speaks this for its newest in clear.
pub(super) async fn seen(dialer: &Dialer<'_>, observed: &VersionObserved) -> Support {
    if observed.version != ProtocolVersion::TLS1_2 {
        return Support::Unknown(format!("{} is not renegotiated by this client", observed.version));
    }
    let begun = Instant::now();
    match tried(dialer).await {
        Ok(Renegotiation::Ended) => again(dialer, begun.elapsed().max(AT_LEAST)).await,
        outcome => told(outcome),
    }
}

/// The second look, and the control.
async fn again(dialer: &Dialer<'_>, so_long: Duration) -> Support {
    match tried(dialer).await {
        Ok(Renegotiation::Ended) => {}
        outcome => return told(outcome),
    }
    let name = dialer.endpoint.server_name.as_ref();
    let control = dialer.converse(async |io| stays_open(io, name, dialer.randomness, so_long).await).await;
    match control {
        Ok(Ok(true)) => Support::No("it ends the connection, which stays open otherwise".to_owned()),
        Ok(Ok(false)) => Support::Unknown("it ends the connection, whatever is said in it".to_owned()),
        Ok(Err(error)) => Support::Unknown(unsure(&error.to_string())),
        Err(reply) => Support::Unknown(unsure(&reply.to_string())),
    }
}

fn unsure(reason: &str) -> String {
    format!("it ends the connection, and whether it does otherwise was not to be seen: {reason}")
}

async fn tried(dialer: &Dialer<'_>) -> Result<Renegotiation, String> {
    let name = dialer.endpoint.server_name.as_ref();
    let tried = dialer.converse(async |io| renegotiate(io, name, dialer.randomness).await).await;
    tried.map_err(|reply| reply.to_string())?.map_err(|error| error.to_string())
}

fn told(outcome: Result<Renegotiation, String>) -> Support {
    match outcome {
        Ok(Renegotiation::Accepted) => Support::Yes,
        Ok(Renegotiation::Refused(alert)) => Support::No(format!("alert {alert}")),
        Ok(Renegotiation::Ended) => Support::Unknown("it ends the connection".to_owned()),
        Err(reason) => Support::Unknown(reason),
    }
}
