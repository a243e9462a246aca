//! CSV (RFC 4180): a finding a line, for spreadsheets, and a line for each target of which something was not to be seen.

use std::ops::ControlFlow;

use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output;

const HEADINGS: [&str; 11] = [
    "target",
    "address",
    "verdict",
    "severity",
    "control",
    "reason",
    "subjects",
    "remedy",
    "software",
    "configuration",
    "known",
];

/// A finding a line, below a line of headings.
#[derive(Debug, Default)]
pub struct Csv {
    begun: bool,
}

impl Sink for Csv {
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        let mut text = String::new();
        if !self.begun {
            text.push_str(&line(HEADINGS.map(str::to_owned)));
            self.begun = true;
        }
        if let Some(reason) = report.undecided() {
            text.push_str(&line(undecided(report, reason)));
        }
        report.judged.findings.iter().for_each(|shown| text.push_str(&line(cells(report, shown))));
        output::print_while_read(&text)
    }

    fn end(self: Box<Self>, _: &KeysMet) -> Result<(), Failure> {
        if self.begun { Ok(()) } else { output::print(&line(HEADINGS.map(str::to_owned))) }
    }
}

/// A line without a finding, for what nobody could tell: no line would look as if all were well.
fn undecided(report: &Report, reason: String) -> [String; 11] {
    let [target, address, verdict] =
        [report.target.clone(), report.address.clone().unwrap_or_default(), report.verdict().to_string()];
    let nothing = String::new;
    [
        target,
        address,
        verdict,
        nothing(),
        nothing(),
        reason,
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
    ]
}

fn cells(report: &Report, shown: &super::super::judged::Shown) -> [String; 11] {
    let found = &shown.found;
    let configuration = found.configuration.as_ref();
    [
        report.target.clone(),
        report.address.clone().unwrap_or_default(),
        report.verdict().to_string(),
        found.finding.severity.as_str().to_owned(),
        found.finding.control.to_owned(),
        found.finding.reason.clone(),
        found.subjects.join(" "),
        found.finding.remedy.clone(),
        configuration.map(|it| it.software.name().to_owned()).unwrap_or_default(),
        configuration.map(|it| it.lines.join("\n")).unwrap_or_default(),
        shown.known.map(|known| known.to_string()).unwrap_or_default(),
    ]
}

fn line(cells: [String; 11]) -> String {
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// A cell. What a spreadsheet would take for a formula is text behind an apostrophe: names and reasons may come
/// from anybody's certificate.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_has_to_be_and_is_never_a_formula() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(1,2)", "\"'@SUM(1,2)\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
