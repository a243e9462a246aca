//! Controls, and their results for one resource.

use serde::Serialize;

/// A rule with an id, a severity and a pass condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Its id; AWS Config's where that has the same rule.
    pub id: &'static str,
    /// What holds where it passes.
    pub title: &'static str,
}

/// How bad it is. Ordered, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
