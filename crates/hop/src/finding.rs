//! Controls, and their results for one resource.

pub mod asff;
pub mod ocsf;
pub mod sarif;

use serde::{Deserialize, Serialize};

use crate::exception::Exception;

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

/// What was found of a control at one resource.
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

/// How a control stands to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It does not hold.
    Fail,
    /// Nobody can tell.
    Unknown,
    /// It does not hold, and an exception says that it may.
    Excepted,
    /// It holds.
    Pass,
    /// It has nothing to say.
    NotApplicable,
}

/// A control's result with the resource that it is about, to be written in a format of others.
#[derive(Clone, Debug)]
pub struct Reported<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// How the control stands to the resource.
    pub status: Status,
    /// By whose leave it may be so, where it is excepted.
    pub leave: Option<Leave<'a>>,
    /// What regulations and guides say of the control, where that is known.
    pub compliance: Option<&'a Compliance<'a>>,
    /// The resource.
    pub resource: Resource<'a>,
}

/// An exception that covers a result, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leave<'a> {
    /// The exception.
    pub exception: &'a Exception,
    /// Whether it stands beside the resource in the code.
    pub in_source: bool,
}

/// What regulations and guides say of a control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compliance<'a> {
    /// Security Hub's id of the same control, such as `S3.5`.
    pub security_control: Option<&'a str>,
    /// The regulations and guides that ask for it.
    pub standards: Vec<Standard<'a>>,
    /// What of them it answers, as Security Hub writes it: `NIST.800-53.r5 SC-8`.
    pub requirements: Vec<&'a str>,
}

/// A regulation or a guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standard<'a> {
    /// Its title.
    pub title: &'a str,
    /// Security Hub's id of it, where that has it.
    pub id: Option<&'a str>,
    /// Its name among the types of findings of Security Hub, where it has one.
    pub finding_type: Option<&'a str>,
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

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl<'a> Reported<'a> {
    /// A control that does not hold, and of which nothing else is known.
    pub fn failing(finding: &'a Finding, resource: Resource<'a>) -> Self {
        Self { finding, status: Status::Fail, leave: None, compliance: None, resource }
    }
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
    use super::{Compliance, Control, Exception, Finding, Resource, Severity, Standard};

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

    pub(super) fn exception() -> Exception {
        let (reason, owner) = ("the vendor has no TLS yet".to_owned(), "payments".to_owned());
        Exception { reason, owner, until: "2027-03-31".parse().unwrap() }
    }

    pub(super) fn compliance() -> Compliance<'static> {
        let standard =
            |title, id, finding_type| Standard { title, id: Some(id), finding_type: Some(finding_type) };
        Compliance {
            security_control: Some("S3.5"),
            standards: vec![
                standard("PCI DSS 4.0.1", "standards/pci-dss/v/4.0.1", "PCI-DSS"),
                standard(
                    "NIST SP 800-53 revision 5",
                    "standards/nist-800-53/v/5.0.0",
                    "NIST 800-53 Controls (USA)",
                ),
                Standard { title: "SEC09-BP02", id: None, finding_type: None },
            ],
            requirements: vec!["PCI DSS v4.0.1/4.2.1", "NIST.800-53.r5 SC-8"],
        }
    }

    pub(super) fn resource() -> Resource<'static> {
        let details = vec![("names", "dns:shop.example.com".to_owned())];
        Resource { kind: "certificate", id: "3f0a7c21", name: "listener edge", details, place: None }
    }
}
