//! Texts with wildcards and policy variables, as they stand in actions, resources and conditions.

use crate::error::Problem;

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any characters, also none.
    Any,
    /// What this variable of the request stands for.
    Variable(Variable),
}

/// A policy variable: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The key, in lower case.
    pub key: String,
    /// What it stands for where the request has no such key.
    pub otherwise: Option<String>,
}

/// A text with wildcards and variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern(pub Vec<Piece>);

/// Which of a text's characters mean more than themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `*` and `?` are wildcards.
    pub wildcards: bool,
    /// `${…}` is a variable or an escape.
    pub variables: bool,
}

impl Pattern {
    /// Reads a text.
    pub fn read(text: &str, reading: Reading) -> Result<Self, Problem> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if reading.variables && rest.starts_with("${") {
                let (inner, behind) = rest
                    .get(2..)
                    .and_then(|inner| inner.split_once('}'))
                    .ok_or_else(|| Problem::Variable(rest.to_owned()))?;
                pieces.push(variable(inner)?);
                rest = behind;
                continue;
            }
            pieces.push(match next {
                '*' if reading.wildcards => Piece::Any,
                '?' if reading.wildcards => Piece::One,
                _ => Piece::Char(next),
            });
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        pieces.dedup_by(|a, b| *a == Piece::Any && *b == Piece::Any);
        Ok(Self(pieces))
    }

    /// Whether it takes every text.
    pub fn takes_all(&self) -> bool {
        self.0 == [Piece::Any]
    }

    /// The text, where it takes no other.
    pub fn literal(&self) -> Option<String> {
        let character = |piece: &Piece| match piece {
            Piece::Char(character) => Some(*character),
            _ => None,
        };
        self.0.iter().map(character).collect()
    }

    /// The text before a `*` at its end, where that is its only wildcard.
    pub fn literal_before_any(&self) -> Option<String> {
        match self.0.split_last() {
            Some((Piece::Any, before)) => Self(before.to_vec()).literal(),
            _ => None,
        }
    }

    /// The variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    /// Whether it takes this text, where `value` tells what a variable stands for. It takes nothing where one
    /// stands for nothing.
    pub fn takes<'a>(
        &'a self,
        text: &str,
        folding: Folding,
        value: &impl Fn(&'a Variable) -> Option<&'a str>,
    ) -> bool {
        self.variables().all(|variable| value(variable).is_some()) && takes(&self.0, text, folding, value)
    }
}

/// As it is written, but for what was escaped.
impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Char(character) => write!(f, "{character}"),
            Piece::One => f.write_str("?"),
            Piece::Any => f.write_str("*"),
            Piece::Variable(variable) => write!(f, "${{{}}}", variable.key),
        })
    }
}

/// Whether capitals count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// They do.
    Exact,
    /// They don't.
    Folded,
}

/// `${…}` without its braces.
fn variable(inner: &str) -> Result<Piece, Problem> {
    let wrong = || Problem::Variable(format!("${{{inner}}}"));
    let mut characters = inner.chars();
    if let (Some(literal @ ('*' | '?' | '$')), None) = (characters.next(), characters.next()) {
        return Ok(Piece::Char(literal));
    }
    let (key, otherwise) = match inner.split_once(',') {
        None => (inner, None),
        Some((key, otherwise)) => {
            let quoted = otherwise.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            (key, Some(quoted.ok_or_else(wrong)?.to_owned()))
        }
    };
    let key = key.trim();
    if key.is_empty() || key.contains(['$', '{', '*', '?']) {
        return Err(wrong());
    }
    Ok(Piece::Variable(Variable { key: key.to_ascii_lowercase(), otherwise }))
}

