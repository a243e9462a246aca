//! `hermetic audit`: infrastructure code judged for encryption in transit, and the data's path through it.

mod exceptions;
mod found;
mod inputs;
mod list;
mod page;
mod parameters;
mod progress;
mod select;
mod sink;
mod terms;

pub use select::meant_by;

use std::mem::ManuallyDrop;

use hermetic_hop::Verdict;
use hermetic_hop::asff::Account;
use hermetic_posture::report::{self, FindingLine, Report, Status};
use hermetic_posture::{Control, audit_telling, flow};
use hermetic_tls::{Clock, SystemClock};
use jiff::Timestamp;

use crate::arguments::{Audit, AuditFormat};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::picture;
use terms::Terms;

/// What the report of an audit keeps to.
const SCHEMA: &str = include_str!("report.schema.json");

/// Reads what was given, judges it, and prints what was found.
pub fn run(arguments: &Audit) -> Result<Exit, Failure> {
    if arguments.schema {
        output::print(SCHEMA)?;
        return Ok(Exit::Fine);
    }
    let known = select::known(arguments)?;
    let terms = Terms::read(arguments, &known)?;
    let mut controls = select::asked_for(arguments, &known, &terms.requirements)?;
    if arguments.list {
        list::print(&controls, &select::frameworks(arguments)?, arguments.format)?;
        return Ok(Exit::Fine);
    }
    select::with_what_is_nested(&mut controls);
    let account = account(arguments)?;
    let now = SystemClock.now();
    // To give back a large estate node by node takes longer than to end.
    let read = ManuallyDrop::new(inputs::read(arguments, now)?);
    warn(&read.warnings);
    if arguments.emit_config {
        output::print(&report::configuration(&read.graph, &flow::follow(&read.graph)))?;
        return Ok(Exit::Fine);
    }
    let resources = read.graph.resources().count();
    let findings = progress::shown("judged", resources, |done| audit_telling(&read.graph, &controls, done));
    let flows = flow::follow(&read.graph);
    if flows.cut {
        let most = flow::MOST_FLOWS;
        eprintln!(
            "warning: there are more than {most} flows; the worst of them are told, and every hop counts"
        );
    }
    let measured = terms.at(now, arguments.all, &controls);
    let report = Report::of(&read.graph, &findings, &flows, &read.problems, &measured);
    warn(&exceptions::warnings(&report.exceptions, &known));
    let exit = exit(arguments, &report, &flows.hops);
    print(arguments, &Judged { report, flows, controls, account, now })?;
    Ok(exit)
}

fn warn(warnings: &[String]) {
    warnings.iter().for_each(|warning| eprintln!("warning: {}", output::plain(warning)));
}

/// What was found, and what it takes to print it.
struct Judged<'a> {
    report: Report,
    flows: flow::Flows,
    controls: Vec<&'static Control>,
    account: Account<'a>,
    now: Timestamp,
}

fn print(arguments: &Audit, judged: &Judged<'_>) -> Result<(), Failure> {
    let Judged { report, flows, controls, account, now } = judged;
    let drawn = || report::picture(flows, &report.shortfalls, *now);
    match arguments.format {
        AuditFormat::Table => output::print(&page::text(report, arguments.flows, output::width())),
        AuditFormat::Json => output::print_json(report),
        AuditFormat::Jsonl => output::print(&lines(report)?),
        AuditFormat::Sarif => output::print_json(&sink::sarif(report, controls)),
        AuditFormat::Junit => output::print(&sink::junit::text(report)),
        AuditFormat::Csv => output::print(&sink::csv::text(report)),
        AuditFormat::Github => output::print(&sink::github::text(report)),
        AuditFormat::Asff => output::print_json(&sink::asff(report, controls, *account, *now)),
        AuditFormat::Ocsf => output::print_json(&sink::ocsf(report, controls, *now)),
        AuditFormat::Svg => output::print(&picture::svg(&drawn())),
        AuditFormat::Dot => output::print(&picture::dot(&drawn())),
        AuditFormat::Html => output::print(&picture::html(&drawn(), &sink::html::findings(report))),
    }?;
    if !arguments.format.tells_problems() {
        report.problems.iter().for_each(|problem| eprintln!("not read: {}", output::plain(&problem.told())));
    }
    Ok(())
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

/// How it ends: what falls short decides, then what could not be read, then what nobody can tell.
fn exit(arguments: &Audit, report: &Report, hops: &[flow::Hop]) -> Exit {
    let nobody_can_tell = |line: &FindingLine| line.status == Status::Unknown && line.counts;
    let hop = |is: fn(Verdict) -> bool| arguments.flows && hops.iter().any(|hop| is(hop.verdict()));
    let lacks =
        |status: Status| arguments.flows && report.shortfalls.iter().any(|line| line.status == status);
    if report.findings.iter().any(|line| line.falls_short)
        || hop(|verdict| verdict < Verdict::Unknown)
        || lacks(Status::Fail)
    {
        Exit::Findings
    } else if !report.problems.is_empty() {
        Exit::Wrong
    } else if report.findings.iter().any(nobody_can_tell)
        || hop(|verdict| verdict == Verdict::Unknown)
        || lacks(Status::Unknown)
    {
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
