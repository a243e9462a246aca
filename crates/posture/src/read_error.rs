//! What stops a reader: where, what, and what to do.

use crate::span::{Files, Span};

/// What stops a reader, or one resource of what it reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {what}; {remedy}", at.line, at.column)]
pub struct ReadError {
    /// Where.
    pub at: Span,
    /// What is wrong there.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl ReadError {
    pub(crate) fn new(at: Span, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { at, what: what.into(), remedy: remedy.into() }
    }

    /// All of it in one line, with the file.
    pub fn told(&self, files: &Files) -> String {
        let Self { at, what, remedy } = self;
        format!("{}:{}:{}: {what}; {remedy}", files.path(at.file).display(), at.line, at.column)
    }
}
