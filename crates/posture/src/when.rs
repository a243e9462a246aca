//! In which scenarios something is so: `Env = dev`, or `Env = dev or test, and Public = yes`.

use std::fmt;
use std::sync::Arc;

use crate::scenario::Taken;
use crate::value::Choice;

/// In which scenarios something is so: any of its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    cases: Vec<Vec<Arms>>,
}

/// Some arms of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Arms {
    choice: Arc<Choice>,
    arms: Vec<usize>,
}

impl When {
    /// Any of these scenarios, told as shortly as can be: cases that differ in one choice become one.
    pub fn any_of(scenarios: Vec<Vec<Taken>>) -> Self {
        let case = |taken: Vec<Taken>| -> Vec<Arms> {
            taken.into_iter().map(|(choice, arm)| Arms { choice, arms: vec![arm] }).collect()
        };
        let mut cases: Vec<Vec<Arms>> = scenarios.into_iter().map(case).collect();
        while let Some((kept, merged, gone)) = mergeable(&cases) {
            cases.remove(gone);
            if let Some(case) = cases.get_mut(kept) {
                *case = merged;
            }
        }
        Self { cases }
    }
}

/// Two cases that differ in the arms of one choice alone, and what they are together.
fn mergeable(cases: &[Vec<Arms>]) -> Option<(usize, Vec<Arms>, usize)> {
    for (kept, one) in cases.iter().enumerate() {
        for (gone, other) in cases.iter().enumerate().skip(kept + 1) {
            if let Some(merged) = merge(one, other) {
                return Some((kept, merged, gone));
            }
        }
    }
    None
}

fn merge(one: &[Arms], other: &[Arms]) -> Option<Vec<Arms>> {
    let same_choices = one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.choice == b.choice);
    let differ = one.iter().zip(other).filter(|(a, b)| a.arms != b.arms).count();
    if !same_choices || differ > 1 {
        return None;
    }
    let union = one.iter().zip(other).map(|(a, b)| {
        let mut arms = a.arms.clone();
        arms.extend(b.arms.iter().filter(|arm| !a.arms.contains(arm)));
        Arms { choice: Arc::clone(&a.choice), arms }
    });
    // What is so whatever is chosen does not hang on the choice.
    Some(union.filter(|arms| arms.arms.len() < arms.choice.arms.len()).collect())
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, case) in self.cases.iter().enumerate() {
            if index > 0 {
                f.write_str(", or ")?;
            }
            for (index, arms) in case.iter().enumerate() {
                write!(f, "{}{arms}", if index > 0 { " and " } else { "" })?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Arms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.arms.iter().filter_map(|arm| self.choice.arms.get(*arm));
        let words: Vec<&str> = words.map(|word| &**word).collect();
        write!(f, "{} = {}", self.choice.name, words.join(" or "))
    }
}
