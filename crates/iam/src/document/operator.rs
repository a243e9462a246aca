//! The operators of conditions, by IAM's names.

use crate::error::Problem;

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Texts, to the letter.
    Text,
    /// Texts, without regard to capitals.
    TextFolded,
    /// Texts with wildcards.
    Like,
    /// Numbers.
    Number(Order),
    /// Instants.
    Date(Order),
    /// True or false.
    Bool,
    /// Bytes in Base64.
    Binary,
    /// An address in a block.
    Address,
    /// ARNs with wildcards, part by part.
    Arn,
    /// Whether the key is there at all.
    Null,
}

/// How two values stand to each other: the request's, and the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Both are the same.
    Equal,
    /// The request's is less.
    Less,
    /// It is not greater.
    LessOrEqual,
    /// It is greater.
    Greater,
    /// It is not less.
    GreaterOrEqual,
}

/// An operator without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its name, as AWS writes it.
    pub name: &'static str,
    /// What it compares.
    pub comparison: Comparison,
    /// Whether it holds where the comparison does not.
    pub negated: bool,
}

/// All operators (IAM user guide, "Condition operators").
pub const OPERATORS: [Operator; 27] = [
    of("StringEquals", Comparison::Text, false),
    of("StringNotEquals", Comparison::Text, true),
    of("StringEqualsIgnoreCase", Comparison::TextFolded, false),
    of("StringNotEqualsIgnoreCase", Comparison::TextFolded, true),
    of("StringLike", Comparison::Like, false),
    of("StringNotLike", Comparison::Like, true),
    of("NumericEquals", Comparison::Number(Order::Equal), false),
    of("NumericNotEquals", Comparison::Number(Order::Equal), true),
    of("NumericLessThan", Comparison::Number(Order::Less), false),
    of("NumericLessThanEquals", Comparison::Number(Order::LessOrEqual), false),
    of("NumericGreaterThan", Comparison::Number(Order::Greater), false),
    of("NumericGreaterThanEquals", Comparison::Number(Order::GreaterOrEqual), false),
    of("DateEquals", Comparison::Date(Order::Equal), false),
    of("DateNotEquals", Comparison::Date(Order::Equal), true),
    of("DateLessThan", Comparison::Date(Order::Less), false),
    of("DateLessThanEquals", Comparison::Date(Order::LessOrEqual), false),
    of("DateGreaterThan", Comparison::Date(Order::Greater), false),
    of("DateGreaterThanEquals", Comparison::Date(Order::GreaterOrEqual), false),
    of("Bool", Comparison::Bool, false),
    of("BinaryEquals", Comparison::Binary, false),
    of("IpAddress", Comparison::Address, false),
    of("NotIpAddress", Comparison::Address, true),
    // Both forms take wildcards: the user guide calls them identical.
    of("ArnEquals", Comparison::Arn, false),
    of("ArnLike", Comparison::Arn, false),
    of("ArnNotEquals", Comparison::Arn, true),
    of("ArnNotLike", Comparison::Arn, true),
    of("Null", Comparison::Null, false),
];

const fn of(name: &'static str, comparison: Comparison, negated: bool) -> Operator {
    Operator { name, comparison, negated }
}

impl Operator {
    /// The operator of this name, in any case.
    pub fn named(name: &str) -> Result<Self, Problem> {
        let found = OPERATORS.into_iter().find(|operator| operator.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| Problem::Operator { name: name.to_owned(), suggestion: meant(name) })
    }

    /// Whether `*` and `?` in its values are wildcards.
    pub fn has_wildcards(self) -> bool {
        matches!(self.comparison, Comparison::Like | Comparison::Arn)
    }

    /// Whether its values may have policy variables. The page on operators counts Bool in, the one on variables
    /// does not; a Bool with a variable is read as text that is neither true nor false.
    pub fn has_variables(self) -> bool {
        use Comparison::{Arn, Like, Text, TextFolded};
        matches!(self.comparison, Text | TextFolded | Like | Arn)
    }
}

/// What may be meant by a name that there is not.
fn meant(name: &str) -> Option<&'static str> {
    let squeezed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let others = [
        ("Equals", "StringEquals"),
        ("NotEquals", "StringNotEquals"),
        ("Like", "StringLike"),
        ("Boolean", "Bool"),
        ("BoolEquals", "Bool"),
        ("NumericLess", "NumericLessThan"),
        ("NumberLessThan", "NumericLessThan"),
        ("ArnNotEqual", "ArnNotEquals"),
        ("IpAddressNot", "NotIpAddress"),
        ("NotBool", "Bool"),
        ("BoolNot", "Bool"),
    ];
    let exact = OPERATORS.iter().map(|operator| (operator.name, operator.name));
    exact.chain(others).find(|(wrong, _)| wrong.eq_ignore_ascii_case(&squeezed)).map(|(_, right)| right)
}
