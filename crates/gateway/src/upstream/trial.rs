//! Trial: beside the cleartext of `observe` a handshake now and then, whose outcome tells the owner when
//! it is time to move on. Nothing is sent over it.

use std::sync::Arc;

use hermetic_tls::ClientHandshake;
use tokio::time::timeout;

use super::error::UpstreamError;
use super::place::{Target, Wanted};
use super::reach::{connected, shake_hands};
use super::speech::Speech;
use crate::snapshot::{HopSnapshot, TransportSnapshot};
use crate::worker::Worker;

/// Tries TLS in the background, where it is due and the configuration says whom to expect.
pub(super) fn now_and_then(
    worker: &Worker,
    hop: &Arc<HopSnapshot>,
    target: &Target,
    speech: &Speech,
    wanted: Wanted,
) {
    let TransportSnapshot::Cleartext { next: Some(tls), .. } = &hop.transport else { return };
    if !speech.is_trial_due() {
        return;
    }
    let handshake = if wanted == Wanted::Bytes { tls.bytes.clone() } else { tls.any.clone() };
    let (hop, target, book) = (hop.clone(), target.clone(), worker.book());
    tokio::task::spawn_local(async move {
        let problem = problem(&hop, &target, &handshake).await;
        book.tried(&hop.name, |at| problem.map(|error| error.reason(&hop.name.to, at)));
    });
}

/// What stands against TLS; `None` where it came to stand.
async fn problem(hop: &HopSnapshot, target: &Target, handshake: &ClientHandshake) -> Option<UpstreamError> {
    let trial = async { shake_hands(hop, target, handshake, connected(target).await?).await.map(drop) };
    let after = hop.connect_timeout;
    match timeout(after, trial).await {
        Ok(outcome) => outcome.err(),
        Err(_) => Some(UpstreamError::ConnectTimeout { endpoint: target.endpoint.to_string(), after }),
    }
}
