//! Controls, and their results for one resource.

pub mod asff;
pub mod ocsf;
pub mod sarif;

use serde::{Deserialize, Serialize};

/// A rule with an id, a severity and a pass condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Its id; AWS Config's where that has the same rule.
    pub id: &'static str,
    /// What holds where it passes.
    pub title: &'static str,
}

/// How bad it is. Ordered, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing falls short; it is as well to know.
    Informational,
    /// It can wait.
    Low,
    /// It should be mended in days.
    Medium,
    /// It should be mended today.
    High,
    /// It is an outage, or about to be.
    Critical,
}

/// From which severity on something falls short. Ordered, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    /// From this one on.
    Severity(Severity),
    /// From none: it is only shown.
    Never,
}

/// A control's result for one resource that does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the control.
    pub control: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// A finding with the resource that it is about, to be written in a format of others.
#[derive(Clone, Debug)]
pub struct Reported<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The resource.
    pub resource: Resource<'a>,
}

/// What a finding is about.
#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// What it is, such as `certificate`.
    pub kind: &'a str,
    /// What tells it from all others of its kind.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// What else is worth knowing of it.
    pub details: Vec<(&'static str, String)>,
    /// Where it is declared; none where no file declares it.
    pub place: Option<Place<'a>>,
}

/// A place in a file. Lines and columns count from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The path, as it was given.
    pub file: &'a str,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Finding {
    /// Whether something falls short, and needs somebody's attention.
    pub fn falls_short(&self) -> bool {
        self.severity > Severity::Informational
    }
}

#[cfg(test)]
mod samples {
    use super::{Control, Finding, Resource, Severity};

    pub(super) const CONTROLS: [Control; 2] = [
        Control { id: "first-check", title: "the first holds" },
        Control { id: "second-check", title: "the second holds" },
    ];

    pub(super) fn finding() -> Finding {
        Finding {
            control: "second-check",
            severity: Severity::High,
            reason: "its RSA key has 1024 bits".to_owned(),
            remedy: "replace it".to_owned(),
        }
    }

    pub(super) fn resource() -> Resource<'static> {
        let details = vec![("names", "dns:shop.example.com".to_owned())];
        Resource { kind: "certificate", id: "3f0a7c21", name: "listener edge", details, place: None }
    }
}
