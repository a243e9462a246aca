//! A whole report: hops, flows, what falls short, what was counted.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use hermetic_hop::Report;

use super::{flows, heading, hops, plain};
use crate::arguments::ReportFormat;
use crate::exit::Failure;
use crate::picture;

/// Prints the report in this format.
pub fn print(report: &Report, format: ReportFormat) -> Result<(), Failure> {
    match format {
        ReportFormat::Table => super::print(&text(report, super::width())),
        ReportFormat::Json => super::print_json(report),
        ReportFormat::Svg => super::print(&picture::svg(report)),
        ReportFormat::Html => super::print(&picture::html(report, "")),
        ReportFormat::Dot => super::print(&picture::dot(report)),
    }
}

/// The report as text, within `width` columns where there is one.
pub fn text(report: &Report, width: Option<usize>) -> String {
    let bold = heading();
    let mut sections = Vec::new();
    if report.hops.is_empty() {
        sections.push("no hops: the configuration has no listeners and no [[hop]]s\n".to_owned());
    } else {
        sections.push(hops::table(&report.hops, report.at).render(width));
    }
    sections.push(hops::reasons(&report.hops));
    if !report.flows.is_empty() {
        sections.push(flows::table(report).render(width));
    }
    sections.push(shortfalls(report));
    sections.push(hops::scans(&report.hops, report.at));
    let counts = hops::counts(&report.hops);
    if !counts.is_empty() {
        sections.push(format!("{bold}SINCE THE START{bold:#}\n{counts}"));
    }
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// What falls short of a requirement, a line each.
fn shortfalls(report: &Report) -> String {
    if report.shortfalls.is_empty() {
        return String::new();
    }
    let (bold, red) = (heading(), AnsiColor::Red.on_default());
    let mut text = format!("{bold}REQUIREMENTS NOT MET{bold:#}\n");
    for shortfall in &report.shortfalls {
        let reason = plain(&shortfall.reason);
        let _ = writeln!(text, "{red}{}{red:#}, {}: {reason}", shortfall.flow, shortfall.hop);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a running instance answered: a tour whose application can't be reached by a second path.
    fn sample() -> Report {
        serde_json::from_str(include_str!("samples/report.json")).unwrap()
    }

    fn shown(width: Option<usize>) -> String {
        anstream::adapter::strip_str(&text(&sample(), width)).to_string()
    }

    #[test]
    fn a_report_on_a_wide_terminal() {
        insta::assert_snapshot!(shown(None));
    }

    #[test]
    fn a_report_on_80_columns() {
        insta::assert_snapshot!(shown(Some(80)));
    }
}
