//! What a Deny rests on that can't be decided: then it is not known whether it denies.

use std::collections::{HashMap, HashSet};

use super::circumstances::{CallerKind, Circumstances, Known, ResourcePlace, Transport, Unnamed};
use super::variables;
use crate::document::{AccountId, Comparison, Key, Operand, Principal, Statement, Test};
use crate::pattern::{Pattern, Piece};

/// Why it is not known of each Deny, in their order; `None` where it is.
pub(super) fn of_each(denials: &[&Statement], place: &ResourcePlace) -> Vec<Option<String>> {
    let mixed = mixed(denials);
    let of = |denial: &&Statement| {
        let unsure = || denial.tests.iter().find(|test| is_unsure(test, place)).map(unsure);
        let variable = || variables(denial).into_iter().find(|key| !is_settled(key, place)).map(variable);
        let key = || denial.tests.iter().find(|test| mixed.contains(&test.key)).map(compared);
        let nameless = || is_about_nameless(denial).then(nameless);
        let partial = || denial.tests.iter().find(|test| is_of_part_of_an_account(test)).map(partial);
        unsure().or_else(variable).or_else(key).or_else(nameless).or_else(partial)
    };
    denials.iter().map(of).collect()
}

fn unsure(test: &Test) -> String {
    format!("{}, which the ARN does not tell; give it with --account where it is an account", test.key)
}

fn variable(key: &str) -> String {
    format!("what ${{{key}}} stands for")
}

fn compared(test: &Test) -> String {
    format!("{}, which is compared in several ways at once", test.key)
}

fn nameless() -> String {
    "who comes from an identity provider, or has an id that no ARN tells".to_owned()
}

fn partial(test: &Test) -> String {
    format!("{}, of which only a part of the account is given", test.key)
}

/// Whether nobody here can tell what a test's key has.
fn is_unsure(test: &Test, place: &ResourcePlace) -> bool {
    of_a_stranger(place).known(test.key.as_str()) == Known::Unsure
}

/// Whether a variable stands for the same whatever else is chosen.
fn is_settled(key: &str, place: &ResourcePlace) -> bool {
    matches!(of_a_stranger(place).known(key), Known::Value(_) | Known::Absent)
}

fn of_a_stranger(place: &ResourcePlace) -> Circumstances<'_> {
    let caller = AccountId::read("123456789012")
        .map_or(CallerKind::Anonymous, |account| CallerKind::Unnamed(Unnamed::User, account));
    Circumstances { transport: Transport::Clear, caller, by_endpoint: true, place, settled: Vec::new() }
}

/// The keys that are compared in several ways, for example as a number and as a text: values are looked for in one
/// way at a time.
fn mixed(denials: &[&Statement]) -> HashSet<Key> {
    let tests = denials.iter().flat_map(|denial| &denial.tests);
    let mut ways: HashMap<&Key, Way> = HashMap::new();
    let mut mixed = HashSet::new();
    for test in tests {
        let Some(way) = way(test.operator.comparison) else { continue };
        if *ways.entry(&test.key).or_insert(way) != way {
            mixed.insert(test.key.clone());
        }
    }
    mixed
}

/// How a key is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Number,
    Date,
    Bool,
    Address,
    Text,
}

/// `None` of what goes with all others.
fn way(comparison: Comparison) -> Option<Way> {
    Some(match comparison {
        Comparison::Null => return None,
        Comparison::Number(_) => Way::Number,
        Comparison::Date(_) => Way::Date,
        Comparison::Bool => Way::Bool,
        Comparison::Address => Way::Address,
        _ => Way::Text,
    })
}

/// Whether a Deny is about all but some whom no ARN tells: whoever they are, they get through.
fn is_about_nameless(denial: &Statement) -> bool {
    let is_nameless = |principal: &Principal| {
        matches!(principal, Principal::Federated(_) | Principal::CanonicalUser(_) | Principal::UniqueId(_))
    };
    denial
        .principals
        .as_ref()
        .is_some_and(|principals| principals.all_but && principals.named.iter().any(is_nameless))
}

/// Whether a test is about accounts of which it gives some digits: callers are tried of accounts that are given
/// whole, and of one that begins or ends like this, but not of all.
fn is_of_part_of_an_account(test: &Test) -> bool {
    is_of_accounts(&test.key) && test.operands.iter().any(|operand| part_of_an_account(operand).is_some())
}

fn is_of_accounts(key: &Key) -> bool {
    matches!(key.as_str(), "aws:principalarn" | "aws:principalaccount")
}

/// An account that has the digits which a test gives, where these are not all.
pub(super) fn example_of_part(test: &Test) -> Option<AccountId> {
    let part = test.operands.iter().filter(|_| is_of_accounts(&test.key)).find_map(part_of_an_account)?;
    AccountId::read(&part)
}

/// Twelve digits by a pattern that gives fewer, in the account's place.
fn part_of_an_account(operand: &Operand) -> Option<String> {
    match operand {
        Operand::Text(pattern) => {
            let mut parts = pattern.0.split(|piece| *piece == Piece::Char(':'));
            let whole = parts.next()?;
            // A wildcard before the account may reach over it.
            let account = parts.nth(3).unwrap_or(whole);
            completed(account)
        }
        Operand::Arn(Some(arn)) => {
            let [_, _, _, _, Pattern(account), _] = &arn.0;
            completed(account)
        }
        _ => None,
    }
}

fn completed(account: &[Piece]) -> Option<String> {
    let digits: Vec<Option<char>> = account
        .iter()
        .map(|piece| match piece {
            Piece::Char(digit) if digit.is_ascii_digit() => Some(*digit),
            _ => None,
        })
        .collect();
    let given = digits.iter().flatten().count();
    if given == account.len() || account == [Piece::Any] || account.is_empty() {
        return None;
    }
    let missing = "0".repeat(12usize.saturating_sub(account.iter().filter(|it| **it != Piece::Any).count()));
    let pieces = account.iter().map(|piece| match piece {
        Piece::Char(character) => character.to_string(),
        Piece::One => "0".to_owned(),
        _ => missing.clone(),
    });
    Some(pieces.collect())
}
