//! What an audit found, as programs read it: schema `hermetic.audit/1`.

mod config;
mod demanded;
mod exceptions;
mod family;
mod flows;
mod measure;
mod naming;
mod remedy;
mod target;

use std::collections::HashSet;
use std::sync::Arc;

pub use hermetic_hop::Status;
use hermetic_hop::{Exception, Severity};
use jiff::Timestamp;
use serde::Serialize;

pub use config::configuration;
pub use demanded::ShortfallLine;
pub use exceptions::{ExceptionLine, State};
pub use flows::{FlowLine, HopLine, picture};
pub use remedy::Remedy;

use crate::audit::Finding;
use crate::baseline::Baseline;
use crate::control::{Control, Ids};
use crate::exception::Accepted;
use crate::flow::Flows;
use crate::graph::Graph;
use crate::read_error::ReadError;
use crate::requirement::Requirements;
use crate::side_by_side;
use crate::span::FileId;
use crate::verdict::Standing;
use measure::Measure;

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
    /// What the flows lack of what the configuration requires of them.
    pub shortfalls: Vec<ShortfallLine>,
    /// The exceptions, and what became of each.
    pub exceptions: Vec<ExceptionLine>,
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
    /// Whether that stands beside the resource in the code.
    #[serde(skip)]
    pub excepted_in_source: bool,
    /// Whether an earlier audit found it failing; absent where none was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<bool>,
    /// Whether the audit falls short by it: it fails, it counts, and no earlier audit knew it.
    pub falls_short: bool,
    /// Whether it is bad enough to count, were it failing.
    #[serde(skip)]
    pub counts: bool,
}

/// A file or a resource that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Files with resources.
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

/// What an audit is measured by.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'t> {
    /// The exceptions of the configuration; those beside the resources count, too.
    pub accepted: &'t [Accepted],
    /// The controls that were judged.
    pub judged: &'t [&'static Control],
    /// How much each control weighs.
    pub requirements: &'t Requirements,
    /// What is demanded of the flows.
    pub of_flows: &'t [hermetic_hop::Requirement],
    /// What an earlier audit knew.
    pub baseline: Option<&'t Baseline>,
    /// The instant at which exceptions count.
    pub now: Timestamp,
    /// Whether what holds and what does not apply is told, too. It is counted in any case.
    pub all: bool,
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
        terms: &Terms<'_>,
    ) -> Self {
        let measure = Measure::new(graph, terms);
        let told = findings.iter().filter(|finding| terms.all || finding.standing > Standing::Pass);
        let told: Vec<&Finding<'static>> = told.collect();
        let lines = side_by_side::each(&told, || (), |(), _, finding| measure.line(finding));
        let mut lines: Vec<FindingLine> = lines.into_iter().flatten().collect();
        // The worst first; a sort keeps the order of resources within.
        lines.sort_by_key(|line| (line.status, std::cmp::Reverse(line.severity)));
        if let Some(baseline) = terms.baseline {
            baseline.compare(&mut lines);
        }
        for line in &mut lines {
            line.falls_short = line.status == Status::Fail && line.counts && line.known != Some(true);
        }
        // Files that turned out to be something else are none of them.
        let files: HashSet<FileId> = graph.resources().map(|(_, resource)| resource.at.file).collect();
        let pass = findings.iter().filter(|finding| finding.standing == Standing::Pass).count();
        let counts =
            Counts { files: files.len(), resources: graph.resources().count(), pass, ..Counts::of(&lines) };
        let problems = problems.iter().chain(&measure.problems);
        Self {
            schema: SCHEMA,
            findings: lines,
            flows: flows::lines(graph, flows),
            shortfalls: demanded::shortfalls(flows, terms.of_flows),
            exceptions: exceptions::lines(graph, findings, terms, measure.beside()),
            problems: problems.map(|problem| ProblemLine::of(graph, problem)).collect(),
            counts,
        }
    }
}

impl Counts {
    fn of(lines: &[FindingLine]) -> Self {
        let count = |status: Status| lines.iter().filter(|line| line.status == status).count();
        Self {
            fail: count(Status::Fail),
            unknown: count(Status::Unknown),
            excepted: count(Status::Excepted),
            ..Self::default()
        }
    }
}

impl ProblemLine {
    /// Its place: `shop.yaml:12:7`.
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }

    /// All of it in one line.
    pub fn told(&self) -> String {
        format!("{}: {}", self.place(), self.message)
    }

    fn of(graph: &Graph, problem: &ReadError) -> Self {
        let ReadError { at, what, remedy } = problem;
        let file = graph.files.path(at.file).display().to_string();
        Self { file, line: at.line, column: at.column, message: format!("{what}; {remedy}") }
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
