//! A value of a key for which none of some tests holds; or a resource that some elements don't reach.

use std::net::IpAddr;

use jiff::Timestamp;

use super::budget::Budget;
use super::strings::{self, Found, Piece, Wanted};
use crate::document::{
    ArnPattern, Comparison, Key, Operand, Quantifier, ResourcePattern, Resources, Test, date,
};
use crate::matching::{holds, stands_for};
use crate::pattern::{self, Pattern};
use crate::request::Context;

/// What a key has in a request that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    Absent,
    Values(Vec<String>),
}

/// One of these must be so.
type Choice = Vec<Wanted>;

/// Finds values of a key so that none of the tests holds. `None` where there are none, or none in reach.
pub(super) fn of_key(
    key: &Key,
    tests: &[&Test],
    may_be_absent: bool,
    shape: &[Wanted],
    context: &Context,
    budget: &mut Budget,
) -> Option<Witness> {
    let fails = |tests: &[&Test], values: Option<Vec<String>>| {
        let context = values.map_or_else(|| context.clone(), |values| with(context.clone(), key, values));
        tests.iter().all(|test| !holds(test, &context))
    };
    if may_be_absent && fails(tests, None) {
        return Some(Witness::Absent);
    }
    let mut one = |tests: &[&Test]| {
        let is_found = |value: &String| fails(tests, Some(vec![value.clone()]));
        // A key that is compared as a number has a number, and no other text.
        let is_text = tests
            .iter()
            .all(|test| is_of_text(test.operator.comparison) || test.operator.comparison == Comparison::Null);
        match is_text {
            true => text(tests, shape, context, budget).filter(is_found),
            false => {
                let candidates = candidates(tests);
                let operands: usize = tests.iter().map(|test| test.operands.len()).sum();
                let is_affordable = budget.spend(candidates.len() * operands);
                candidates.into_iter().filter(|_| is_affordable).find(is_found)
            }
        }
    };
    if let Some(value) = one(tests) {
        return Some(Witness::Values(vec![value]));
    }
    // Of a set of values, one for each test that all must pass; each must fail those that any may pass.
    if tests.iter().any(|test| test.quantifier.is_none()) {
        return None;
    }
    let (all, any): (Vec<&Test>, Vec<&Test>) =
        tests.iter().partition(|test| test.quantifier == Some(Quantifier::All));
    let values: Option<Vec<String>> =
        all.into_iter().map(|test| one(&[&[test], any.as_slice()].concat())).collect();
    let values = values.filter(|values| fails(tests, Some(values.clone())))?;
    Some(Witness::Values(values))
}

/// Finds an ARN that the shape takes and that none of the elements reaches.
pub(super) fn of_resource(
    shape: &str,
    elements: &[&Resources],
    context: &Context,
    budget: &mut Budget,
) -> Option<String> {
    let choices: Option<Vec<Vec<Choice>>> = elements
        .iter()
        .map(|element| {
            let patterns =
                element.patterns.iter().filter_map(|pattern| resource(pattern, element.all_but, context));
            clauses(patterns.collect(), element.all_but)
        })
        .collect();
    let shape = Wanted { pieces: globbed(shape), folded: false, taken: true };
    solve(&choices?.concat(), &mut vec![shape], budget)
}

/// Whether an element surely reaches all that a shape takes, whatever a request has: then nothing in it misses.
pub(super) fn surely_reaches(element: &Resources, shape: &str) -> bool {
    let has_variables = |pattern: &ResourcePattern| matches!(pattern, ResourcePattern::Arn(arn) if arn.variables().next().is_some());
    if element.all_but {
        let is_one = !shape.contains(['*', '?']);
        let may_take = |pattern: &ResourcePattern| has_variables(pattern) || pattern.takes(shape, &|_| None);
        return is_one && !element.patterns.iter().any(may_take);
    }
    let (pieces, context) = (globbed(shape), Context::default());
    let fixed = element.patterns.iter().filter(|pattern| !has_variables(pattern));
    let mut wanted = fixed.filter_map(|pattern| resource(pattern, true, &context));
    wanted.any(|it| strings::covers(&it.pieces, &pieces))
}

