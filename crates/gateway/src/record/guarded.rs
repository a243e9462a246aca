//! What the guard did, as the access log and the metrics tell it.

use hermetic_guard::{Action, Fired, RuleId};
use hermetic_hop::PartyName;
use hermetic_tls::Ja4;
use serde::{Deserialize, Serialize};

use crate::door::HelloFacts;

/// What is told of a hello and of the rules that fired since.
#[derive(Debug, Serialize)]
pub(crate) struct Guarded<'a> {
    ja4: Option<&'a str>,
    /// What fired; no memory is taken where nothing did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guard: Vec<GuardLine>,
}

/// A rule that fired, and what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct GuardLine {
    rule: RuleId,
    action: Action,
}

impl<'a> Guarded<'a> {
    /// The hello of a connection, and what fired on it beside what fired on the hello itself.
    pub fn of(hello: &'a HelloFacts, fired: Fired) -> Self {
        let fired = hello.fired.and(fired);
        let guard = match fired.is_empty() {
            true => Vec::new(),
            false => fired.iter().map(|(rule, action)| GuardLine { rule, action }).collect(),
        };
        Self { ja4: hello.ja4.as_ref().map(Ja4::as_str), guard }
    }
}

/// How often a rule of the guard did something on a listener since the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardCount {
    /// The listener.
    pub listener: PartyName,
    /// The rule.
    pub rule: RuleId,
    /// What it did.
    pub action: Action,
    /// How often.
    pub count: u64,
}

impl GuardCount {
    /// The counts of several data planes as one, in the order of listeners, rules and actions.
    pub fn merged(counts: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut all: Vec<Self> = counts.into_iter().collect();
        all.sort_by(|a, b| (&a.listener, a.rule, a.action).cmp(&(&b.listener, b.rule, b.action)));
        all.dedup_by(|next, first| {
            let same =
                (&first.listener, first.rule, first.action) == (&next.listener, next.rule, next.action);
            if same {
                first.count += next.count;
            }
            same
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_one_rule_and_listener_become_one() {
        let count = |listener: &str, rule, count| GuardCount {
            listener: listener.parse().unwrap(),
            rule,
            action: Action::Fix,
            count,
        };
        let merged = GuardCount::merged([
            count("edge", RuleId::Hsts, 1),
            count("app", RuleId::Hsts, 2),
            count("edge", RuleId::SecureCookies, 4),
            count("edge", RuleId::Hsts, 8),
        ]);
        let edge = [count("edge", RuleId::Hsts, 9), count("edge", RuleId::SecureCookies, 4)];
        assert_eq!(merged, [vec![count("app", RuleId::Hsts, 2)], edge.to_vec()].concat());
    }
}
