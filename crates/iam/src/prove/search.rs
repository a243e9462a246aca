//! The search in settled circumstances, action by action.

use std::collections::HashSet;

use super::budget::Budget;
use super::circumstances::{Circumstances, Known, tells_of_caller};
use super::classes::Class;
use super::corner::{Corner, Memory};
use super::{variables, variables_of};
use crate::document::{Key, Principal, Statement};
use crate::matching::{concerns, holds, names};
use crate::request::{Context, Request};

/// What a Deny does that is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It denies, as far as it can be told.
    Denies,
    /// It misses.
    Misses,
}

/// What a Deny does in settled circumstances, where it is about the action and the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    /// It misses.
    Misses,
    /// It denies, or misses by a key that is free.
    MayDeny,
    /// It denies: nothing of it is left to choose.
    Denies,
}

/// What all searches share: the Denies, and the classes of actions.
pub(super) struct Ground<'a> {
    pub(super) denials: &'a [&'a Statement],
    /// Why it is in doubt, of each.
    pub(super) doubts: &'a [Option<String>],
    pub(super) classes: Vec<Class<'a>>,
    /// The keys that Denies test or name.
    pub(super) keys: Vec<Key>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        denials: &'a [&'a Statement],
        doubts: &'a [Option<String>],
        classes: Vec<Class<'a>>,
    ) -> Self {
        let tested = denials.iter().flat_map(|denial| &denial.tests).map(|test| test.key.clone());
        let named = denials.iter().flat_map(|denial| variables(denial));
        let mut keys: Vec<Key> = tested.chain(named.filter_map(|key| Key::read(key).ok())).collect();
        keys.sort_unstable();
        keys.dedup();
        Self { denials, doubts, classes, keys }
    }

    /// How much has to be looked at for each of the circumstances.
    pub(super) fn size(&self) -> usize {
        let of = |denial: &&Statement| {
            let principals = denial.principals.as_ref().map_or(0, |principals| principals.named.len());
            1 + principals + denial.tests.len()
        };
        self.denials.iter().map(of).sum()
    }

    /// Whether every request is denied that travels and comes in this way, whoever makes it. Most documents deny by
    /// one Deny of everybody, and then no caller has to be gone through.
    pub(super) fn is_closed(&self, way: &Circumstances<'_>, doubt: Doubt) -> bool {
        let context = self.context(way);
        let denies = |(denial, in_doubt): (&&Statement, &Option<String>)| {
            let names_all = denial.principals.as_ref().is_none_or(|principals| {
                !principals.all_but && principals.named.contains(&Principal::Everyone)
            });
            let asks_who = denial.tests.iter().any(|test| {
                // A variable may stand for something of the caller's.
                tells_of_caller(test.key.as_str()) || !variables_of(test).is_empty()
            });
            names_all
                && !asks_who
                && standing(denial, way, &context, doubt.drops(in_doubt)) == Standing::Denies
        };
        let denying: Vec<bool> = self.denials.iter().zip(self.doubts).map(denies).collect();
        self.classes.iter().all(|class| class.whole.iter().any(|place| denying.get(*place) == Some(&true)))
    }

    /// What the Denies do in these circumstances: what is settled already leaves few.
    pub(super) fn standings(
        &self,
        circumstances: &Circumstances<'_>,
        context: &Context,
        doubt: Doubt,
    ) -> Vec<Standing> {
        let caller = circumstances.caller(None);
        let standing = |(denial, in_doubt): (&&Statement, &Option<String>)| {
            let is_dropped = doubt.drops(in_doubt) || !names(denial, &caller);
            standing(denial, circumstances, context, is_dropped)
        };
        self.denials.iter().zip(self.doubts).map(standing).collect()
    }

    /// Whether the evaluator lets a request through.
    pub(super) fn confirms(&self, request: &Request) -> bool {
        self.denials.iter().all(|denial| concerns(denial, request).is_err())
    }

    /// The keys that are known in these circumstances.
    pub(super) fn context(&self, circumstances: &Circumstances<'_>) -> Context {
        circumstances.context(&self.keys)
    }

    /// Finds a request in these circumstances that no Deny is about.
    pub(super) fn search(
        &self,
        circumstances: &Circumstances<'_>,
        context: &Context,
        standings: &[Standing],
        budget: &mut Budget,
    ) -> Option<Request> {
        let (mut memory, mut seen) = (Memory::default(), HashSet::new());
        let standing = |place: &usize| standings.get(*place).copied().unwrap_or(Standing::Misses);
        for class in &self.classes {
            if class.whole.iter().any(|place| standing(place) == Standing::Denies) {
                continue;
            }
            let speak = class.denials.iter().copied().filter(|place| standing(place) != Standing::Misses);
            let speak: Vec<usize> = speak.collect();
            if !budget.spend(1 + speak.len()) {
                return None;
            }
            // Of two classes that differ in nothing that is left, one is enough.
            if !seen.insert((class.reached.kind, speak.clone())) {
                continue;
            }
            let denials =
                speak.into_iter().filter_map(|place| Some((place, *self.denials.get(place)?))).collect();
            let corner = Corner { circumstances, context, class, denials, all: self.denials };
            let found = corner.search(&mut memory, budget);
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl Doubt {
    /// Whether a Deny is left out of the search that has this reason to doubt it.
    fn drops(self, in_doubt: &Option<String>) -> bool {
        self == Self::Misses && in_doubt.is_some()
    }
}

fn standing(
    denial: &Statement,
    circumstances: &Circumstances<'_>,
    context: &Context,
    is_dropped: bool,
) -> Standing {
    if is_dropped {
        return Standing::Misses;
    }
    let mut standing = Standing::Denies;
    for test in &denial.tests {
        match circumstances.known(test.key.as_str()) {
            Known::Value(_) | Known::Absent if holds(test, context) => {}
            Known::Value(_) | Known::Absent => return Standing::Misses,
            Known::Unsure | Known::Free { .. } => standing = Standing::MayDeny,
        }
    }
    standing
}