/// A number, a date, an address, true or false: few make a difference, and they are all tried.
fn candidates(tests: &[&Test]) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut found = Vec::new();
    for operand in tests.iter().flat_map(|test| &test.operands) {
        match operand {
            Operand::Number(Some(number)) => numbers.push(number.0),
            Operand::Date(Some(at)) => found.extend(around(*at)),
            Operand::Bool(_) => found.extend(["true", "false"].map(str::to_owned)),
            Operand::Block(Some(block)) => found.extend(beside(block.first, block.bits)),
            _ => {}
        }
    }
    for test in tests {
        match test.operator.comparison {
            Comparison::Address => found.extend(["198.51.100.7", "2001:db8::7"].map(str::to_owned)),
            Comparison::Number(_) => numbers.extend([0.0, 1.0]),
            Comparison::Date(_) => {
                found.extend(Timestamp::from_second(1_800_000_000).ok().map(|at| at.to_string()))
            }
            _ => {}
        }
    }
    numbers.sort_by(f64::total_cmp);
    let between = numbers.windows(2).filter_map(|pair| Some((pair.first()? + pair.last()?) / 2.0));
    let outside = [numbers.first().map(|least| least - 1.0), numbers.last().map(|most| most + 1.0)];
    let all: Vec<f64> = between.chain(outside.into_iter().flatten()).chain(numbers.iter().copied()).collect();
    found.extend(all.into_iter().map(|number| number.to_string()));
    found
}

fn around(at: Timestamp) -> Vec<String> {
    let second = at.as_second();
    let instants = [second - 1, second, second + 1].map(|second| Timestamp::from_second(second).ok());
    instants.into_iter().flatten().map(|at| at.to_string()).collect()
}

/// The first and the last address of a block, and their neighbours.
fn beside(first: IpAddr, bits: u8) -> Vec<String> {
    let width: u8 = if first.is_ipv4() { 32 } else { 128 };
    let number: u128 = match first {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    };
    let inside = 1u128.checked_shl((width - bits.min(width)).into()).map_or(u128::MAX, |count| count - 1);
    let (lowest, highest) = (number & !inside, number | inside);
    let most = if width == 32 { u32::MAX.into() } else { u128::MAX };
    let all = [Some(lowest), Some(highest), lowest.checked_sub(1), highest.checked_add(1)];
    let address = |number: u128| match width {
        32 => u32::try_from(number).ok().map(|number| IpAddr::V4(number.into())),
        _ => Some(IpAddr::V6(number.into())),
    };
    let all = all.into_iter().flatten().filter(|number| *number <= most);
    all.filter_map(address).map(|address| address.to_string()).collect()
}

/// A text that fails all tests that compare texts.
fn text(tests: &[&Test], shape: &[Wanted], context: &Context, budget: &mut Budget) -> Option<String> {
    let choices: Option<Vec<Vec<Choice>>> = tests
        .iter()
        .filter(|test| is_of_text(test.operator.comparison))
        .map(|test| {
            let negated = test.operator.negated;
            let folded = test.operator.comparison == Comparison::TextFolded;
            let patterns = test.operands.iter().filter_map(|operand| {
                Some(Wanted { pieces: pieces(operand, context)?, folded, taken: negated })
            });
            clauses(patterns.collect(), negated)
        })
        .collect();
    let mut wanted = shape.to_vec();
    wanted.push(Wanted { pieces: vec![Piece::One, Piece::Any], folded: false, taken: true });
    solve(&choices?.concat(), &mut wanted, budget)
}

pub(super) fn is_of_text(comparison: Comparison) -> bool {
    use Comparison::{Arn, Binary, Like, Text, TextFolded};
    matches!(comparison, Text | TextFolded | Like | Arn | Binary)
}

/// None of the patterns, each a choice of one; or one of them, a choice among all. `None` where there is none to
/// choose.
fn clauses(patterns: Vec<Wanted>, one_of: bool) -> Option<Vec<Choice>> {
    match (one_of, patterns.is_empty()) {
        (true, true) => None,
        (true, false) => Some(vec![patterns]),
        (false, _) => Some(patterns.into_iter().map(|wanted| vec![wanted]).collect()),
    }
}

/// Takes one of each choice, until a text is found.
fn solve(choices: &[Choice], wanted: &mut Vec<Wanted>, budget: &mut Budget) -> Option<String> {
    let Some((choice, others)) = choices.split_first() else {
        return match strings::find(wanted, budget) {
            Found::Text(text) => Some(text),
            Found::None | Found::TooMuch => None,
        };
    };
    for one in choice {
        if !budget.spend(wanted.len() + 1) {
            return None;
        }
        wanted.push(one.clone());
        let found = solve(others, wanted, budget);
        wanted.pop();
        if found.is_some() || budget.is_spent() {
            return found;
        }
    }
    None
}

/// The pieces of an operand; `None` of one that matches nothing.
fn pieces(operand: &Operand, context: &Context) -> Option<Vec<Piece>> {
    match operand {
        Operand::Text(pattern) => resolved(pattern, context, false),
        Operand::Arn(Some(arn)) => arn_pieces(arn, context),
        Operand::Binary(text) => Some(text.chars().map(Piece::Char).collect()),
        _ => None,
    }
}

