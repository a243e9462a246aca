//! `hermetic audit`: infrastructure code judged for encryption in transit, and the data's path through it.

mod accepted;
mod inputs;
mod list;
mod page;
mod select;
mod sink;

pub use select::unknown as unknown_control;

use hermetic_hop::Verdict;
use hermetic_hop::asff::Account;
use hermetic_posture::report::{self, FindingLine, Report, Status};
use hermetic_posture::{Control, audit, flow};
use hermetic_tls::{Clock, SystemClock};

use crate::arguments::{Audit, AuditFormat};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::picture;

/// Reads what was given, judges it, and prints what was found.
pub fn run(arguments: &Audit) -> Result<Exit, Failure> {
    let controls = select::controls(arguments)?;
    if arguments.list {
        list::print(&controls, arguments.format)?;
        return Ok(Exit::Fine);
    }
    let now = SystemClock.now();
    let accepted = accepted::exceptions(arguments)?;
    let baseline = accepted::baseline(arguments)?;
    let account = account(arguments)?;
    let read = inputs::read(arguments, now)?;
    for warning in &read.warnings {
        eprintln!("warning: {}", output::plain(&warning.told(&read.graph.files)));
    }
    let findings = audit(&read.graph, &controls);
    let flows = flow::follow(&read.graph);
    if arguments.emit_config {
        output::print(&report::configuration(&read.graph, &flows))?;
        return Ok(Exit::Fine);
    }
    let mut report = Report::of(&read.graph, &findings, &flows, &read.problems, &accepted, now);
    if let Some(baseline) = &baseline {
        report.compare(baseline);
    }
    let exit = exit(arguments, &report);
    let report = if arguments.all { report } else { report.without_passes() };
    let rules: Vec<hermetic_hop::Control> = controls.iter().map(|control| rule(control)).collect();
    let drawn = || report::picture(&flows, now);
    match arguments.format {
        AuditFormat::Table => output::print(&page::text(&report, arguments.flows))?,
        AuditFormat::Json => output::print_json(&report)?,
        AuditFormat::Jsonl => output::print(&lines(&report)?)?,
        AuditFormat::Sarif => output::print_json(&sink::sarif(&report, &rules))?,
        AuditFormat::Junit => output::print(&sink::junit::text(&report))?,
        AuditFormat::Csv => output::print(&sink::csv::text(&report))?,
        AuditFormat::Github => output::print(&sink::github::text(&report))?,
        AuditFormat::Asff => output::print_json(&sink::asff(&report, &rules, account, now))?,
        AuditFormat::Ocsf => output::print_json(&sink::ocsf(&report, &rules, now))?,
        AuditFormat::Svg => output::print(&picture::svg(&drawn()))?,
        AuditFormat::Dot => output::print(&picture::dot(&drawn()))?,
        AuditFormat::Html => output::print(&picture::html(&drawn()))?,
    }
    Ok(exit)
}

fn rule(control: &'static Control) -> hermetic_hop::Control {
    hermetic_hop::Control { id: &control.id, title: &control.title }
}

/// Whose Security Hub findings are for; it takes none without.
fn account(arguments: &Audit) -> Result<Account<'_>, Failure> {
    match (arguments.account.as_deref(), arguments.region.as_deref()) {
        (Some(id), Some(region)) => Ok(Account { id, region }),
        _ if arguments.format == AuditFormat::Asff => {
            Err(Failure::wrong("a finding in the AWS Security Finding Format is for an account in a region")
                .remedy("give --account 111122223333 --region eu-central-1"))
        }
        _ => Ok(Account { id: "", region: "" }),
    }
}

/// How it ends: what fails decides, then what could not be read, then what nobody can tell. What an earlier audit
/// knew decides nothing.
fn exit(arguments: &Audit, report: &Report) -> Exit {
    let least = arguments.fail_on.map(hermetic_hop::Severity::from);
    let counts =
        |line: &&FindingLine| line.known != Some(true) && least.is_none_or(|least| line.severity >= least);
    let any = |status: Status| report.findings.iter().filter(counts).any(|line| line.status == status);
    let falls_short = |verdict: fn(Verdict) -> bool| {
        arguments.flows && report.flows.iter().any(|flow| verdict(flow.verdict))
    };
    if any(Status::Fail) || falls_short(|verdict| verdict < Verdict::Unknown) {
        Exit::Findings
    } else if !report.problems.is_empty() {
        Exit::Wrong
    } else if any(Status::Unknown) || falls_short(|verdict| verdict == Verdict::Unknown) {
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
