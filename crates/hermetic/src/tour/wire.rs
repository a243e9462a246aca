//! See the wire: a secret goes over the whole path, the relays on its hops say what passed them, and
//! a control shows that what is searched there can be found.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use hermetic_hop::HopName;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::parts::{Parts, PartsError};
use super::{ECHO, EDGE, errand};
use crate::part::protocol::Captured;
use crate::up::Instance;

/// The lengths that a secret may have, in bytes. A shorter one could stand in random bytes by chance; a
/// longer one would not show whole.
pub const LENGTHS: std::ops::RangeInclusive<usize> = 6..=256;

/// How long the control may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the wire showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wire {
    /// What follows from it.
    pub outcome: Outcome,
    /// Why, in a short sentence.
    pub reason: String,
    /// The status that the request with the secret got; `null` where it got none.
    pub status: Option<u16>,
    /// The hops of the path in order.
    pub hops: Vec<Sighted>,
    /// Why the path ends before a database; `null` where it does not.
    pub no_database: Option<String>,
    /// What passed the cleartext control hop, where the same secret was sent.
    pub control: Captured,
}

/// What passed on one hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighted {
    /// The hop.
    pub hop: HopName,
    /// What follows for it.
    pub outcome: Outcome,
    /// What the relay on it captured.
    pub captured: Captured,
}

/// What follows from a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The secret passed, and can't be read there.
    NotFound,
    /// The secret stands readable on the wire.
    Found,
    /// The search proves nothing.
    Inconclusive,
}

/// Why nobody looked at the wire.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It is a real instance.
    #[error("this instance is not the tour; only the tour has relays on its hops")]
    NoTour,
    /// Too short, too long, or not to be sent.
    #[error(
        "the secret has {0} bytes; write {min} to {max}: a shorter one could stand in random bytes by chance",
        min = LENGTHS.start(),
        max = LENGTHS.end()
    )]
    Length(usize),
    /// A relay does not play.
    #[error(transparent)]
    Parts(#[from] PartsError),
}

impl WireError {
    /// The status of an answer that tells it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoTour => StatusCode::CONFLICT,
            Self::Length(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Parts(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Sends the secret over the path and over the control, and looks at what passed.
pub async fn look(instance: &Instance, secret: &str) -> Result<Wire, WireError> {
    let parts = instance.parts().ok_or(WireError::NoTour)?;
    if !LENGTHS.contains(&secret.len()) {
        return Err(WireError::Length(secret.len()));
    }
    let configuration = instance.configuration();
    let edge = EDGE.parse().ok().and_then(|edge| configuration.listener(&edge));
    let edge = edge.ok_or(WireError::NoTour)?.public_port;
    // One at a time: a second one would clear the captures of the first.
    let _looking = parts.looking.lock().await;
    let no_database = instance.no_database();
    parts.clear_relays().await?;
    let sent = over_the_path(instance, edge, secret).await;
    let control = timeout(PATIENCE, over_the_control(parts.control(), secret)).await;
    if let Ok(Err(error)) = &control {
        tracing::debug!(%error, "the control did not answer");
    }
    let (hops, control) = captured(parts, secret).await?;
    let status = sent.as_ref().ok().map(|(status, _)| status.as_u16());
    let arrived = sent.is_ok_and(|(status, echo)| status == StatusCode::OK && echo == secret.as_bytes());
    let (outcome, reason) = judged(arrived, &hops, &control);
    Ok(Wire { outcome, reason, status, hops, no_database, control })
}

/// The application gives the secret back as its database has it, so that it is known to have passed every
/// hop, both ways.
async fn over_the_path(
    instance: &Instance,
    port: u16,
    secret: &str,
) -> Result<(StatusCode, Bytes), errand::Failure> {
    let request = Request::post(ECHO)
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(Full::new(Bytes::copy_from_slice(secret.as_bytes())))?;
    errand::send(instance.trust_anchors()?, port, request).await
}

async fn over_the_control(control: SocketAddr, secret: &str) -> Result<(), errand::Failure> {
    let stream = TcpStream::connect(control).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::post(ECHO)
        .header(header::HOST, control.to_string())
        .body(Full::new(Bytes::copy_from_slice(secret.as_bytes())))?;
    let response = sender.send_request(request).await?;
    Limited::new(response.into_body(), *LENGTHS.end()).collect().await?;
    connection.abort();
    Ok(())
}

async fn captured(parts: &Parts, secret: &str) -> Result<(Vec<Sighted>, Captured), PartsError> {
    let mut hops = Vec::new();
    for (hop, captured) in parts.look_at_relays(secret).await? {
        let outcome = match &captured {
            Captured { found: 1.., .. } => Outcome::Found,
            Captured { data_records: 1.., lost: false, .. } => Outcome::NotFound,
            _ => Outcome::Inconclusive,
        };
        hops.push(Sighted { hop, outcome, captured });
    }
    Ok((hops, parts.look_at_control(secret).await?))
}

/// A search that finds nothing proves something only where everything was searched, where the secret
/// did pass, and where the same search finds it when it is there.
fn judged(arrived: bool, hops: &[Sighted], control: &Captured) -> (Outcome, String) {
    let of = |outcome| hops.iter().find(move |hop| hop.outcome == outcome);
    if let Some(hop) = of(Outcome::Found) {
        return (Outcome::Found, format!("the secret stands readable on {}", hop.hop));
    }
    let inconclusive = |reason: String| (Outcome::Inconclusive, reason);
    if control.found == 0 {
        return inconclusive("the search did not find the secret on the control either".to_owned());
    }
    if let Some(hop) = of(Outcome::Inconclusive) {
        return inconclusive(format!("no encrypted data was captured on {}, or not all of it", hop.hop));
    }
    if !arrived || hops.is_empty() {
        return inconclusive("the secret did not come back from the application".to_owned());
    }
    let reason = "the secret went over every hop and back, and stands readable on the control alone";
    (Outcome::NotFound, reason.to_owned())
}

impl Outcome {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::Found => "FOUND",
            Self::Inconclusive => "inconclusive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(data_records: u64, found: u64) -> Captured {
        Captured { bytes: 9, records: data_records, data_records, lost: false, found, passages: Vec::new() }
    }

    fn hop(outcome: Outcome) -> Sighted {
        let hop = HopName::new("edge".parse().unwrap(), "app".parse().unwrap());
        Sighted { hop, outcome, captured: captured(1, 0) }
    }

    #[test]
    fn only_a_secret_that_passed_and_that_the_control_shows_is_not_found() {
        let passed = [hop(Outcome::NotFound)];
        assert_eq!(judged(true, &passed, &captured(0, 1)).0, Outcome::NotFound);
        assert_eq!(judged(true, &passed, &captured(0, 0)).0, Outcome::Inconclusive);
        assert_eq!(judged(false, &passed, &captured(0, 1)).0, Outcome::Inconclusive);
        assert_eq!(judged(true, &[], &captured(0, 1)).0, Outcome::Inconclusive);
        let unseen = [hop(Outcome::NotFound), hop(Outcome::Inconclusive)];
        assert_eq!(judged(true, &unseen, &captured(0, 1)).0, Outcome::Inconclusive);
    }

    #[test]
    fn what_was_found_is_found_whatever_else_is_not_known() {
        let hops = [hop(Outcome::Inconclusive), hop(Outcome::Found)];
        assert_eq!(judged(false, &hops, &captured(0, 0)).0, Outcome::Found);
    }
}
