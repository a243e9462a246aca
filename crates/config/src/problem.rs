//! What is wrong in a configuration, and where.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// The file can't be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is wrong in these places.
    #[error("{}", problems.iter().map(|problem| format!("{}:{problem}", path.display())).collect::<Vec<_>>().join("\n"))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, in the order of the text.
        problems: Vec<Problem>,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// The problems found so far in one text, each at a byte of it.
#[derive(Debug)]
pub(crate) struct Problems<'t> {
    text: &'t str,
    found: Vec<(usize, Problem)>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Tells what is wrong at this byte, and what to do.
    pub(crate) fn tell(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.tell_plainly(at, message.into(), Some(hint.into()));
    }

    /// Tells what is wrong at this byte, where there may be nothing to advise.
    pub(crate) fn tell_plainly(&mut self, at: usize, message: String, hint: Option<String>) {
        let (line, column) = self.place(at);
        self.found.push((at, Problem { line, column, message, hint }));
    }

    /// Tells at this byte what an error says that tells what is wrong and, after a semicolon, what to do.
    pub(crate) fn tell_error(&mut self, at: usize, error: &impl fmt::Display) {
        let error = error.to_string();
        match error.split_once("; ") {
            Some((message, hint)) => self.tell(at, message, hint),
            None => self.tell_plainly(at, error, None),
        }
    }

    /// The line of this byte, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.place(at).0
    }

    /// All of them, in the order of the text.
    pub(crate) fn in_order(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.into_iter().map(|(_, problem)| problem).collect()
    }

    /// Line and column, from 1; columns count characters, as editors do.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let last = before.rsplit('\n').next().unwrap_or(before);
        (before.matches('\n').count() + 1, last.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}
