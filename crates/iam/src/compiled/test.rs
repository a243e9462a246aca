//! A test of a condition made ready, and what it is held against: facts with their types, so that nothing is read
//! from a text again.

use std::net::IpAddr;

use jiff::Timestamp;

use super::matcher::{ArnMatcher, TextMatcher};
use super::{Unenforceable, UnenforceableProblem};
use crate::document::{Block, Comparison, Number, Operand, Order, Quantifier, Test, boolean, date};
use crate::json::Place;
use crate::pattern::Folding;
use crate::request::written;

/// A condition key of which something is known: its value, or that no request has one.
pub trait KnownKey: Copy {
    /// The key of this name, in lower case.
    fn named(name: &str) -> Option<Self>;

    /// Whether it tells of the caller, and so nothing where callers are not known.
    fn is_of_caller(self) -> bool;
}

/// The key of this name, where something is known of it.
pub(super) fn known<K: KnownKey>(name: &str, place: Place, callers: bool) -> Result<K, Unenforceable> {
    let written = || UnenforceableProblem::Key(written(name).to_owned());
    let key = K::named(name).ok_or_else(|| Unenforceable { place, problem: written() })?;
    match key.is_of_caller() && !callers {
        true => Err(Unenforceable { place, problem: UnenforceableProblem::Callers }),
        false => Ok(key),
    }
}

/// What is known of one request.
pub trait Facts<K> {
    /// The value of a key.
    fn fact(&self, key: K) -> Fact<'_>;
}

/// The value of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact<'a> {
    /// The request has none.
    Absent,
    /// A text.
    Text(&'a str),
    /// True or false.
    Bool(bool),
    /// An address, and as it is written.
    Address(IpAddr, &'a str),
    /// An instant.
    Instant(Timestamp),
}

#[derive(Debug)]
pub(super) struct CompiledTest<K> {
    key: K,
    comparison: Comparison,
    negated: bool,
    /// Whether it holds where the key is absent.
    of_absent: bool,
    operands: Vec<CompiledOperand<K>>,
}

#[derive(Debug)]
enum CompiledOperand<K> {
    Text(TextMatcher<K>),
    Arn(ArnMatcher<K>),
    Number(f64),
    Date(Timestamp),
    Bool(bool),
    Binary(String),
    Block(Block),
}

impl<K: KnownKey> CompiledTest<K> {
    pub fn of(test: &Test, callers: bool) -> Result<Self, Unenforceable> {
        let (place, key) = (test.place, known(test.key.as_str(), test.place, callers)?);
        let operand = |operand: &Operand| {
            Ok(Some(match operand {
                Operand::Text(pattern) => CompiledOperand::Text(TextMatcher::of(pattern, place, callers)?),
                Operand::Arn(Some(pattern)) => CompiledOperand::Arn(ArnMatcher::of(pattern, place, callers)?),
                Operand::Number(Some(number)) => CompiledOperand::Number(number.0),
                Operand::Date(Some(at)) => CompiledOperand::Date(*at),
                Operand::Bool(Some(it)) => CompiledOperand::Bool(*it),
                Operand::Binary(text) => CompiledOperand::Binary(text.clone()),
                Operand::Block(Some(block)) => CompiledOperand::Block(*block),
                // It matches nothing.
                _ => return Ok(None),
            }))
        };
        let operands: Vec<Option<_>> = test.operands.iter().map(operand).collect::<Result<_, _>>()?;
        let of_absent = match (test.operator.comparison, test.quantifier) {
            (Comparison::Null, _) => test.operands.contains(&Operand::Bool(Some(true))),
            (_, Some(Quantifier::All)) => true,
            (_, Some(Quantifier::Any)) => false,
            (_, None) => test.if_exists || test.operator.negated,
        };
        Ok(Self {
            key,
            comparison: test.operator.comparison,
            negated: test.operator.negated,
            of_absent,
            operands: operands.into_iter().flatten().collect(),
        })
    }

    /// Whether it holds. Each fact is one value, so whether one or all must do is the same.
    pub fn holds(&self, facts: &impl Facts<K>) -> bool {
        match (facts.fact(self.key), self.comparison) {
            (Fact::Absent, _) => self.of_absent,
            (_, Comparison::Null) => {
                self.operands.iter().any(|operand| matches!(operand, CompiledOperand::Bool(false)))
            }
            (fact, _) => self.operands.iter().any(|it| self.compares(it, fact, facts)) != self.negated,
        }
    }

    fn compares(&self, operand: &CompiledOperand<K>, fact: Fact<'_>, facts: &impl Facts<K>) -> bool {
        match operand {
            CompiledOperand::Text(matcher) => {
                let folding = match self.comparison {
                    Comparison::TextFolded => Folding::Folded,
                    _ => Folding::Exact,
                };
                match (stands_for(fact), fact) {
                    (Some(text), _) => matcher.takes(text, folding, facts),
                    // Nobody compares the time with a text often enough to keep it as one.
                    (None, Fact::Instant(at)) => matcher.takes(&at.to_string(), folding, facts),
                    (None, _) => false,
                }
            }
            CompiledOperand::Arn(matcher) => stands_for(fact).is_some_and(|text| matcher.takes(text, facts)),
            CompiledOperand::Binary(expected) => stands_for(fact) == Some(expected),
            CompiledOperand::Number(limit) => {
                let found = number(fact).and_then(|number| number.partial_cmp(limit));
                matches!((self.comparison, found), (Comparison::Number(order), Some(found)) if order.takes(found))
            }
            CompiledOperand::Date(limit) => {
                let at = match fact {
                    Fact::Instant(at) => Some(at),
                    _ => stands_for(fact).and_then(date),
                };
                let order: Option<Order> = match self.comparison {
                    Comparison::Date(order) => Some(order),
                    _ => None,
                };
                order.zip(at).is_some_and(|(order, at)| order.takes(at.cmp(limit)))
            }
            CompiledOperand::Bool(expected) => match fact {
                Fact::Bool(it) => it == *expected,
                _ => stands_for(fact).and_then(boolean) == Some(*expected),
            },
            CompiledOperand::Block(block) => match fact {
                Fact::Address(address, _) => block.has(address),
                _ => stands_for(fact).and_then(|text| text.parse().ok()).is_some_and(|it| block.has(it)),
            },
        }
    }
}

fn number(fact: Fact<'_>) -> Option<f64> {
    match fact {
        #[expect(clippy::cast_precision_loss, reason = "the seconds of any year that there is are exact")]
        Fact::Instant(at) => Some(at.as_second() as f64),
        _ => stands_for(fact).and_then(Number::read).map(|number| number.0),
    }
}

/// A fact as text; `None` where there is none, and of an instant, which is not kept as one.
pub(super) fn stands_for(fact: Fact<'_>) -> Option<&str> {
    match fact {
        Fact::Absent | Fact::Instant(_) => None,
        Fact::Text(text) | Fact::Address(_, text) => Some(text),
        Fact::Bool(true) => Some("true"),
        Fact::Bool(false) => Some("false"),
    }
}
