//! What was seen last of each target, and what has changed since.

use std::collections::{BTreeMap, BTreeSet};

use hermetic_hop::{HopName, Verdict};
use hermetic_tls::Identity;
use jiff::Timestamp;
use serde::Serialize;

use super::super::report::Report;
use super::super::targets::Named;
use super::facts::{self, Fact};

/// What was seen last of each target.
#[derive(Debug)]
pub(super) struct Watched {
    /// Whether each address behind a name is watched apart.
    each_address: bool,
    /// How many times all targets were seen: what is new after the first has changed.
    rounds: u64,
    targets: BTreeMap<Who, Places>,
}

/// What tells a target from others: one endpoint may be looked at by several names, policies and hops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    endpoint: String,
    expected: Identity,
    policy: String,
    hop: Option<HopName>,
}

/// What was seen of one target: in all, or at each of its addresses; `None` where it had none.
type Places = BTreeMap<Option<String>, Place>;

#[derive(Clone, Debug, Default)]
struct Place {
    facts: BTreeSet<Fact>,
    /// In which round it was seen last.
    round: u64,
}

const SCHEMA: &str = "hermetic.scan.change/1";

/// `hermetic.scan.change/1`: what has changed at a target.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    schema: &'static str,
    pub(super) target: String,
    pub(super) address: Option<String>,
    /// The hop of a configuration whose far end it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hop: Option<String>,
    pub(super) at: Timestamp,
    pub(super) verdict: Verdict,
    pub(super) reason: String,
    /// What is there now and was not.
    pub(super) added: Vec<String>,
    /// What was there and is not any more.
    pub(super) removed: Vec<String>,
}

impl Watched {
    /// Nothing yet.
    pub(super) fn new(each_address: bool) -> Self {
        Self { each_address, rounds: 0, targets: BTreeMap::new() }
    }

    /// All targets have been seen once more. Tells of those that were not among them, and of addresses that a name
    /// leads to no more, and forgets them.
    pub(super) fn complete(&mut self, at: Timestamp) -> Vec<Change> {
        let round = self.rounds;
        let mut gone = Vec::new();
        for (who, places) in &mut self.targets {
            let is_here = places.values().any(|place| place.round == round);
            let reason = if is_here { "its name leads there no more" } else { "it is no target any more" };
            places.retain(|address, place| {
                let is_seen = place.round == round;
                if !is_seen {
                    gone.push(Change::gone(who, address.as_ref(), place, reason, at));
                }
                is_seen
            });
        }
        self.targets.retain(|_, places| !places.is_empty());
        self.rounds += 1;
        gone
    }

    /// What has changed since this target was seen last; `None` where nothing has, or it is seen first.
    pub(super) fn compare(&mut self, named: &Named, report: &Report) -> Option<Change> {
        let (who, round) = (Who::of(named), self.rounds);
        let hop = named.hop.as_ref().map(|hop| hop.name.to_string());
        let places = self.targets.entry(who).or_default();
        let (before, now) = match (self.each_address, &report.address) {
            (false, _) => at(places, &None, report, round),
            (true, Some(_)) => {
                let seen = at(places, &report.address, report, round);
                places.remove(&None);
                seen
            }
            (true, None) => everywhere(places, report, round),
        };
        let change = Change::of(report, hop, &before, &now);
        (round > 0 && !(change.added.is_empty() && change.removed.is_empty())).then_some(change)
    }
}

impl Who {
    fn of(named: &Named) -> Self {
        let Named { target, hop } = named;
        Self {
            endpoint: target.endpoint.to_string(),
            expected: target.expected.clone(),
            policy: target.policy.full_name(),
            hop: hop.as_ref().map(|hop| hop.name.clone()),
        }
    }
}

/// What was so in one place, and what is. One that is new is compared with the target as it was without any.
fn at(
    places: &mut Places,
    address: &Option<String>,
    report: &Report,
    round: u64,
) -> (BTreeSet<Fact>, BTreeSet<Fact>) {
    let before = places.get(address).or_else(|| places.get(&None));
    let before = before.map(|place| place.facts.clone()).unwrap_or_default();
    let now = still(&before, report);
    places.insert(address.clone(), Place { facts: now.clone(), round });
    (before, now)
}

/// The name leads nowhere: that is so of each address that it had.
fn everywhere(places: &mut Places, report: &Report, round: u64) -> (BTreeSet<Fact>, BTreeSet<Fact>) {
    if places.is_empty() {
        return at(places, &None, report, round);
    }
    let all = |places: &Places| places.values().flat_map(|place| place.facts.clone()).collect();
    let before = all(places);
    for place in places.values_mut() {
        *place = Place { facts: still(&place.facts, report), round };
    }
    (before, all(places))
}

/// What holds now: what the report says, and what it can't tell from what was so before.
fn still(before: &BTreeSet<Fact>, report: &Report) -> BTreeSet<Fact> {
    let mut now = facts::of(report);
    now.extend(before.iter().filter(|fact| !fact.would_show_in(report)).cloned());
    now
}

impl Change {
    fn of(report: &Report, hop: Option<String>, before: &BTreeSet<Fact>, now: &BTreeSet<Fact>) -> Self {
        let told = |facts: &BTreeSet<Fact>, others: &BTreeSet<Fact>| {
            facts.difference(others).map(ToString::to_string).collect()
        };
        Self {
            schema: SCHEMA,
            target: report.target.clone(),
            address: report.address.clone(),
            hop,
            at: report.at(),
            verdict: report.verdict(),
            reason: report.reason.clone(),
            added: told(now, before),
            removed: told(before, now),
        }
    }

    /// Nothing is known any more of what is not looked at.
    fn gone(who: &Who, address: Option<&String>, place: &Place, reason: &str, at: Timestamp) -> Self {
        Self {
            schema: SCHEMA,
            target: who.endpoint.clone(),
            address: address.cloned(),
            hop: who.hop.as_ref().map(ToString::to_string),
            at,
            verdict: Verdict::Unknown,
            reason: reason.to_owned(),
            added: Vec::new(),
            removed: place.facts.iter().map(ToString::to_string).collect(),
        }
    }
}
