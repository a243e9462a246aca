//! The turnstile before the first cryptographic operation: of a worker's handshakes, one begins in each
//! turn of its event loop. In a turn, whatever has come on connections that stand is served first, so a
//! storm of handshakes delays a request by one of them and not by all (Envoy's users measured what
//! happens without: envoyproxy/envoy#20727).
//!
//! How many may be under way is a limit of the listener, over all workers. At the limit, a newcomer
//! takes the place of a client that has more under way than it, or of the oldest that has kept its
//! place for a second: a handshake whose client never answers costs nothing but the place.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hermetic_config::Limits;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, timeout};

use super::admission::Handshaking;

use super::places::{Place, Places};
use super::queue::FairQueue;
use super::{Admission, ClientKey, Counts, Limit, give_back, take};

/// Handshakes that wait before one worker, at most: a quarter of a second of work at 250 µs each.
const WAITING: usize = 1024;

/// How long a handshake waits, at most. A client that waited longer would wait in vain: it gives up, or
/// opens another connection.
const LONGEST: Duration = Duration::from_secs(2);

/// How soon places are looked for again, which other workers give back without a word.
const AGAIN: Duration = Duration::from_millis(5);

/// The turnstile of one worker. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Turnstile(Rc<State>);

#[derive(Debug)]
struct State {
    waiting: RefCell<FairQueue<ClientKey, Waiting>>,
    came: Notify,
    under_way: Places,
}

/// A handshake that waits for its turn.
#[derive(Debug)]
struct Waiting {
    counts: Arc<Counts>,
    limit: NonZeroUsize,
    turn: oneshot::Sender<UnderWay>,
}

/// A handshake under way; it gives its place back when dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    place: Place,
    counts: Arc<Counts>,
    of_client: Option<Handshaking>,
}

impl Turnstile {
    /// One that nobody waits at.
    pub fn new() -> Self {
        let waiting = RefCell::new(FairQueue::new(WAITING));
        Self(Rc::new(State { waiting, came: Notify::new(), under_way: Places::default() }))
    }

    /// Waits for the turn of a handshake; `None` where it does not come, which is counted.
    pub async fn enter(&self, limits: &Limits, admission: &Admission) -> Option<UnderWay> {
        let refused = |limit| {
            admission.refuse(limit);
            None
        };
        let Some(handshaking) = admission.handshaking(limits) else {
            return refused(Limit::HandshakesPerClient);
        };
        let counts = admission.counts().clone();
        let limit = limits.handshakes.unwrap_or_else(|| Limits::HANDSHAKES.saturating_mul(counts.workers));
        let (turn, came) = oneshot::channel();
        let waiting = Waiting { counts, limit, turn };
        // Whoever leaves learns it by the end of its channel.
        drop(self.0.waiting.borrow_mut().push(admission.key(), waiting));
        self.0.came.notify_one();
        match timeout(LONGEST, came).await {
            Ok(Ok(mut under_way)) => {
                under_way.of_client = Some(handshaking);
                Some(under_way)
            }
            Ok(Err(_)) | Err(_) => refused(Limit::Handshakes),
        }
    }

    /// Lets those who wait through, one for each turn of the event loop. Runs for ever.
    pub async fn turn(self) {
        loop {
            self.0.came.notified().await;
            while self.0.waiting.borrow().len() > 0 {
                // Returns after the event loop has looked for input once more.
                tokio::task::yield_now().await;
                if !self.let_one_through(Instant::now()) && self.0.waiting.borrow().len() > 0 {
                    sleep(AGAIN).await;
                }
            }
        }
    }

    /// Whether one could go through.
    fn let_one_through(&self, now: Instant) -> bool {
        let mut waiting = self.0.waiting.borrow_mut();
        waiting.forget(|one| one.turn.is_closed());
        let through = waiting.pop(|client, one| match self.place(*client, &one, now) {
            Some(under_way) => Ok((one.turn, under_way)),
            None => Err(one),
        });
        drop(waiting);
        // Where it has just gone, its place goes back.
        through.map(|(turn, under_way)| turn.send(under_way)).is_some()
    }

    /// A place for a handshake of `client`: a free one, or another's.
    fn place(&self, client: ClientKey, one: &Waiting, now: Instant) -> Option<UnderWay> {
        let (places, owner) = (&self.0.under_way, one.counts.owner(client));
        if !take(&one.counts.handshakes, one.limit.get()) {
            places.leave_to(owner, now)?;
        }
        Some(UnderWay { place: places.take(owner, now), counts: one.counts.clone(), of_client: None })
    }
}

impl UnderWay {
    /// Runs the handshake; `None` where it had to leave its place to another.
    pub async fn run<T>(self, handshake: impl Future<Output = T>) -> Option<T> {
        self.place.hold(handshake).await
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // One that had to leave has given its place to whoever came for it.
        if self.place.is_held() {
            give_back(&self.counts.handshakes);
        }
    }
}

#[cfg(test)]
mod tests;
