//! JSON with places: every value knows where it stands, so that an error, a lint and a fix can point at it.
//!
//! `serde_json` has no places, and takes the last of two equal keys without a word; in a policy the other may be
//! the one that denies.

mod reader;
#[cfg(test)]
mod tests;

use std::fmt;

pub use reader::read;

/// The first and the last byte behind it, counted from the start of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

/// A line and a column, counted from one. A column is a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// Where this byte of the text is.
    pub fn of(text: &str, byte: usize) -> Self {
        Self { line: 1, column: 1 }.behind(text.get(..byte).unwrap_or(text))
    }

    /// The place behind a text that begins here.
    #[must_use]
    pub(crate) fn behind(self, text: &str) -> Self {
        match text.rsplit_once('\n') {
            Some((_, line)) => {
                Self { line: self.line + text.matches('\n').count(), column: line.chars().count() + 1 }
            }
            None => Self { column: self.column + text.chars().count(), ..self },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where.
    pub span: Span,
    /// What.
    pub value: Value,
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Node>),
    /// Members in their order; no two have the same key.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its key.
    pub key: String,
    /// Where the key stands, with its quotes.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

impl Value {
    /// What it is called in an error.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}
