//! What was seen last of each target, and what has changed since.

use std::collections::{BTreeMap, BTreeSet};

use hermetic_hop::Verdict;
use jiff::Timestamp;
use serde::Serialize;

use super::super::report::Report;
use super::facts::{self, Fact};

/// What was seen last of each target.
#[derive(Debug)]
pub(super) struct Watched {
    /// Whether each address behind a name is watched apart.
    each_address: bool,
    /// Whether all targets were seen once: what is new from then on has changed.
    is_complete: bool,
    targets: BTreeMap<String, Places>,
}

/// What was seen of one target: in all, or at each of its addresses; `None` where it had none.
type Places = BTreeMap<Option<String>, BTreeSet<Fact>>;

/// `hermetic.scan.change/1`: what has changed at a target.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    schema: &'static str,
    pub(super) target: String,
    pub(super) address: Option<String>,
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
        Self { each_address, is_complete: false, targets: BTreeMap::new() }
    }

    /// All targets have been seen once.
    pub(super) fn complete(&mut self) {
        self.is_complete = true;
    }

    /// What has changed since this target was seen last; `None` where nothing has, or it is seen first.
    pub(super) fn compare(&mut self, report: &Report) -> Option<Change> {
        let places = self.targets.entry(report.target.clone()).or_default();
        let change = match (self.each_address, &report.address) {
            (false, _) => at(places, &None, report),
            (true, Some(_)) => {
                let change = at(places, &report.address, report);
                places.remove(&None);
                change
            }
            (true, None) => everywhere(places, report),
        };
        change.filter(|change| self.is_complete && !(change.added.is_empty() && change.removed.is_empty()))
    }
}

/// What has changed in one place. One that is new is compared with the target as it was without any.
fn at(places: &mut Places, place: &Option<String>, report: &Report) -> Option<Change> {
    let before = places.get(place).or_else(|| places.get(&None)).cloned().unwrap_or_default();
    let now = still(&before, report);
    let change = Change::of(report, &before, &now);
    places.insert(place.clone(), now);
    Some(change)
}

/// The name leads nowhere: that is so of each address that it had.
fn everywhere(places: &mut Places, report: &Report) -> Option<Change> {
    if places.is_empty() {
        return at(places, &None, report);
    }
    let before: BTreeSet<Fact> = places.values().flatten().cloned().collect();
    places.values_mut().for_each(|facts| *facts = still(facts, report));
    let now: BTreeSet<Fact> = places.values().flatten().cloned().collect();
    Some(Change::of(report, &before, &now))
}

/// What holds now: what the report says, and what it can't tell from what was so before.
fn still(before: &BTreeSet<Fact>, report: &Report) -> BTreeSet<Fact> {
    let mut now = facts::of(report);
    now.extend(before.iter().filter(|fact| !fact.would_show_in(report)).cloned());
    now
}

impl Change {
    fn of(report: &Report, before: &BTreeSet<Fact>, now: &BTreeSet<Fact>) -> Self {
        let told = |facts: &BTreeSet<Fact>, others: &BTreeSet<Fact>| {
            facts.difference(others).map(ToString::to_string).collect()
        };
        Self {
            schema: "hermetic.scan.change/1",
            target: report.target.clone(),
            address: report.address.clone(),
            at: report.at(),
            verdict: report.verdict(),
            reason: report.reason.clone(),
            added: told(now, before),
            removed: told(before, now),
        }
    }
}
