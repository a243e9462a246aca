//! SPDX licence expressions, and whether an allow-list satisfies them.
//!
//! The grammar is that of SPDX 2.3, annex D: `WITH` binds closest, then `AND`, then `OR`. The slash
//! that old manifests write between two licences means `OR`.

use std::fmt;
use std::iter::Peekable;
use std::vec::IntoIter;

/// A licence expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// A licence by its identifier, with its exception: `Apache-2.0 WITH LLVM-exception`.
    Licence(String),
    /// Both hold.
    And(Box<Expression>, Box<Expression>),
    /// One of them, as we choose.
    Or(Box<Expression>, Box<Expression>),
}

/// Text that is no licence expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(String);

impl Expression {
    /// Reads an expression.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
        let mut words = words.into_iter().peekable();
        let expression = either(&mut words)?;
        match words.next() {
            None => Ok(expression),
            Some(word) => Err(Malformed(format!("`{word}` is too much"))),
        }
    }

    /// Whether licences that we allow are enough to use what is under it.
    pub(crate) fn is_satisfied(&self, allowed: &[&str]) -> bool {
        match self {
            Self::Licence(name) => allowed.contains(&name.as_str()),
            Self::And(left, right) => left.is_satisfied(allowed) && right.is_satisfied(allowed),
            Self::Or(left, right) => left.is_satisfied(allowed) || right.is_satisfied(allowed),
        }
    }
}

type Words = Peekable<IntoIter<String>>;

fn either(words: &mut Words) -> Result<Expression, Malformed> {
    let mut left = all(words)?;
    while words.next_if(|word| word == "OR").is_some() {
        left = Expression::Or(Box::new(left), Box::new(all(words)?));
    }
    Ok(left)
}

fn all(words: &mut Words) -> Result<Expression, Malformed> {
    let mut left = one(words)?;
    while words.next_if(|word| word == "AND").is_some() {
        left = Expression::And(Box::new(left), Box::new(one(words)?));
    }
    Ok(left)
}

fn one(words: &mut Words) -> Result<Expression, Malformed> {
    if words.next_if(|word| word == "(").is_some() {
        let inner = either(words)?;
        return match words.next_if(|word| word == ")") {
            Some(_) => Ok(inner),
            None => Err(Malformed("a parenthesis is not closed".to_owned())),
        };
    }
    let mut name = identifier(words)?;
    if words.next_if(|word| word == "WITH").is_some() {
        name = format!("{name} WITH {}", identifier(words)?);
    }
    Ok(Expression::Licence(name))
}

fn identifier(words: &mut Words) -> Result<String, Malformed> {
    match words.next() {
        None => Err(Malformed("it ends where a licence should stand".to_owned())),
        Some(word) if ["AND", "OR", "WITH", "(", ")"].contains(&word.as_str()) => {
            Err(Malformed(format!("`{word}` stands where a licence should")))
        }
        Some(word) => Ok(word),
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["Apache-2.0", "MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];

    fn satisfied(text: &str) -> bool {
        Expression::parse(text).unwrap().is_satisfied(ALLOWED)
    }

    #[test]
    fn of_alternatives_one_is_enough() {
        assert!(satisfied("GPL-3.0-only OR MIT"));
        assert!(!satisfied("GPL-3.0-only OR AGPL-3.0-only"));
    }

    #[test]
    fn of_a_conjunction_all_are_needed() {
        assert!(satisfied("MIT AND ISC"));
        assert!(!satisfied("MIT AND GPL-3.0-only"));
    }

    #[test]
    fn and_binds_closer_than_or() {
        assert!(satisfied("MIT OR ISC AND GPL-3.0-only"));
        assert!(satisfied("GPL-3.0-only AND ISC OR MIT"));
    }

    #[test]
    fn parentheses_bind_closest() {
        assert!(!satisfied("(MIT OR ISC) AND GPL-3.0-only"));
        assert!(satisfied("(MIT OR GPL-3.0-only) AND (ISC)"));
    }

    #[test]
    fn an_exception_is_part_of_its_licence() {
        assert!(satisfied("Apache-2.0 WITH LLVM-exception"));
        assert!(!satisfied("MIT WITH LLVM-exception"));
        assert!(!satisfied("GPL-2.0-only WITH Classpath-exception-2.0"));
    }

    #[test]
    fn a_slash_of_old_manifests_is_a_choice() {
        assert!(satisfied("GPL-3.0/MIT"));
        assert!(satisfied("GPL-3.0 / MIT"));
    }

    #[test]
    fn a_later_version_is_another_licence() {
        assert!(!satisfied("MIT+"));
    }

    #[test]
    fn what_is_no_expression_is_told() {
        for text in ["", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH", "MIT OR OR ISC"] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }
}