/// Goes on from the last `*` where what is behind it does not fit: in time of the product of both lengths, for
/// any input.
fn takes<'a>(
    pieces: &'a [Piece],
    text: &str,
    folding: Folding,
    value: &impl Fn(&'a Variable) -> Option<&'a str>,
) -> bool {
    let (mut left, mut at) = (pieces, text);
    let mut last_any: Option<(&[Piece], &str)> = None;
    loop {
        let fitted = match left.split_first() {
            None if at.is_empty() => return true,
            None => None,
            Some((Piece::Any, behind)) => {
                last_any = Some((behind, at));
                left = behind;
                continue;
            }
            Some((Piece::One, behind)) => without_first(at).map(|rest| (behind, rest)),
            Some((Piece::Char(expected), behind)) => at
                .chars()
                .next()
                .filter(|found| same(*expected, *found, folding))
                .and_then(|_| without_first(at))
                .map(|rest| (behind, rest)),
            Some((Piece::Variable(variable), behind)) => {
                value(variable).and_then(|stands| without(at, stands, folding)).map(|rest| (behind, rest))
            }
        };
        match (fitted, last_any) {
            (Some(fitted), _) => (left, at) = fitted,
            (None, Some((behind, from))) => match without_first(from) {
                Some(from) => {
                    last_any = Some((behind, from));
                    (left, at) = (behind, from);
                }
                None => return false,
            },
            (None, None) => return false,
        }
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

fn without<'a>(text: &'a str, prefix: &str, folding: Folding) -> Option<&'a str> {
    let mut rest = text.chars();
    prefix
        .chars()
        .all(|expected| rest.next().is_some_and(|found| same(expected, found, folding)))
        .then_some(())?;
    Some(rest.as_str())
}

/// Whether two characters are the same.
pub fn same(a: char, b: char, folding: Folding) -> bool {
    match folding {
        Folding::Exact => a == b,
        Folding::Folded if a.is_ascii() && b.is_ascii() => a.eq_ignore_ascii_case(&b),
        Folding::Folded => a.to_lowercase().eq(b.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Folding, Pattern, Piece, Reading};

    const ALL: Reading = Reading { wildcards: true, variables: true };

    fn takes(pattern: &str, text: &str) -> bool {
        Pattern::read(pattern, ALL).unwrap().takes(text, Folding::Exact, &|variable| match &*variable.key {
            "aws:username" => Some("a*na"),
            _ => variable.otherwise.as_deref(),
        })
    }

    #[test]
    fn a_star_takes_any_run_and_a_question_mark_one_character() {
        assert!(takes("a*c?", "abbbcd"));
        assert!(takes("*", ""));
        assert!(!takes("?", ""));
        assert!(!takes("a?c", "ac"));
        assert!(takes("*a*a", "aaa"));
    }

    #[test]
    fn a_variable_stands_for_its_text_and_no_wildcard_in_it_counts() {
        assert!(takes("x/${aws:username}/*", "x/a*na/y"));
        assert!(!takes("x/${aws:username}/*", "x/abna/y"));
    }

    #[test]
    fn a_variable_without_a_value_makes_the_pattern_take_nothing() {
        assert!(!takes("*${aws:none}", ""));
        assert!(takes("${aws:none, 'x'}", "x"));
    }

    #[test]
    fn an_escaped_wildcard_is_itself() {
        assert!(takes("a${*}b", "a*b"));
        assert!(!takes("a${*}b", "axb"));
    }

    #[test]
    fn a_variable_that_names_a_variable_is_refused() {
        assert!(Pattern::read("${aws:${aws:username}}", ALL).is_err());
        assert!(Pattern::read("${aws:username", ALL).is_err());
    }

    /// All ways, by the definition.
    fn by_definition(pieces: &[Piece], text: &[char]) -> bool {
        match (pieces.split_first(), text.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some((Piece::Any, behind)), _) => {
                (0..=text.len()).any(|end| by_definition(behind, &text[end..]))
            }
            (Some((Piece::One, behind)), Some((_, rest))) => by_definition(behind, rest),
            (Some((Piece::Char(expected), behind)), Some((found, rest))) => {
                expected == found && by_definition(behind, rest)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_takes_what_the_definition_takes(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let read = Pattern::read(&pattern, ALL).unwrap();
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(takes(&pattern, &text), by_definition(&read.0, &characters));
        }
    }
}
