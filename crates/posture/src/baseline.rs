//! What an earlier audit knew: only what is new since then falls short.

use std::collections::HashSet;

use serde::Deserialize;

use crate::report::{FindingLine, SCHEMA};

/// What an earlier audit found failing.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    known: HashSet<Known>,
}

/// A finding is known again by its control, file and resource: lines move.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
struct Known {
    control: String,
    file: String,
    resource: String,
}

/// A text that is no earlier audit.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is no JSON of that form.
    #[error("it is no report of an audit: {0}; write one with `hermetic audit --format json`")]
    Form(#[from] serde_json::Error),
    /// It is something else's.
    #[error(
        "it is `{0}` and no report of an audit (`{SCHEMA}`); write one with `hermetic audit --format json`"
    )]
    Schema(String),
}

#[derive(Deserialize)]
struct Earlier {
    schema: String,
    findings: Vec<EarlierLine>,
}

#[derive(Deserialize)]
struct EarlierLine {
    status: String,
    #[serde(flatten)]
    known: Known,
}

impl Baseline {
    /// Reads an earlier report.
    ///
    /// # Errors
    /// The text is none.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let earlier: Earlier = serde_json::from_str(text)?;
        if earlier.schema != SCHEMA {
            return Err(BaselineError::Schema(earlier.schema));
        }
        let failed = earlier.findings.into_iter().filter(|line| line.status == "fail");
        Ok(Self { known: failed.map(|line| line.known).collect() })
    }

    /// Whether a finding was there before.
    pub fn knows(&self, line: &FindingLine) -> bool {
        self.known.contains(&Known {
            control: line.control.to_owned(),
            file: line.file.clone(),
            resource: line.resource.to_string(),
        })
    }
}
