//! What an earlier audit knew: only what is new since then falls short.

use std::collections::HashMap;

use serde::Deserialize;

use crate::report::{FindingLine, SCHEMA, Status};

/// What an earlier audit found failing, and how often each.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    known: HashMap<Known, Vec<Option<String>>>,
}

/// A finding is known again by its control, file and resource: lines move, and words change.
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
    when: Option<String>,
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
        let mut known: HashMap<Known, Vec<Option<String>>> = HashMap::new();
        for line in earlier.findings.into_iter().filter(|line| line.status == "fail") {
            known.entry(line.known.at_home()).or_default().push(line.when);
        }
        Ok(Self { known })
    }

    /// Marks what was there before, each as often as it was. What failed in some scenarios and now fails in others
    /// was not.
    pub(crate) fn compare(&self, lines: &mut [FindingLine]) {
        let mut left = self.known.clone();
        for line in lines {
            let failed = left.get_mut(&Known::of(line)).filter(|_| line.status == Status::Fail);
            let known = failed.and_then(|whens| {
                let place = whens.iter().position(|when| when.is_none() || *when == line.when)?;
                Some(whens.swap_remove(place))
            });
            line.known = Some(known.is_some());
        }
    }
}

impl Known {
    fn of(line: &FindingLine) -> Self {
        let known = Self {
            control: line.control.to_owned(),
            file: line.file.clone(),
            resource: line.resource.to_string(),
        };
        known.at_home()
    }

    /// `./shop.yaml` is `shop.yaml`.
    fn at_home(mut self) -> Self {
        if let Some(file) = self.file.strip_prefix("./") {
            self.file = file.to_owned();
        }
        self
    }
}
