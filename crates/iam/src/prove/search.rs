//! The search in settled circumstances, action by action.

use std::collections::HashSet;

use super::budget::Budget;
use super::circumstances::{Circumstances, Known};
use super::classes::Class;
use super::corner::{Corner, Memory};
use super::variables;
use crate::document::Statement;
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

/// What all searches share: the Denies, and the classes of actions.
pub(super) struct Ground<'a> {
    pub(super) denials: &'a [&'a Statement],
    /// Why it is in doubt, of each.
    pub(super) doubts: &'a [Option<String>],
    pub(super) classes: Vec<Class<'a>>,
}

impl Ground<'_> {
    /// How much has to be looked at for each of the circumstances.
    pub(super) fn size(&self) -> usize {
        let of = |denial: &&Statement| {
            let principals = denial.principals.as_ref().map_or(0, |principals| principals.named.len());
            1 + principals + denial.tests.len()
        };
        self.denials.iter().map(of).sum()
    }

    /// Which Denies are left in these circumstances: what is settled already leaves few.
    pub(super) fn left(
        &self,
        circumstances: &Circumstances<'_>,
        context: &Context,
        doubt: Doubt,
    ) -> Vec<bool> {
        let caller = circumstances.caller(None);
        let left = |(denial, in_doubt): (&&Statement, &Option<String>)| {
            let is_dropped = doubt == Doubt::Misses && in_doubt.is_some();
            !is_dropped && names(denial, &caller) && is_left(denial, circumstances, context)
        };
        self.denials.iter().zip(self.doubts).map(left).collect()
    }

    /// Whether the evaluator lets a request through.
    pub(super) fn confirms(&self, request: &Request) -> bool {
        self.denials.iter().all(|denial| concerns(denial, request).is_err())
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
            let corner = Corner { circumstances, context, class, denials, all: self.denials };
            let found = corner.search(&mut memory, budget);
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// Whether a Deny may be about a request of these circumstances.
fn is_left(denial: &Statement, circumstances: &Circumstances<'_>, context: &Context) -> bool {
    denial.tests.iter().all(|test| match circumstances.known(test.key.as_str()) {
        Known::Value(_) | Known::Absent => holds(test, context),
        Known::Unsure | Known::Free { .. } => true,
    })
}
