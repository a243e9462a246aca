//! What a report says of findings and standards, beside what an earlier scan found.

use std::collections::BTreeSet;

use hermetic_hop::Severity;
use hermetic_probe::findings::{self, Case, Found};
use hermetic_probe::judge::standards::{Standing, standings};
use serde::Serialize;

use super::remembered::Remembered;

/// The part of a report that judges.
#[derive(Debug, Serialize)]
pub struct Judged {
    pub(super) findings: Vec<Shown>,
    /// What an earlier scan found and this one does not; nothing where there was none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) gone: Vec<String>,
    pub(super) standards: Vec<Standing>,
}

/// A finding, and whether it is news.
#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub(super) found: Found,
    /// Whether an earlier scan found it too; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) known: Option<bool>,
}

impl Judged {
    /// What falls short of a case.
    pub fn of(case: Case<'_>) -> Self {
        let found = findings::of(case).into_iter();
        Self {
            findings: found.map(|found| Shown { found, known: None }).collect(),
            gone: Vec::new(),
            standards: standings(case.scanned),
        }
    }

    /// Says of each finding whether it was known, and which of those that were known are gone. Of a target that
    /// nobody remembers all is new.
    pub fn compare(&mut self, earlier: Option<&Remembered>) {
        let mut seen = BTreeSet::new();
        for shown in &mut self.findings {
            let keys = shown.keys();
            let is_known = |key| earlier.is_some_and(|earlier| earlier.findings.contains(key));
            shown.known = Some(keys.iter().all(is_known));
            seen.extend(keys);
        }
        let earlier = earlier.into_iter().flat_map(|earlier| &earlier.findings);
        self.gone = earlier.filter(|key| !seen.contains(*key)).cloned().collect();
    }

    /// Whether there is news as bad as this.
    pub fn has_news(&self, least: Severity) -> bool {
        self.news().any(|shown| shown.found.finding.severity >= least)
    }

    /// Those that are not known from before.
    pub fn news(&self) -> impl Iterator<Item = &Shown> {
        self.findings.iter().filter(|shown| !shown.is_known())
    }
}

impl Shown {
    /// Whether an earlier scan found it too.
    pub fn is_known(&self) -> bool {
        self.known == Some(true)
    }

    /// What tells it from others.
    pub fn keys(&self) -> BTreeSet<String> {
        findings::keys(self.found.finding.control, &self.found.subjects)
    }
}
