//! What an audit found, as programs read it: schema `hermetic.audit/1`.

mod config;
mod flows;
mod remedy;

use std::sync::Arc;

use hermetic_hop::{Exception, Severity};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub use config::configuration;
pub use flows::{FlowLine, HopLine, picture};
pub use remedy::Remedy;

use crate::audit::Finding;
use crate::baseline::Baseline;
use crate::control::Ids;
use crate::exception::{self, Accepted};
use crate::flow::Flows;
use crate::graph::Graph;
use crate::read_error::ReadError;
use crate::verdict::Standing;

/// The name of the schema of a [`Report`].
pub const SCHEMA: &str = "hermetic.audit/1";

/// What an audit found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// `hermetic.audit/1`.
    pub schema: &'static str,
    /// What was found, the worst first.
    pub findings: Vec<FindingLine>,
    /// The flows, the worst first.
    pub flows: Vec<FlowLine>,
    /// The files and resources that could not be read.
    pub problems: Vec<ProblemLine>,
    /// How many there are of each.
    pub counts: Counts,
}

/// A control's result for one resource.
#[derive(Clone, Debug, Serialize)]
pub struct FindingLine {
    /// The control.
    pub control: &'static str,
    /// What holds where it passes.
    pub title: &'static str,
    /// The same control elsewhere.
    pub ids: Ids,
    /// How it stands.
    pub status: Status,
    /// How bad it is where it does not hold.
    pub severity: Severity,
    /// The resource's logical id, or its address.
    pub resource: Arc<str>,
    /// Its CloudFormation type.
    #[serde(rename = "type")]
    pub kind: Arc<str>,
    /// The file.
    pub file: String,
    /// The line; the first is 1.
    pub line: u32,
    /// The column; the first is 1.
    pub column: u32,
    /// What was seen.
    pub message: String,
    /// In which scenarios it is so; absent where it is so in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What to do, in words.
    pub remedy: String,
    /// What to write.
    pub write: Remedy,
    /// The kind of hop that it is about.
    pub hop: Arc<str>,
    /// By whose leave it may be so; absent where nobody gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// Whether an earlier audit found it failing; absent where none was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<bool>,
}

/// How a control stands to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
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

/// A file or a resource that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProblemLine {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// What is wrong, and what to do.
    pub message: String,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Files that were read.
    pub files: usize,
    /// Resources.
    pub resources: usize,
    /// Findings that fail.
    pub fail: usize,
    /// Findings that nobody can tell.
    pub unknown: usize,
    /// Findings that an exception covers.
    pub excepted: usize,
    /// Controls that hold, each resource for itself.
    pub pass: usize,
}

impl Report {
    /// The report on these findings and flows.
    ///
    /// What an exception covers at this instant is excepted; one that has ended is told.
    pub fn of(
        graph: &Graph,
        findings: &[Finding<'static>],
        flows: &Flows,
        problems: &[ReadError],
        accepted: &[Accepted],
        now: Timestamp,
    ) -> Self {
        let excused = Excused { accepted, now };
        let of_finding = |finding| excused.line(graph, finding);
        let mut lines: Vec<FindingLine> = findings.iter().filter_map(of_finding).collect();
        // The worst first; a sort keeps the order of resources within.
        lines.sort_by_key(|line| (line.status, std::cmp::Reverse(line.severity)));
        let counts =
            Counts { files: graph.files.len(), resources: graph.resources().count(), ..Counts::of(&lines) };
        Self {
            schema: SCHEMA,
            findings: lines,
            flows: flows::lines(graph, flows),
            problems: problems.iter().map(|problem| ProblemLine::of(graph, problem)).collect(),
            counts,
        }
    }

    /// The same without what passes or does not apply.
    pub fn without_passes(mut self) -> Self {
        self.findings.retain(|line| line.status < Status::Pass);
        self
    }

    /// Marks what an earlier audit knew.
    pub fn compare(&mut self, baseline: &Baseline) {
        self.findings.iter_mut().for_each(|line| line.known = Some(baseline.knows(line)));
    }

    /// Whether something fails.
    pub fn falls_short(&self) -> bool {
        self.findings.iter().any(|line| line.status == Status::Fail)
    }
}

impl Counts {
    fn of(lines: &[FindingLine]) -> Self {
        let count = |status: Status| lines.iter().filter(|line| line.status == status).count();
        Self {
            fail: count(Status::Fail),
            unknown: count(Status::Unknown),
            excepted: count(Status::Excepted),
            pass: count(Status::Pass),
            ..Self::default()
        }
    }
}

impl ProblemLine {
    fn of(graph: &Graph, problem: &ReadError) -> Self {
        let ReadError { at, what, remedy } = problem;
        let file = graph.files.path(at.file).display().to_string();
        Self { file, line: at.line, column: at.column, message: format!("{what}; {remedy}") }
    }
}

fn line(graph: &Graph, finding: &Finding<'static>) -> Option<FindingLine> {
    let resource = graph.resource(finding.resource)?;
    let control = finding.control;
    let write = Remedy::of(control, resource);
    Some(FindingLine {
        control: &control.id,
        title: &control.title,
        ids: control.ids.clone(),
        status: Status::from(finding.standing),
        severity: finding.severity,
        resource: Arc::clone(&resource.name),
        kind: Arc::clone(&resource.kind),
        file: graph.files.path(finding.at.file).display().to_string(),
        line: finding.at.line,
        column: finding.at.column,
        message: finding.message.clone(),
        when: finding.when.as_ref().map(ToString::to_string),
        remedy: remedy::words(control, resource),
        write,
        hop: Arc::clone(&control.hop),
        exception: None,
        known: None,
    })
}

/// The exceptions at an instant.
struct Excused<'a> {
    accepted: &'a [Accepted],
    now: Timestamp,
}

impl Excused<'_> {
    fn line(&self, graph: &Graph, finding: &Finding<'static>) -> Option<FindingLine> {
        let mut line = line(graph, finding)?;
        if line.status > Status::Unknown {
            return Some(line);
        }
        let resource = graph.resource(finding.resource)?;
        let about = |accepted: &&Accepted| accepted.is_about(finding.control, resource);
        let beside: Vec<Accepted> = exception::beside(resource).into_iter().flatten().collect();
        let last = self.accepted.iter().chain(&beside).filter(about).max_by_key(|accepted| accepted.until);
        match last.map(Accepted::exception) {
            Some(exception) if exception.holds_at(self.now) => {
                line.status = Status::Excepted;
                line.exception = Some(exception);
            }
            Some(exception) => {
                line.message.push_str(&format!(
                    "; the exception of {} ended with {}",
                    exception.owner, exception.until
                ));
            }
            None => {}
        }
        Some(line)
    }
}

impl From<Standing> for Status {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Fail => Self::Fail,
            Standing::Unknown => Self::Unknown,
            Standing::Pass => Self::Pass,
            Standing::NotApplicable => Self::NotApplicable,
        }
    }
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
