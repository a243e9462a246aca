//! Whether a test holds.

use std::cmp::Ordering;

use crate::document::{Block, Comparison, Number, Operand, Quantifier, Test, boolean, date};
use crate::pattern::{Folding, Variable};
use crate::request::Context;

/// Whether a test holds for this context.
///
/// Of a key that is not there: a positive comparison fails, a negated one holds, `IfExists` holds, and of a set
/// of values `ForAllValues` holds and `ForAnyValue` fails.
pub(crate) fn holds(test: &Test, context: &Context) -> bool {
    let values = context.values(test.key.as_str());
    if test.operator.comparison == Comparison::Null {
        let is_absent = values.is_none();
        return test.operands.contains(&Operand::Bool(Some(is_absent)));
    }
    let Some(values) = values else {
        return match test.quantifier {
            Some(Quantifier::All) => true,
            // AWS says nothing of ForAnyValue with IfExists; that no value is there still holds.
            Some(Quantifier::Any) => false,
            None => test.if_exists || test.operator.negated,
        };
    };
    let one = |value: &String| matches(test, value, context);
    match (test.quantifier, values) {
        (Some(Quantifier::All), values) => values.iter().all(one),
        (Some(Quantifier::Any), values) => values.iter().any(one),
        (None, [value]) => one(value),
        // Several values without a set operator match nothing.
        (None, _) => false,
    }
}

/// Whether one value of the request does: one of the operands matches, or, of a negated operator, none.
fn matches(test: &Test, value: &str, context: &Context) -> bool {
    let matching = |operand: &Operand| compares(test.operator.comparison, operand, value, context);
    test.operands.iter().any(matching) != test.operator.negated
}

fn compares(comparison: Comparison, operand: &Operand, value: &str, context: &Context) -> bool {
    let folding = match comparison {
        Comparison::TextFolded => Folding::Folded,
        _ => Folding::Exact,
    };
    match (operand, comparison) {
        (Operand::Text(pattern), _) => {
            pattern.takes(value, folding, &|variable| stands_for(variable, context))
        }
        (Operand::Arn(Some(pattern)), _) => pattern.takes(value, &|variable| stands_for(variable, context)),
        (Operand::Number(Some(limit)), Comparison::Number(order)) => Number::read(value)
            .and_then(|number| number.0.partial_cmp(&limit.0))
            .is_some_and(|found| order.takes(found)),
        (Operand::Date(Some(limit)), Comparison::Date(order)) => {
            date(value).is_some_and(|at| order.takes(at.cmp(limit)))
        }
        (Operand::Bool(Some(expected)), _) => boolean(value) == Some(*expected),
        (Operand::Binary(expected), _) => expected == value,
        (Operand::Block(Some(block)), _) => value.parse().is_ok_and(|address| Block::has(block, address)),
        _ => false,
    }
}

/// What a variable stands for in a request: a key with one value.
pub(crate) fn stands_for<'a>(variable: &'a Variable, context: &'a Context) -> Option<&'a str> {
    match context.values(&variable.key) {
        Some([value]) => Some(value),
        Some(_) => None,
        None => variable.otherwise.as_deref(),
    }
}

impl crate::document::Order {
    pub(crate) fn takes(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found == Ordering::Equal,
            Self::Less => found == Ordering::Less,
            Self::LessOrEqual => found != Ordering::Greater,
            Self::Greater => found == Ordering::Greater,
            Self::GreaterOrEqual => found != Ordering::Less,
        }
    }
}
