//! What was seen of each hop since the start: the latest evidence, the latest failure, counts.
//! Each worker has a ledger of its own, and only a report reads it from outside.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use hermetic_hop::{Evidence, HopName, Observation, Step, View};
use jiff::Timestamp;

/// The observations of one worker.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    hops: HashMap<(HopName, View), Observation>,
}

impl Ledger {
    /// A connection came to stand.
    pub fn connected(&mut self, hop: &HopName, evidence: &Evidence) {
        self.observation(hop, evidence.view).connected(evidence);
    }

    /// Nothing goes over the hop, since no connection came to stand.
    pub fn refused(&mut self, hop: &HopName, view: View, at: Timestamp, step: Step, reason: &str) {
        self.observation(hop, view).refused(at, step, reason);
    }

    /// A connection did not come to stand; another may have, in its place.
    pub fn failed(&mut self, hop: &HopName, view: View, reason: &str) {
        self.observation(hop, view).failed(reason);
    }

    /// A request went over the hop, with so many body bytes from its far end and to it.
    pub fn requested(&mut self, hop: &HopName, view: View, received: u64, sent: u64) {
        self.observation(hop, view).counts.requests += 1;
        self.passed(hop, view, received, sent);
    }

    /// So many bytes passed from the hop's far end and to it.
    pub fn passed(&mut self, hop: &HopName, view: View, received: u64, sent: u64) {
        let counts = &mut self.observation(hop, view).counts;
        counts.bytes_received += received;
        counts.bytes_sent += sent;
    }

    /// A secret came in cleartext.
    pub fn credential_exposed(&mut self, hop: &HopName) {
        self.observation(hop, View::Server).counts.credential_exposed += 1;
    }

    /// Everything seen so far.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.hops.values()
    }

    fn observation(&mut self, hop: &HopName, view: View) -> &mut Observation {
        match self.hops.entry((hop.clone(), view)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Observation::new(hop.clone(), view)),
        }
    }
}
