//! What fired on a connection or request, and how often since the start. No allocation: a request on
//! which nothing fires costs three zeros.

use crate::rule::Action;
use crate::rules::RuleId;

/// The rules that fired, each with what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    counted: u32,
    fixed: u32,
    denied: u32,
}

/// How often each rule fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally([[u64; Action::ALL.len()]; RuleId::ALL.len()]);

impl Fired {
    /// A rule fired, and this was done.
    pub fn note(&mut self, rule: RuleId, action: Action) {
        *self.bits_mut(action) |= 1 << rule as u32;
    }

    /// What fired in one or the other.
    pub fn and(self, other: Self) -> Self {
        Self {
            counted: self.counted | other.counted,
            fixed: self.fixed | other.fixed,
            denied: self.denied | other.denied,
        }
    }

    /// Whether nothing fired.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What fired, in the order of the rules.
    pub fn iter(self) -> impl Iterator<Item = (RuleId, Action)> {
        RuleId::ALL.into_iter().flat_map(move |rule| {
            let fired = move |action: &Action| self.bits(*action) & (1 << rule as u32) != 0;
            Action::ALL.into_iter().filter(fired).map(move |action| (rule, action))
        })
    }

    fn bits(self, action: Action) -> u32 {
        match action {
            Action::Count => self.counted,
            Action::Fix => self.fixed,
            Action::Deny => self.denied,
        }
    }

    fn bits_mut(&mut self, action: Action) -> &mut u32 {
        match action {
            Action::Count => &mut self.counted,
            Action::Fix => &mut self.fixed,
            Action::Deny => &mut self.denied,
        }
    }
}

impl Tally {
    /// Counts what fired.
    pub fn add(&mut self, fired: Fired) {
        for (rule, action) in fired.iter() {
            if let Some(count) =
                self.0.get_mut(rule as usize).and_then(|counts| counts.get_mut(action as usize))
            {
                *count += 1;
            }
        }
    }

    /// The counts that are not zero, in the order of the rules.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, Action, u64)> {
        RuleId::ALL.into_iter().zip(&self.0).flat_map(|(rule, counts)| {
            let counted = Action::ALL.into_iter().zip(counts);
            counted.filter(|(_, count)| **count > 0).map(move |(action, count)| (rule, action, *count))
        })
    }
}

const _: () = assert!(RuleId::ALL.len() <= 32, "a rule is a bit of a u32");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_action_is_told_as_it_was_noted() {
        let (mut all, mut tally) = (Fired::default(), Tally::default());
        for rule in RuleId::ALL {
            for action in Action::ALL {
                let mut fired = Fired::default();
                assert!(fired.is_empty());
                fired.note(rule, action);
                assert_eq!(fired.iter().collect::<Vec<_>>(), [(rule, action)]);
                all = all.and(fired);
                tally.add(fired);
            }
        }
        tally.add(all);
        assert_eq!(all.iter().count(), RuleId::ALL.len() * Action::ALL.len());
        assert!(tally.iter().count() == all.iter().count() && tally.iter().all(|(_, _, count)| count == 2));
    }
}
