//! The search in settled circumstances, action by action.

use std::collections::HashSet;

use super::budget::Budget;
use super::circumstances::{CallerKind, Circumstances, Known, ResourcePlace, Transport};
use super::classes::Class;
use super::corner::{Corner, Memory};
use super::{family, variables};
use crate::document::{Comparison, Statement, Test};
use crate::matching::{concerns, holds, names};
use crate::request::{Context, Request};

/// What a test that can't be decided does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It holds: its Deny is none that can be missed by it.
    Denies,
    /// Its Deny misses.
    Misses,
}

/// What all searches share: the Denies, and the classes of actions.
pub(super) struct Ground<'a> {
    pub(super) denials: &'a [&'a Statement],
    pub(super) classes: Vec<Class<'a>>,
}

impl Ground<'_> {
    /// Which Denies are left in these circumstances: what is settled already leaves few.
    pub(super) fn left(
        &self,
        circumstances: &Circumstances<'_>,
        context: &Context,
        doubt: Doubt,
    ) -> Vec<bool> {
        let caller = circumstances.caller(None);
        let left =
            |denial: &&Statement| names(denial, &caller) && is_left(denial, circumstances, context, doubt);
        self.denials.iter().map(left).collect()
    }

    /// The keys that are known in these circumstances.
    pub(super) fn context(&self, circumstances: &Circumstances<'_>) -> Context {
        circumstances.context(self.denials.iter().flat_map(|denial| {
            let tested = denial.tests.iter().map(|test| test.key.as_str());
            tested.chain(variables(denial))
        }))
    }

    /// Finds a request in these circumstances that no Deny is about.
    pub(super) fn search(
        &self,
        circumstances: &Circumstances<'_>,
        context: &Context,
        left: &[bool],
        doubt: Doubt,
        budget: &mut Budget,
    ) -> Option<Request> {
        let (mut memory, mut seen) = (Memory::default(), HashSet::new());
        for class in &self.classes {
            let speak = class.denials.iter().copied().filter(|place| left.get(*place) == Some(&true));
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
            let corner = Corner { circumstances, context, class, denials, all: self.denials, doubt };
            let request = corner.search(&mut memory, budget);
            let is_confirmed = |request: &Request| {
                doubt == Doubt::Misses || self.denials.iter().all(|denial| concerns(denial, request).is_err())
            };
            if let Some(request) = request.filter(is_confirmed) {
                return Some(request);
            }
        }
        None
    }
}

/// Whether a Deny may be about a request of these circumstances.
fn is_left(denial: &Statement, circumstances: &Circumstances<'_>, context: &Context, doubt: Doubt) -> bool {
    if doubt == Doubt::Misses && has_variables(denial, circumstances) {
        return false;
    }
    denial.tests.iter().all(|test| match circumstances.known(test.key.as_str()) {
        Known::Value(_) | Known::Absent => holds(test, context),
        Known::Unsure => doubt == Doubt::Denies,
        Known::Free { .. } => true,
    })
}

/// Whether it rests on a variable that is not known.
fn has_variables(denial: &Statement, circumstances: &Circumstances<'_>) -> bool {
    let is_unknown = |key: &&str| {
        let is_settled = circumstances.settled.iter().any(|(settled, _)| settled == key);
        is_settled || matches!(circumstances.known(key), Known::Free { .. } | Known::Unsure)
    };
    variables(denial).iter().any(is_unknown)
}

/// Whether nobody here can tell what a test's key has.
pub(super) fn is_unsure(test: &Test, place: &ResourcePlace) -> bool {
    let (transport, caller) = (Transport::Clear, CallerKind::Anonymous);
    let any = Circumstances { transport, caller, by_endpoint: false, place, settled: Vec::new() };
    any.known(test.key.as_str()) == Known::Unsure
}

/// Whether a test compares its key otherwise than other tests do: values are looked for in one family at a time.
pub(super) fn is_mixed(test: &Test, denials: &[&Statement]) -> bool {
    let mut others = denials.iter().flat_map(|denial| &denial.tests).filter(|other| other.key == test.key);
    let counts = |test: &Test| test.operator.comparison != Comparison::Null;
    counts(test)
        && others.any(|other| {
            counts(other) && family(other.operator.comparison) != family(test.operator.comparison)
        })
}
