//! Following the chain, entry by entry: in the store, or in an export of it.

use std::fmt;
use std::str::FromStr;

use super::{BEGINNING, JournalEntry, JournalProblem};

/// A place in the journal that somebody keeps, to know it again: `1234:9b0a…`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct JournalHead {
    /// The number of the last entry; 0 where there is none.
    pub number: u64,
    /// Its hash, in hex.
    pub hash: String,
}

/// What is no place in a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no place in a journal; write it as `hermetic trail verify` shows it, such as 1234:9b0a…")]
pub struct JournalHeadError(String);

impl JournalHead {
    /// Before the first entry.
    pub fn beginning() -> Self {
        Self { number: 0, hash: BEGINNING.to_owned() }
    }
}

impl fmt::Display for JournalHead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for JournalHead {
    type Err = JournalHeadError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once(':').and_then(|(number, hash)| {
            let is_hash = hash.len() == BEGINNING.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hash.then_some(Self { number: number.parse().ok()?, hash: hash.to_ascii_lowercase() })
        });
        parts.ok_or_else(|| JournalHeadError(text.to_owned()))
    }
}

/// The chain as far as it was followed, and the place that it must pass.
#[derive(Clone, Debug)]
pub struct Chain {
    head: JournalHead,
    first: u64,
    expected: Option<JournalHead>,
}

impl Chain {
    /// One that begins with entry 1.
    pub fn from_the_beginning(expected: Option<JournalHead>) -> Self {
        Self { head: JournalHead::beginning(), first: 1, expected }
    }

    /// One that begins with this entry, whatever was before it. It is not followed yet.
    pub fn from_entry(first: &JournalEntry, expected: Option<JournalHead>) -> Self {
        let head = JournalHead { number: first.number.saturating_sub(1), hash: first.previous.clone() };
        Self { head, first: first.number, expected }
    }

    /// Goes on by one entry, if it is the one that follows.
    pub fn follow(&mut self, entry: &JournalEntry) -> Result<(), JournalProblem> {
        entry.follows(self.head.number + 1, &self.head.hash)?;
        self.passes()?;
        self.head = entry.head();
        self.passes()
    }

    /// The number of the entry that must come next.
    pub fn next(&self) -> u64 {
        self.head.number + 1
    }

    /// Where the chain ends. An error where the place that it must pass comes only after.
    pub fn end(self) -> Result<JournalHead, JournalProblem> {
        self.passes()?;
        match self.expected {
            Some(expected) if expected.number > self.head.number => {
                Err(JournalProblem::CutOff { from: self.head.number + 1, expected: expected.number })
            }
            Some(expected) if expected.number + 1 < self.first => {
                Err(JournalProblem::Before { expected: expected.number, first: self.first })
            }
            _ => Ok(self.head),
        }
    }

    fn passes(&self) -> Result<(), JournalProblem> {
        match &self.expected {
            Some(expected) if expected.number == self.head.number && expected.hash != self.head.hash => {
                Err(JournalProblem::Another(expected.number))
            }
            _ => Ok(()),
        }
    }
}
