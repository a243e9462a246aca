//! The search in settled circumstances, action by action.

use std::collections::HashSet;

use super::budget::Budget;
use super::circumstances::{Circumstances, Known, tells_of_caller};
use super::classes::Class;
use super::corner::{Corner, Memory};
use super::variables;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It misses.
    Misses,
    /// It denies: nothing of it is left to choose.
    Denies,
    /// It denies, or misses by a key that is free.
    MayDeny,
    /// The same, and what is free or what it names differs from caller to caller.
    AsksWho,
}

/// What all searches share: the Denies, and the classes of actions.
pub(super) struct Ground<'a> {
    pub(super) denials: &'a [&'a Statement],
    /// Why it is in doubt, of each.
    doubts: &'a [Option<String>],
    classes: Vec<Class<'a>>,
    /// The keys that Denies test or name.
    keys: Vec<Key>,
    /// Whether it has variables, of each: they may stand for something of the caller's.
    varying: Vec<bool>,
}

/// The Denies, on a type of resources, that no request misses, whoever makes it.
pub(super) type Refuted = HashSet<(&'static str, Vec<usize>)>;

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
        let varying = denials.iter().map(|denial| !variables(denial).is_empty()).collect();
        Self { denials, doubts, classes, keys, varying }
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
        let names_all = |denial: &Statement| {
            denial.principals.as_ref().is_none_or(|principals| {
                !principals.all_but && principals.named.contains(&Principal::Everyone)
            })
        };
        let asks_who =
            |denial: &Statement| denial.tests.iter().any(|test| tells_of_caller(test.key.as_str()));
        let denies = |place: usize, denial: &Statement| {
            names_all(denial)
                && !asks_who(denial)
                && self.standing(place, denial, way, &context, doubt) == Standing::Denies
        };
        let denying: Vec<bool> =
            self.denials.iter().enumerate().map(|(place, it)| denies(place, it)).collect();
        self.classes.iter().all(|class| class.whole.iter().any(|place| denying.get(*place) == Some(&true)))
    }

    /// What the Denies do in these circumstances: what is settled already leaves few.
    fn standings(&self, circumstances: &Circumstances<'_>, context: &Context, doubt: Doubt) -> Vec<Standing> {
        let caller = circumstances.caller(None);
        let standing = |(place, denial): (usize, &&Statement)| match names(denial, &caller) {
            true => self.standing(place, denial, circumstances, context, doubt),
            false => Standing::Misses,
        };
        self.denials.iter().enumerate().map(standing).collect()
    }

    /// What a Deny does that names the caller.
    fn standing(
        &self,
        place: usize,
        denial: &Statement,
        circumstances: &Circumstances<'_>,
        context: &Context,
        doubt: Doubt,
    ) -> Standing {
        if doubt == Doubt::Misses && self.doubts.get(place).is_some_and(Option::is_some) {
            return Standing::Misses;
        }
        let mut standing = match self.varying.get(place) {
            Some(true) => Standing::AsksWho,
            _ => Standing::Denies,
        };
        for test in &denial.tests {
            match circumstances.known(test.key.as_str()) {
                Known::Value(_) | Known::Absent if holds(test, context) => {}
                Known::Value(_) | Known::Absent => return Standing::Misses,
                Known::Free { .. } if tells_of_caller(test.key.as_str()) => standing = Standing::AsksWho,
                Known::Unsure | Known::Free { .. } => standing = standing.max(Standing::MayDeny),
            }
        }
        standing
    }

    /// Whether the evaluator lets a request through.
    pub(super) fn confirms(&self, request: &Request) -> bool {
        self.denials.iter().all(|denial| concerns(denial, request).is_err())
    }

    /// The keys that are known in these circumstances.
    fn context(&self, circumstances: &Circumstances<'_>) -> Context {
        circumstances.context(&self.keys)
    }

    /// Finds a request in these circumstances that no Deny is about.
    pub(super) fn search(
        &self,
        circumstances: &Circumstances<'_>,
        doubt: Doubt,
        refuted: &mut Refuted,
        budget: &mut Budget,
    ) -> Option<Request> {
        let context = &self.context(circumstances);
        let standings = self.standings(circumstances, context, doubt);
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
            // Of two classes that differ in nothing that is left, one is enough; of two callers, too, where it does
            // not matter who they are.
            let asks_who = speak.iter().any(|place| standing(place) == Standing::AsksWho);
            let seen = if asks_who { &mut seen } else { &mut *refuted };
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
