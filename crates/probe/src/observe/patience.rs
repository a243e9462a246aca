//! When to stop asking: an endpoint has so much time and so many connections, and one that has ceased to answer
//! is left alone for longer and longer, and then for good.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use hermetic_tls::Randomness;
use tokio::time::{Instant, sleep, sleep_until};

use super::Manners;
use crate::way::{SPENT, Way};

/// How often in a row an endpoint may fail to answer what it answered before.
const FAILURES: u32 = 3;

/// How often a question that met silence is asked again while others are answered: so often, and once more for each
/// that was answered only then.
const REPEATS: u32 = 2;

/// How often at the most.
const MOST_REPEATS: u32 = 6;

/// The patience with one endpoint.
#[derive(Debug)]
pub(super) struct Patience {
    until: Instant,
    way: Way,
    connections: AtomicU32,
    failures: AtomicU32,
    /// Questions that met silence, and were answered when they were asked again.
    losses: AtomicU32,
    /// Until when nothing is asked.
    paused: Mutex<Option<Instant>>,
}

impl Patience {
    pub(super) fn new(manners: &Manners) -> Self {
        Self {
            until: Instant::now() + manners.deadline,
            way: manners.way.clone(),
            connections: AtomicU32::new(0),
            failures: AtomicU32::new(0),
            losses: AtomicU32::new(0),
            paused: Mutex::new(None),
        }
    }

    /// How many connections were opened so far.
    pub(super) fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Why no more is asked, where that is so.
    pub(super) fn is_over(&self) -> Option<&'static str> {
        if self.failures.load(Ordering::Relaxed) >= FAILURES {
            return Some("it has ceased to answer");
        }
        if self.way.is_spent() {
            return Some(SPENT);
        }
        (Instant::now() >= self.until).then_some("it had all the time that one target may have")
    }

    /// Waits for a pause to end, and counts a connection; or says why there are no more.
    pub(super) async fn connection(&self) -> Result<(), &'static str> {
        let paused = *self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = paused {
            sleep_until(until.min(self.until)).await;
        }
        if let Some(over) = self.is_over() {
            return Err(over);
        }
        self.connections.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// It met with silence what it answers.
    pub(super) fn lost(&self) {
        self.losses.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a question is asked again before silence is a refusal.
    pub(super) fn repeats(&self) -> u32 {
        REPEATS.saturating_add(self.losses.load(Ordering::Relaxed)).min(MOST_REPEATS)
    }

    /// Lets some time pass before a question is asked again, twice as long each time. How long exactly is left to
    /// chance, so that questions that were lost together do not come together again.
    pub(super) async fn wait(&self, manners: &Manners, silences: u32, randomness: &dyn Randomness) {
        let most = (manners.back_off / 8 * 2_u32.saturating_pow(silences)).min(manners.back_off);
        let mut chance = [0];
        // Where there is none it is waited the same each time.
        randomness.fill(&mut chance).ok();
        let [chance] = chance.map(u32::from);
        sleep(most / 2 + most * chance / 510).await;
    }

    /// It does not answer what it answered before: whoever asks it waits, twice as long each time.
    pub(super) fn pause(&self, manners: &Manners) {
        let failures = self.failures.load(Ordering::Relaxed);
        let until = Instant::now() + manners.back_off * 2_u32.saturating_pow(failures);
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |other| other.max(until)));
    }

    /// It answered, or it did not, behind a pause.
    pub(super) fn answered(&self, answered: bool) {
        if answered {
            self.failures.store(0, Ordering::Relaxed);
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}
