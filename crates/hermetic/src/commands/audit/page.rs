//! What a person reads: resource by resource, the worst first, each finding with its place and what to do.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use hermetic_hop::{Severity, Verdict};
use hermetic_posture::report::{Counts, FindingLine, FlowLine, Report, ShortfallLine, Status};

use crate::output::{plain, several, tone};

const DIMMED: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// How far what is told of a finding stands from the edge.
const MARGIN: usize = 12;

/// The report as text, coloured, within `width` columns where there is one.
pub fn text(report: &Report, flows: bool, width: Option<usize>) -> String {
    let mut text = String::new();
    if flows {
        report.flows.iter().for_each(|flow| write_flow(&mut text, flow, width));
        report.shortfalls.iter().for_each(|line| write_shortfall(&mut text, line, width));
        if report.flows.is_empty() {
            text.push_str("no data's path is to be seen in this code\n\n");
        } else if !report.shortfalls.is_empty() {
            text.push('\n');
        }
    }
    for of_resource in by_resource(&report.findings) {
        write_resource(&mut text, &of_resource, width);
    }
    for problem in &report.problems {
        let red = AnsiColor::Red.on_default().bold();
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{red}not read{red:#} {}", plain(&problem.place()));
        write_wrapped(&mut text, "", &problem.message, width);
        text.push('\n');
    }
    text.push_str(&counted(&report.counts));
    if report.counts.fail > 0 {
        text.push_str("`hermetic explain ID`: what to write in CloudFormation, Terraform or the AWS CLI\n");
    }
    text
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
    let counts = why_it_does_not_count(finding).map(|why| format!("; {why}"));
    format!("{}{when}{}{}", finding.message, leave.unwrap_or_default(), counts.unwrap_or_default())
}

/// Why a finding that fails does not make the audit fall short.
pub fn why_it_does_not_count(finding: &FindingLine) -> Option<&'static str> {
    match (finding.status, finding.known) {
        (Status::Fail, _) if finding.falls_short => None,
        (Status::Fail, Some(true)) => Some("known before"),
        (Status::Fail, _) => Some("not bad enough to fall short here"),
        _ => None,
    }
}

/// The findings of each resource, in the order of the worst of each.
fn by_resource(findings: &[FindingLine]) -> Vec<Vec<&FindingLine>> {
    let mut order = Vec::new();
    let mut places = std::collections::HashMap::new();
    for finding in findings {
        let place = *places.entry((&finding.resource, &finding.kind, &finding.file)).or_insert_with(|| {
            order.push(Vec::new());
            order.len() - 1
        });
        if let Some(of_resource) = order.get_mut(place) {
            of_resource.push(finding);
        }
    }
    order
}

fn write_resource(text: &mut String, findings: &[&FindingLine], width: Option<usize>) {
    let Some(first) = findings.first() else { return };
    let _ =
        writeln!(text, "{BOLD}{}{BOLD:#} {DIMMED}{}{DIMMED:#}", plain(&first.resource), plain(&first.kind));
    findings.iter().for_each(|finding| write_finding(text, finding, width));
    text.push('\n');
}

fn write_finding(text: &mut String, finding: &FindingLine, width: Option<usize>) {
    let tone = finding_tone(finding);
    let elsewhere = finding.ids.security_hub.as_deref().map(|id| format!(", {id}")).unwrap_or_default();
    let place = format!("at {}:{}:{}", plain(&finding.file), finding.line, finding.column);
    let told_by = format!("{}{elsewhere}", finding.control);
    let fits =
        width.is_none_or(|width| MARGIN + told_by.chars().count() + 1 + place.chars().count() <= width);
    let gap = if fits { " ".to_owned() } else { format!("\n{:MARGIN$}", "") };
    let _ =
        writeln!(text, "  {tone}{:<8}{tone:#}  {told_by}{gap}{DIMMED}{place}{DIMMED:#}", short_word(finding));
    write_wrapped(text, "", &told(finding), width);
    if finding.status == Status::Fail {
        write_wrapped(text, "do: ", &finding.remedy, width);
    }
}

/// A paragraph behind the margin.
fn write_wrapped(text: &mut String, label: &str, paragraph: &str, width: Option<usize>) {
    for line in
        wrapped(&format!("{label}{}", plain(paragraph)), width.map(|width| width.saturating_sub(MARGIN)))
    {
        let _ = writeln!(text, "{:MARGIN$}{line}", "");
    }
}

