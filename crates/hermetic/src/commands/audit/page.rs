//! What a person reads: the worst first, each with its place and what to do.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use hermetic_hop::{Severity, Verdict};
use hermetic_posture::report::{Counts, FindingLine, FlowLine, Report, Status};

use crate::output::{plain, several, tone};

const DIMMED: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// The report as text, coloured.
pub fn text(report: &Report, flows: bool) -> String {
    let mut text = String::new();
    if flows {
        report.flows.iter().for_each(|flow| write_flow(&mut text, flow));
        if report.flows.is_empty() {
            text.push_str("no data's path is to be seen in this code\n\n");
        }
    }
    report.findings.iter().for_each(|finding| write_finding(&mut text, finding));
    for problem in &report.problems {
        let red = AnsiColor::Red.on_default().bold();
        // A string takes whatever is written to it.
        let _ = writeln!(
            text,
            "{}:{}:{}: {red}not read{red:#}: {}\n",
            plain(&problem.file),
            problem.line,
            problem.column,
            plain(&problem.message)
        );
    }
    text.push_str(&counted(&report.counts));
    text
}

fn write_finding(text: &mut String, finding: &FindingLine) {
    let tone = finding_tone(finding);
    let _ = writeln!(
        text,
        "{tone}{:<8}{tone:#} {BOLD}{}{BOLD:#} {DIMMED}{}{DIMMED:#}",
        word(finding),
        plain(&finding.resource),
        plain(&finding.kind)
    );
    let _ = writeln!(text, "         {}", plain(&told(finding)));
    let _ = writeln!(
        text,
        "         {DIMMED}at{DIMMED:#} {}:{}:{}  {DIMMED}{}{}{DIMMED:#}",
        plain(&finding.file),
        finding.line,
        finding.column,
        finding.control,
        finding.ids.security_hub.as_deref().map(|id| format!(", {id}")).unwrap_or_default()
    );
    if finding.status == Status::Fail {
        let _ = writeln!(text, "         {DIMMED}do{DIMMED:#} {}", plain(&finding.remedy));
    }
    text.push('\n');
}

/// What was seen, when it is so, and by whose leave.
pub fn told(finding: &FindingLine) -> String {
    let when = finding.when.as_ref().map(|when| format!("; when {when}")).unwrap_or_default();
    let leave = finding.exception.as_ref().map(|exception| {
        format!(
            "; accepted until {}, {} answers for it: {}",
            exception.until, exception.owner, exception.reason
        )
    });
    let known = if finding.known == Some(true) { "; known before" } else { "" };
    format!("{}{when}{}{known}", finding.message, leave.unwrap_or_default())
}

fn word(finding: &FindingLine) -> &'static str {
    match finding.status {
        Status::Fail => finding.severity.as_str(),
        status => status.as_str(),
    }
}

fn finding_tone(finding: &FindingLine) -> Style {
    match (finding.status, finding.severity) {
        (Status::Fail, Severity::Critical | Severity::High) => AnsiColor::Red.on_default().bold(),
        (Status::Fail, _) => AnsiColor::Yellow.on_default(),
        (Status::Unknown, _) => AnsiColor::Cyan.on_default(),
        (Status::Pass, _) => AnsiColor::Green.on_default(),
        (Status::Excepted | Status::NotApplicable, _) => DIMMED,
    }
}

fn write_flow(text: &mut String, flow: &FlowLine) {
    let _ = writeln!(text, "{BOLD}{}{BOLD:#}  {}", plain(&flow.name), verdict(flow.verdict));
    for hop in &flow.hops {
        let _ = writeln!(
            text,
            "  {} → {}  {}  {DIMMED}{}{DIMMED:#}",
            plain(&hop.from),
            plain(&hop.to),
            verdict(hop.verdict),
            plain(&hop.reason)
        );
    }
    text.push('\n');
}

fn verdict(verdict: Verdict) -> String {
    let tone = tone(verdict);
    format!("{tone}{verdict}{tone:#}")
}

fn counted(counts: &Counts) -> String {
    let many = |count: usize, what: &str| several(u64::try_from(count).unwrap_or(u64::MAX), what);
    let excepted =
        if counts.excepted > 0 { format!(", {} excepted", counts.excepted) } else { String::new() };
    format!(
        "{} in {}: {} fail, {} unknown{excepted}, {} pass\n",
        many(counts.resources, "resource"),
        many(counts.files, "file"),
        counts.fail,
        counts.unknown,
        counts.pass
    )
}
