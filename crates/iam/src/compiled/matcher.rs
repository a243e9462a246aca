//! Patterns made ready: most are a text, or a text with anything behind it, and need no search.

use super::Unenforceable;
use super::test::{Facts, KnownKey, known, stands_for};
use crate::document::{ArnPattern, ResourcePattern};
use crate::json::Place;
use crate::pattern::{Folding, Pattern, Variable};

/// What a statement says of a resource.
#[derive(Debug)]
pub(super) enum ResourceMatcher<K> {
    All,
    Arn(ArnMatcher<K>),
    Nothing,
}

/// An ARN with wildcards.
#[derive(Debug)]
pub(super) enum ArnMatcher<K> {
    /// This one.
    Exact(String),
    /// This, with anything behind it in its last part.
    Beginning(String),
    Search(Box<ArnPattern>, Variables<K>),
}

/// A text with wildcards.
#[derive(Debug)]
pub(super) enum TextMatcher<K> {
    Exact(String),
    Beginning(String),
    Search(Pattern, Variables<K>),
}

/// The variables of a pattern, with the keys that they stand for.
#[derive(Debug)]
pub(super) struct Variables<K>(Vec<(String, K)>);

impl<K: KnownKey> ResourceMatcher<K> {
    pub fn of(pattern: &ResourcePattern, place: Place, callers: bool) -> Result<Self, Unenforceable> {
        Ok(match pattern {
            ResourcePattern::All => Self::All,
            ResourcePattern::Nothing(_) => Self::Nothing,
            ResourcePattern::Arn(pattern) => Self::Arn(ArnMatcher::of(pattern, place, callers)?),
        })
    }

    pub fn takes(&self, arn: &str, facts: &impl Facts<K>) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Arn(matcher) => matcher.takes(arn, facts),
        }
    }
}

impl<K: KnownKey> ArnMatcher<K> {
    pub fn of(pattern: &ArnPattern, place: Place, callers: bool) -> Result<Self, Unenforceable> {
        let [before @ .., last] = &pattern.0;
        let before: Option<Vec<String>> = before.iter().map(Pattern::literal).collect();
        if let Some(before) = before.map(|parts| parts.join(":")) {
            if let Some(last) = last.literal() {
                return Ok(Self::Exact(format!("{before}:{last}")));
            }
            if let Some(last) = last.literal_before_any() {
                return Ok(Self::Beginning(format!("{before}:{last}")));
            }
        }
        let variables = Variables::of(pattern.variables(), place, callers)?;
        Ok(Self::Search(Box::new(pattern.clone()), variables))
    }

    pub fn takes(&self, arn: &str, facts: &impl Facts<K>) -> bool {
        match self {
            Self::Exact(text) => text == arn,
            Self::Beginning(text) => arn.starts_with(text.as_str()),
            Self::Search(pattern, variables) => pattern.takes(arn, &|it| variables.stand_for(it, facts)),
        }
    }
}

impl<K: KnownKey> TextMatcher<K> {
    pub fn of(pattern: &Pattern, place: Place, callers: bool) -> Result<Self, Unenforceable> {
        if let Some(text) = pattern.literal() {
            return Ok(Self::Exact(text));
        }
        if let Some(text) = pattern.literal_before_any() {
            return Ok(Self::Beginning(text));
        }
        Ok(Self::Search(pattern.clone(), Variables::of(pattern.variables(), place, callers)?))
    }

    pub fn takes(&self, text: &str, folding: Folding, facts: &impl Facts<K>) -> bool {
        match (self, folding) {
            (Self::Exact(exact), Folding::Exact) => exact == text,
            (Self::Exact(exact), Folding::Folded) if exact.is_ascii() && text.is_ascii() => {
                exact.eq_ignore_ascii_case(text)
            }
            (Self::Exact(exact), Folding::Folded) => {
                exact.chars().flat_map(char::to_lowercase).eq(text.chars().flat_map(char::to_lowercase))
            }
            (Self::Beginning(beginning), _) => text.starts_with(beginning.as_str()),
            (Self::Search(pattern, variables), _) => {
                pattern.takes(text, folding, &|it| variables.stand_for(it, facts))
            }
        }
    }
}

impl<K: KnownKey> Variables<K> {
    fn of<'a>(
        variables: impl Iterator<Item = &'a Variable>,
        place: Place,
        callers: bool,
    ) -> Result<Self, Unenforceable> {
        let known = |variable: &Variable| Ok((variable.key.clone(), known(&variable.key, place, callers)?));
        variables.map(known).collect::<Result<_, _>>().map(Self)
    }

    fn stand_for<'a>(&self, variable: &'a Variable, facts: &'a impl Facts<K>) -> Option<&'a str> {
        let (_, key) = self.0.iter().find(|(name, _)| *name == variable.key)?;
        stands_for(facts.fact(*key)).or(variable.otherwise.as_deref())
    }
}
