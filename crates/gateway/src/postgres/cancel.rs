//! Cancel: a request to stop what another connection runs. It names that connection by a key which only its
//! client and its server know, so the gateway keeps no list: the request goes to every endpoint of the
//! upstream, and one of them knows the key. So it also works where it comes to another gateway than the
//! session did.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use hermetic_hop::View;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::exchange;
use crate::leg::Leg;
use crate::upstream::{Pool, Reached};
use crate::wire::Wire;
use crate::worker::Worker;

/// Passes a cancel request on, and ends the client's connection when the server has taken it: the end is the
/// only answer that there is.
pub(super) async fn pass_on(
    worker: &Worker,
    pool: &Pool,
    packet: &[u8],
    within: Duration,
    mut client: Leg<TcpStream>,
) {
    // All at once: one that is down must not hold up the one that knows the key.
    let mut under_way: Vec<_> = pool
        .each(worker)
        .map(|reaching| {
            Box::pin(async {
                let Ok(Reached { mut leg, sighted }) = reaching.await else { return };
                if tokio::time::timeout(within, hand_over(&mut leg, packet)).await.is_ok() {
                    worker.ledger().passed(sighted.hop(), View::Client, 0, packet.len() as u64);
                }
            })
        })
        .collect();
    poll_fn(|cx| {
        under_way.retain_mut(|one| one.as_mut().poll(cx).is_pending());
        if under_way.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    // At once: a client waits for it before it goes on.
    let _ = tokio::time::timeout(Duration::from_secs(1), client.shutdown()).await;
}

/// Sends it, and waits until the server has closed: it has signalled by then.
async fn hand_over(leg: &mut Leg<Wire>, packet: &[u8]) {
    if exchange::send(leg, packet).await.is_err() {
        return;
    }
    let mut nothing = [0; 16];
    while leg.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
}
