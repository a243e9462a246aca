//! One combination of the choices that a judgement meets, and the walk through all of them.
//!
//! A judgement is run again for each arm of each choice that it asks for, and for no others: what hangs on no
//! parameter is judged once.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::value::Choice;

/// More combinations than this are not followed.
pub const MOST_SCENARIOS: usize = 1024;

/// One combination of choices. It grows as choices are met.
#[derive(Debug, Default)]
pub struct Scenario {
    taken: RefCell<Vec<(Arc<Choice>, usize)>>,
    followed: Cell<usize>,
}

/// A choice and the arm that was taken.
pub type Taken = (Arc<Choice>, usize);

/// There were more combinations than are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyScenarios;

impl Scenario {
    /// The arm of a choice in this scenario.
    pub fn arm(&self, choice: &Arc<Choice>) -> usize {
        let mut taken = self.taken.borrow_mut();
        if let Some((_, arm)) = taken.iter().find(|(known, _)| known == choice) {
            return *arm;
        }
        taken.push((Arc::clone(choice), 0));
        0
    }

    /// Whether any choice was met so far.
    pub fn has_choices(&self) -> bool {
        !self.taken.borrow().is_empty()
    }

    /// Runs a judgement in every scenario that it tells apart, and gives each result with what was taken.
    ///
    /// # Errors
    /// There are more than [`MOST_SCENARIOS`].
    pub fn explore<T>(mut judge: impl FnMut(&Self) -> T) -> Result<Vec<(T, Vec<Taken>)>, TooManyScenarios> {
        let scenario = Self::default();
        let mut results = Vec::new();
        loop {
            let result = judge(&scenario);
            results.push((result, scenario.taken.borrow().clone()));
            if !scenario.advance() {
                return Ok(results);
            }
            if scenario.followed.get() >= MOST_SCENARIOS {
                return Err(TooManyScenarios);
            }
        }
    }

    /// Goes on to the next arm of the last choice that has one left; false where none has.
    fn advance(&self) -> bool {
        self.followed.set(self.followed.get() + 1);
        let mut taken = self.taken.borrow_mut();
        while let Some((choice, arm)) = taken.pop() {
            if arm + 1 < choice.arms.len() {
                taken.push((choice, arm + 1));
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::PartId;

    fn choice(name: &str, arms: &[&str]) -> Arc<Choice> {
        Arc::new(Choice {
            part: PartId(0),
            name: name.into(),
            arms: arms.iter().map(|arm| (*arm).into()).collect(),
        })
    }

    #[test]
    fn a_judgement_that_meets_no_choice_is_made_once() {
        assert_eq!(Scenario::explore(|_| ()).unwrap().len(), 1);
    }

    #[test]
    fn a_choice_that_only_one_arm_of_another_meets_is_followed_there_alone() {
        let (outer, inner) = (choice("Env", &["dev", "prod"]), choice("Size", &["s", "m", "l"]));
        let met = Scenario::explore(|scenario| match scenario.arm(&outer) {
            0 => 10 + scenario.arm(&inner),
            _ => 20,
        });
        let results: Vec<usize> = met.unwrap().into_iter().map(|(result, _)| result).collect();
        assert_eq!(results, [10, 11, 12, 20]);
    }

    #[test]
    fn what_hangs_on_too_many_choices_is_given_up() {
        let choices: Vec<_> = (0..11).map(|n| choice(&n.to_string(), &["a", "b"])).collect();
        let met =
            Scenario::explore(|scenario| choices.iter().map(|choice| scenario.arm(choice)).sum::<usize>());
        assert_eq!(met.unwrap_err(), TooManyScenarios);
    }
}
