//! What was seen of each hop since the start: the latest evidence, the latest failure, counts.
//! Each worker has a ledger of its own, and only a report reads it from outside.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use hermetic_guard::{Fired, Tally};
use hermetic_hop::{Evidence, HopName, Observation, PartyName, Step, TlsTrial, View};
use hermetic_permit::Service;
use hermetic_tls::{KeyUpdates, PeerCertificateProblem};
use jiff::Timestamp;

use super::{GuardCount, PolicyCount, PolicyDecision};

/// The observations of one worker.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    hops: HashMap<(HopName, View), Observation>,
    guarded: HashMap<PartyName, Tally>,
    judged: HashMap<(PartyName, Service, PolicyDecision), u64>,
    /// Counted by the connections themselves while they last.
    key_updates: HashMap<(HopName, View), KeyUpdates>,
}

/// Why a live connection is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lapse {
    /// A certificate of its client was revoked.
    Revoked,
    /// A certificate of its client has run out.
    Expired,
}

impl Lapse {
    fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl Ledger {
    /// A connection came to stand.
    pub fn connected(&mut self, hop: &HopName, evidence: &Evidence) {
        self.observation(hop, evidence.view).connected(evidence);
    }

    /// A client's connection came to stand in cleartext.
    pub fn came_in_cleartext(&mut self, hop: &HopName, evidence: &Evidence, from: IpAddr) {
        self.observation(hop, evidence.view).connected_from(evidence, Some(from));
    }

    /// Nothing goes over the hop, since no connection came to stand.
    pub fn refused(&mut self, hop: &HopName, view: View, at: Timestamp, step: Step, reason: &str) {
        self.observation(hop, view).refused(at, step, reason);
    }

    /// A connection did not come to stand; another may have, in its place.
    pub fn failed(&mut self, hop: &HopName, view: View, reason: &str) {
        self.observation(hop, view).failed(reason);
    }

    /// TLS was tried beside cleartext.
    pub fn tried(&mut self, hop: &HopName, at: Timestamp, problem: Option<String>) {
        self.observation(hop, View::Client).trial = Some(TlsTrial { at, problem });
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

    /// So many connections were ended before their time.
    pub fn ended(&mut self, hop: &HopName, why: Lapse, connections: usize) {
        let ended = &mut self.observation(hop, View::Server).counts.ended;
        *ended.entry(why.as_str().to_owned()).or_default() += connections as u64;
    }

    /// The certificate of a client was refused.
    pub fn certificate_refused(&mut self, hop: &HopName, problem: &PeerCertificateProblem) {
        let refused = &mut self.observation(hop, View::Server).counts.refused_certificates;
        *refused.entry(problem.kind().to_owned()).or_default() += 1;
    }

    /// A secret came in cleartext.
    pub fn credential_exposed(&mut self, hop: &HopName) {
        self.observation(hop, View::Server).counts.credential_exposed += 1;
    }

    /// Rules of the guard fired on a listener.
    pub fn guarded(&mut self, listener: &PartyName, fired: Fired) {
        if fired.is_empty() {
            return;
        }
        match self.guarded.get_mut(listener) {
            Some(tally) => tally.add(fired),
            None => self.guarded.entry(listener.clone()).or_default().add(fired),
        }
    }

    /// What the guard did so far.
    pub fn guard_counts(&self) -> impl Iterator<Item = GuardCount> {
        self.guarded.iter().flat_map(|(listener, tally)| {
            tally.iter().map(|(rule, action, count)| GuardCount {
                listener: listener.clone(),
                rule,
                action,
                count,
            })
        })
    }

    /// Policy documents decided about a request to a service.
    pub fn judged(&mut self, listener: &PartyName, service: Service, decision: PolicyDecision) {
        *self.judged.entry((listener.clone(), service, decision)).or_default() += 1;
    }

    /// What policy documents decided so far.
    pub fn policy_counts(&self) -> impl Iterator<Item = PolicyCount> {
        self.judged.iter().map(|((listener, service, decision), count)| PolicyCount {
            listener: listener.clone(),
            service: service.to_string(),
            decision: *decision,
            count: *count,
        })
    }

    /// Where connections over a hop count their key updates.
    pub fn key_updates(&mut self, hop: &HopName, view: View) -> KeyUpdates {
        self.key_updates.entry((hop.clone(), view)).or_default().clone()
    }

    /// Everything seen so far.
    pub fn observations(&self) -> impl Iterator<Item = Observation> {
        self.hops.iter().map(|(hop, seen)| {
            let mut seen = seen.clone();
            seen.counts.key_updates = self.key_updates.get(hop).map_or(0, KeyUpdates::begun);
            seen
        })
    }

    fn observation(&mut self, hop: &HopName, view: View) -> &mut Observation {
        match self.hops.entry((hop.clone(), view)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Observation::new(hop.clone(), view)),
        }
    }
}
