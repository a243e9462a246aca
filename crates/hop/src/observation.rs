//! What one end has seen of one hop since it started.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cleartext::CleartextSeen;
use crate::evidence::{Evidence, Transport, View};
use crate::party::HopName;
use crate::report::Counts;

/// Different reasons of failure that are counted apart, at most: they may hold text that strangers
/// chose, and must not fill the memory.
const REASONS: usize = 64;

/// What one end has seen of one hop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The hop.
    pub hop: HopName,
    /// Which end of it we are.
    pub view: View,
    /// The evidence of the latest connection.
    pub latest: Option<Evidence>,
    /// The latest time that nothing could go over the hop.
    pub refusal: Option<Refusal>,
    /// What went in cleartext, where anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleartext: Option<CleartextSeen>,
    /// Whether TLS would have been possible where cleartext is spoken, when it was last tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<TlsTrial>,
    /// Since the start.
    pub counts: Counts,
    /// What else there is to know: of many logged connections, which share the evidence stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A connection that did not come to stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// At which step.
    pub step: Step,
    /// Why.
    pub reason: String,
}

/// A handshake beside connections in cleartext, to tell whether the far end is ready for TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsTrial {
    /// When.
    pub at: Timestamp,
    /// What stood against it; `None`: it came to stand, and the far end was verified.
    pub problem: Option<String>,
}

/// The step at which a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The far end could not be reached.
    Connect,
    /// The handshake failed: somebody was there, but not as demanded.
    Handshake,
    /// Somebody was there, and answered in cleartext where TLS is demanded.
    Cleartext,
}

impl Observation {
    /// Nothing seen yet.
    pub fn new(hop: HopName, view: View) -> Self {
        let counts = Counts::default();
        Self { hop, view, latest: None, refusal: None, cleartext: None, trial: None, counts, note: None }
    }

    /// A connection came to stand.
    pub fn connected(&mut self, evidence: &Evidence) {
        self.connected_from(evidence, None);
    }

    /// A connection from this address came to stand.
    pub fn connected_from(&mut self, evidence: &Evidence, address: Option<IpAddr>) {
        self.stood(evidence, address, 1);
    }

    /// So many connections came to stand that were all like this one, the latest.
    pub fn connected_often(&mut self, evidence: &Evidence, times: u64) {
        self.stood(evidence, None, times);
    }

    fn stood(&mut self, evidence: &Evidence, address: Option<IpAddr>, times: u64) {
        let counts = &mut self.counts;
        counts.connections += times;
        if let Transport::Cleartext { .. } = &evidence.transport {
            counts.cleartext += times;
            let seen = self.cleartext.get_or_insert_with(|| CleartextSeen::first(evidence));
            seen.again(evidence);
            seen.from.came_from(address, times);
        }
        if let Transport::Tls(facts) = &evidence.transport {
            counts.resumed += if facts.resumed { times } else { 0 };
            let seen = [
                (&mut counts.versions, facts.version.map(|version| version.to_string())),
                (&mut counts.suites, facts.suite.map(|suite| suite.to_string())),
                (&mut counts.groups, facts.group.map(|group| group.to_string())),
            ];
            for (tally, name) in seen {
                if let Some(name) = name {
                    *tally.entry(name).or_default() += times;
                }
            }
        }
        self.latest = Some(evidence.clone());
    }

    /// A connection did not come to stand; another may have, in its place.
    pub fn failed(&mut self, reason: &str) {
        self.failed_often(reason, 1);
    }

    /// So many connections did not come to stand, for one reason.
    pub fn failed_often(&mut self, reason: &str, times: u64) {
        self.counts.failed += times;
        let failures = &mut self.counts.failures;
        let known = failures.contains_key(reason) || failures.len() < REASONS;
        *failures.entry(if known { reason } else { "other" }.to_owned()).or_default() += times;
    }