fn arn_pieces(arn: &ArnPattern, context: &Context) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for (place, part) in arn.0.iter().enumerate() {
        if place > 0 {
            pieces.push(Piece::Char(':'));
        }
        pieces.extend(resolved(part, context, place < 5)?);
    }
    Some(pieces)
}

fn resource(pattern: &ResourcePattern, taken: bool, context: &Context) -> Option<Wanted> {
    let pieces = match pattern {
        ResourcePattern::All => vec![Piece::Any],
        ResourcePattern::Arn(arn) => arn_pieces(arn, context)?,
        ResourcePattern::Nothing(_) => return None,
    };
    Some(Wanted { pieces, folded: false, taken })
}

/// A pattern with its variables resolved; `None` where one stands for nothing.
fn resolved(pattern: &Pattern, context: &Context, in_part: bool) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for piece in &pattern.0 {
        match (piece, in_part) {
            (pattern::Piece::Char(character), _) => pieces.push(Piece::Char(*character)),
            (pattern::Piece::One, true) => pieces.push(Piece::OneInPart),
            (pattern::Piece::One, false) => pieces.push(Piece::One),
            (pattern::Piece::Any, true) => pieces.push(Piece::AnyInPart),
            (pattern::Piece::Any, false) => pieces.push(Piece::Any),
            (pattern::Piece::Variable(variable), _) => {
                pieces.extend(stands_for(variable, context)?.chars().map(Piece::Char));
            }
        }
    }
    Some(pieces)
}

/// A text whose `*` and `?` are wildcards.
pub(super) fn globbed(text: &str) -> Vec<Piece> {
    text.chars()
        .map(|character| match character {
            '*' => Piece::Any,
            '?' => Piece::One,
            _ => Piece::Char(character),
        })
        .collect()
}

/// A context with this key; both names of the time at once.
pub(super) fn with(context: Context, key: &Key, values: Vec<String>) -> Context {
    let at = values.first().and_then(|value| date(value));
    match (key.as_str(), at) {
        ("aws:currenttime", Some(at)) => {
            let seconds = vec![at.as_second().to_string()];
            context.with(Key::of("aws:EpochTime"), seconds).with(key.clone(), vec![at.to_string()])
        }
        _ => context.with(key.clone(), values),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::surely_reaches;
    use crate::document::{ResourcePattern, Resources};

    const BUCKET: &str = "arn:aws:s3:::b";

    fn resources(all_but: bool, endings: &[String]) -> Resources {
        let read = |ending: &String| ResourcePattern::read(&format!("{BUCKET}{ending}"), true).unwrap();
        Resources { all_but, patterns: endings.iter().map(read).collect() }
    }

    fn reaches(all_but: bool, ending: &str, shape: &str) -> bool {
        surely_reaches(&resources(all_but, &[ending.to_owned()]), &format!("{BUCKET}{shape}"))
    }

    #[test]
    fn a_wildcard_reaches_all_that_is_in_a_bucket_and_a_prefix_does_not() {
        assert!(reaches(false, "/*", "/?*"));
        assert!(reaches(false, "*", "/?*"));
        assert!(reaches(false, "", ""));
        assert!(reaches(true, "/a", ""));
        assert!(!reaches(false, "/a*", "/?*"));
        assert!(!reaches(false, "/?", "/?*"));
        assert!(!reaches(true, "/a", "/?*"));
        assert!(!reaches(true, "*", ""));
    }

    #[test]
    fn what_a_variable_stands_for_is_not_sure() {
        assert!(!reaches(false, "${aws:username, ''}/*", "/?*"));
        assert!(!reaches(true, "${aws:username}", ""));
    }

    proptest! {
        /// What is surely reached is taken, whatever is put for the wildcards of the shape.
        #[test]
        fn all_that_is_surely_reached_is_taken(
            all_but: bool,
            endings in proptest::collection::vec("/?[ab*?]{0,3}", 1..3),
            shape in shape(),
            filling in "[ab/:]{1,4}",
        ) {
            let element = resources(all_but, &endings);
            if surely_reaches(&element, &format!("{BUCKET}{shape}")) {
                let arn = format!("{BUCKET}{}", shape.replace("?*", &filling));
                let taken = element.patterns.iter().any(|pattern| pattern.takes(&arn, &|_| None));
                prop_assert_ne!(taken, all_but, "{}", arn);
            }
        }
    }

    fn shape() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(vec!["", "/a", "/?*", "/?*/?*"])
    }
}
