//! What became of hooks, for reports and metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hermetic_hop::{HopName, Observation, PartyName, View};

/// How often a hook was told something, and how often that failed to the last try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookTally {
    /// How many events it was told.
    pub done: u64,
    /// How many it could not be told.
    pub failed: u64,
}

/// What became of all hooks since the start. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<BTreeMap<PartyName, Kept>>>);

#[derive(Debug, Default)]
struct Kept {
    tally: HookTally,
    seen: Option<Seen>,
}

/// What was seen of the hop to a webhook. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Seen(Arc<Mutex<Observation>>);

impl Record {
    /// How often each hook was told.
    pub fn tallies(&self) -> Vec<(PartyName, HookTally)> {
        self.kept().iter().map(|(hook, kept)| (hook.clone(), kept.tally)).collect()
    }

    /// What was seen of the hops to webhooks.
    pub fn observations(&self) -> Vec<Observation> {
        self.kept().values().filter_map(|kept| kept.seen.as_ref()).map(|seen| seen.look().clone()).collect()
    }

    pub(super) fn told(&self, hook: &PartyName, is_done: bool) {
        let mut kept = self.kept();
        let tally = &mut kept.entry(hook.clone()).or_default().tally;
        match is_done {
            true => tally.done += 1,
            false => tally.failed += 1,
        }
    }

    pub(super) fn seen(&self, hook: &PartyName) -> Seen {
        let hop = || HopName::new(PartyName::hermetic(), hook.clone());
        let new = || Seen(Arc::new(Mutex::new(Observation::new(hop(), View::Client))));
        self.kept().entry(hook.clone()).or_default().seen.get_or_insert_with(new).clone()
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<PartyName, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    pub(super) fn look(&self) -> MutexGuard<'_, Observation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