    /// Nothing goes over the hop, since no connection came to stand.
    pub fn refused(&mut self, at: Timestamp, step: Step, reason: &str) {
        self.refusal = Some(Refusal { at, step, reason: reason.to_owned() });
    }

    /// Puts the observations of several workers together, one for each hop and view.
    pub fn merged(observations: impl IntoIterator<Item = Observation>) -> Vec<Observation> {
        let mut merged: HashMap<(HopName, View), Observation> = HashMap::new();
        for other in observations {
            match merged.entry((other.hop.clone(), other.view)) {
                Entry::Vacant(entry) => {
                    entry.insert(other);
                }
                Entry::Occupied(mut entry) => entry.get_mut().absorb(other),
            }
        }
        let mut merged: Vec<_> = merged.into_values().collect();
        merged.sort_by(|a, b| a.hop.cmp(&b.hop));
        merged
    }

    fn absorb(&mut self, other: Observation) {
        self.counts.add(&other.counts);
        match (&mut self.cleartext, other.cleartext) {
            (Some(mine), Some(theirs)) => mine.add(&theirs),
            (mine, theirs) => *mine = mine.take().or(theirs),
        }
        if other.trial.as_ref().map(|trial| trial.at) > self.trial.as_ref().map(|trial| trial.at) {
            self.trial = other.trial;
        }
        let at = |evidence: &Option<Evidence>| evidence.as_ref().map(|evidence| evidence.at);
        if at(&other.latest) > at(&self.latest) {
            self.latest = other.latest;
            self.note = other.note;
        }
        if other.refusal.as_ref().map(|refusal| refusal.at) > self.refusal.as_ref().map(|refusal| refusal.at)
        {
            self.refusal = other.refusal;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{facts, hour, name, seen};

    fn hop() -> HopName {
        name("edge → app")
    }

    #[test]
    fn connections_are_counted_by_version_suite_and_group() {
        let mut observation = Observation::new(hop(), View::Client);
        observation.connected(&seen(View::Client, facts()));
        observation.connected(&seen(View::Client, crate::TlsFacts { resumed: true, ..facts() }));
        let counts = &observation.counts;
        assert_eq!((counts.connections, counts.resumed), (2, 1));
        assert_eq!(counts.versions.get("TLSv1.3"), Some(&2));
        assert_eq!(counts.groups.get("X25519"), Some(&2));
    }

    #[test]
    fn connections_that_are_told_at_once_count_as_if_told_one_by_one() {
        let (mut one_by_one, mut at_once) =
            (Observation::new(hop(), View::Client), Observation::new(hop(), View::Client));
        let evidence = seen(View::Client, facts());
        (0..3).for_each(|_| one_by_one.connected(&evidence));
        (0..2).for_each(|_| one_by_one.failed("away"));
        at_once.connected_often(&evidence, 3);
        at_once.failed_often("away", 2);
        assert_eq!(one_by_one, at_once);
    }

    #[test]
    fn reasons_that_strangers_make_up_do_not_fill_the_memory() {
        let mut observation = Observation::new(hop(), View::Server);
        for reason in 0..1000 {
            observation.failed(&format!("reason {reason}"));
        }
        assert_eq!(observation.counts.failed, 1000);
        assert_eq!(observation.counts.failures.len(), REASONS + 1);
        assert_eq!(observation.counts.failures.values().sum::<u64>(), 1000);
    }

    #[test]
    fn workers_observations_are_merged_and_the_latest_evidence_stands() {
        let mut early = Observation::new(hop(), View::Client);
        early.connected(&seen(View::Client, facts()));
        let mut late = early.clone();
        late.connected(&Evidence { at: hour(1), ..seen(View::Client, facts()) });
        let server = Observation::new(hop(), View::Server);
        let merged = Observation::merged([late, server, early]);
        assert_eq!(merged.len(), 2);
        let client = merged.iter().find(|merged| merged.view == View::Client).unwrap();
        assert_eq!(client.counts.connections, 3);
        assert_eq!(client.latest.as_ref().unwrap().at, hour(1));
    }
}