/// The text in lines no longer than this, broken between words; a longer word has a line of its own.
fn wrapped(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn short_word(finding: &FindingLine) -> &'static str {
    match (finding.status, finding.severity) {
        (Status::Fail, Severity::Informational) => "info",
        (Status::Fail, severity) => severity.as_str(),
        (Status::NotApplicable, _) => "n/a",
        (status, _) => status.as_str(),
    }
}

fn finding_tone(finding: &FindingLine) -> Style {
    match (finding.status, finding.severity) {
        (Status::Fail, _) if !finding.falls_short => DIMMED,
        (Status::Fail, Severity::Critical | Severity::High) => AnsiColor::Red.on_default().bold(),
        (Status::Fail, _) => AnsiColor::Yellow.on_default(),
        (Status::Unknown, _) => AnsiColor::Cyan.on_default(),
        (Status::Pass, _) => AnsiColor::Green.on_default(),
        (Status::Excepted | Status::NotApplicable, _) => DIMMED,
    }
}

fn write_flow(text: &mut String, flow: &FlowLine, width: Option<usize>) {
    let _ = writeln!(text, "{BOLD}{}{BOLD:#} is {}", plain(&flow.name), verdict(flow.verdict).trim_end());
    for hop in &flow.hops {
        let _ = writeln!(text, "  {}  {} → {}", verdict(hop.verdict), plain(&hop.from), plain(&hop.to));
        if hop.verdict != Verdict::Sealed || width.is_none() {
            write_wrapped(text, "", &hop.reason, width);
        }
    }
    text.push('\n');
}

fn write_shortfall(text: &mut String, line: &ShortfallLine, width: Option<usize>) {
    let word = if line.status == Status::Fail { "requirement not met" } else { "requirement unknown" };
    let _ = writeln!(text, "{BOLD}{word}{BOLD:#} {}", plain(&line.flow));
    write_wrapped(text, "", &format!("{}: {}", line.hop, line.reason), width);
}

fn verdict(verdict: Verdict) -> String {
    let tone = tone(verdict);
    format!("{tone}{:<8}{tone:#}", verdict.to_string())
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

#[cfg(test)]
mod tests {
    use hermetic_posture::requirement::Requirements;
    use hermetic_posture::{Files, Graph, PartId, audit, cloudformation, controls, flow, report};

    use super::*;

    fn report_on(template: &str) -> Report {
        let mut files = Files::default();
        let file = files.add("infrastructure/shop/targets.yaml");
        let read =
            cloudformation::read(template, file, PartId(0), &cloudformation::Given::default()).unwrap();
        let graph = Graph::new(files, vec![read.part]);
        let controls: Vec<_> = controls::all().iter().collect();
        let terms = report::Terms {
            accepted: &[],
            judged: &controls,
            requirements: &Requirements::default(),
            of_flows: &[],
            baseline: None,
            now: jiff::Timestamp::UNIX_EPOCH,
            all: false,
        };
        Report::of(&graph, &audit(&graph, &controls), &flow::follow(&graph), &[], &terms)
    }

    #[test]
    fn a_page_keeps_to_eighty_columns_and_has_each_resource_once() {
        let template = "Resources:\n  Tasks:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties: { Port: 80, Protocol: HTTP }\n";
        let report = report_on(template);
        let page = anstream::adapter::strip_str(&text(&report, true, Some(80))).to_string();
        assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        assert_eq!(page.matches("AWS::ElasticLoadBalancingV2::TargetGroup").count(), 1, "{page}");
        assert!(page.contains("medium") && page.contains("at infrastructure/shop/targets.yaml:4:"), "{page}");
    }

    #[test]
    fn where_something_fails_the_last_line_says_how_to_learn_what_to_write() {
        let group = |protocol: &str| {
            let target = "Type: AWS::ElasticLoadBalancingV2::TargetGroup";
            let page = text(
                &report_on(&format!(
                    "Resources:\n  Tasks:\n    {target}\n    Properties: {{ Protocol: {protocol}, HealthCheckProtocol: HTTPS }}\n"
                )),
                false,
                None,
            );
            page.lines().last().unwrap().contains("hermetic explain ID")
        };
        assert!(group("HTTP"));
        assert!(!group("HTTPS"));
    }

    #[test]
    fn a_paragraph_keeps_to_the_width_and_loses_no_word() {
        let text = "a load balancer never verifies its targets, so this hop is weak";
        let lines = wrapped(text, Some(20));
        assert!(lines.iter().all(|line| line.len() <= 20), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped("aws_s3_bucket.a_very_long_name", Some(5)), ["aws_s3_bucket.a_very_long_name"]);
        assert_eq!(wrapped(text, None), [text]);
    }
}
