//! What rules ask of the whole document, gathered once: asked anew for each statement, a long document would take
//! for ever.

use std::collections::HashSet;

use super::transport::denies_cleartext;
use crate::document::{
    Comparison, Document, Effect, Key, Operand, ResourcePattern, Resources, Statement, Test, Version,
};
use crate::pattern::Piece;

/// What is known of a document.
pub(super) struct Facts<'a> {
    pub(super) version: Version,
    /// Whether any statement denies cleartext.
    pub(super) denies_cleartext: bool,
    /// The keys whose absence some Deny asks for.
    pub(super) denied_where_absent: HashSet<&'a Key>,
    /// The resources of the statements that deny cleartext: whole names, and the others.
    named: HashSet<String>,
    patterns: Vec<&'a ResourcePattern>,
}

/// More different patterns than that are in no document that AWS takes; the others are not looked at.
const MOST: usize = 1000;

impl<'a> Facts<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let denials = || document.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let absent = |test: &&Test| is_null(test) && test.operands == [Operand::Bool(Some(true))];
        let mut facts = Self {
            version: document.version,
            denies_cleartext: document.statements.iter().any(denies_cleartext),
            denied_where_absent: denials()
                .flat_map(|it| &it.tests)
                .filter(absent)
                .map(|it| &it.key)
                .collect(),
            named: HashSet::new(),
            patterns: Vec::new(),
        };
        let of_cleartext = denials().filter(|statement| denies_cleartext(statement));
        for pattern in of_cleartext.filter_map(resources).flat_map(|resources| &resources.patterns) {
            match literal(pattern) {
                Some(name) => drop(facts.named.insert(name)),
                None if facts.patterns.len() < MOST && !facts.patterns.contains(&pattern) => {
                    facts.patterns.push(pattern);
                }
                None => {}
            }
        }
        facts
    }

    /// Whether a statement that denies cleartext names this resource.
    pub(super) fn denies_cleartext_to(&self, arn: &str) -> bool {
        self.named.contains(arn) || self.patterns.iter().any(|pattern| pattern.takes(arn, &|_| Some("x")))
    }
}

fn resources(statement: &Statement) -> Option<&Resources> {
    statement.resources.as_ref()
}

pub(super) fn is_null(test: &Test) -> bool {
    test.operator.comparison == Comparison::Null
}

/// The one ARN that a pattern takes, where it takes no other.
fn literal(pattern: &ResourcePattern) -> Option<String> {
    let ResourcePattern::Arn(arn) = pattern else { return None };
    let mut text = String::new();
    for (place, part) in arn.0.iter().enumerate() {
        text.push_str(if place > 0 { ":" } else { "" });
        for piece in &part.0 {
            let Piece::Char(character) = piece else { return None };
            text.push(*character);
        }
    }
    Some(text)
}
