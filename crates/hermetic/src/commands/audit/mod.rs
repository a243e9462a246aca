//! `hermetic audit`: infrastructure code judged for encryption in transit, and the data's path through it.

mod inputs;
mod list;
mod page;
mod select;

pub use select::unknown as unknown_control;

use hermetic_posture::report::{self, FindingLine, Report, Status};
use hermetic_posture::{audit, flow};
use hermetic_tls::{Clock, SystemClock};

use crate::arguments::{Audit, AuditFormat};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::picture;

/// Reads what was given, judges it, and prints what was found.
pub fn run(arguments: &Audit) -> Result<Exit, Failure> {
    let controls = select::controls(&arguments.controls)?;
    if arguments.list {
        list::print(&controls, arguments.format)?;
        return Ok(Exit::Fine);
    }
    let read = inputs::read(arguments)?;
    let findings = audit(&read.graph, &controls);
    let flows = flow::follow(&read.graph);
    let report = Report::of(&read.graph, &findings, &flows, &read.problems);
    let exit = exit(arguments, &report);
    let report = if arguments.all { report } else { report.without_passes() };
    let drawn = || report::picture(&read.graph, &flows, SystemClock.now());
    match arguments.format {
        AuditFormat::Table => output::print(&page::text(&report, arguments.flows))?,
        AuditFormat::Json => output::print_json(&report)?,
        AuditFormat::Jsonl => output::print(&lines(&report)?)?,
        AuditFormat::Svg => output::print(&picture::svg(&drawn()))?,
        AuditFormat::Dot => output::print(&picture::dot(&drawn()))?,
        AuditFormat::Html => output::print(&picture::html(&drawn()))?,
    }
    Ok(exit)
}

/// How it ends: what fails decides, then what could not be read, then what nobody can tell.
fn exit(arguments: &Audit, report: &Report) -> Exit {
    let least = arguments.fail_on.map(hermetic_hop::Severity::from);
    let counts = |line: &&FindingLine| least.is_none_or(|least| line.severity >= least);
    let any = |status: Status| report.findings.iter().filter(counts).any(|line| line.status == status);
    let hop_falls_short = |verdict: fn(hermetic_hop::Verdict) -> bool| {
        arguments.flows && report.flows.iter().any(|flow| verdict(flow.verdict))
    };
    if any(Status::Fail) || hop_falls_short(|verdict| verdict < hermetic_hop::Verdict::Unknown) {
        Exit::Findings
    } else if !report.problems.is_empty() {
        Exit::Wrong
    } else if any(Status::Unknown) || hop_falls_short(|verdict| verdict == hermetic_hop::Verdict::Unknown) {
        Exit::Unable
    } else {
        Exit::Fine
    }
}

fn lines(report: &Report) -> Result<String, Failure> {
    let line = |line| serde_json::to_string(line).map(|json| json + "\n");
    let lines: Result<String, _> = report.findings.iter().map(line).collect();
    lines.map_err(|error| Failure::unable(format!("the result can't be written as JSON: {error}")))
}
