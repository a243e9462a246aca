//! CSV (RFC 4180): a finding a line, for spreadsheets.

use hermetic_posture::report::{FindingLine, Report};

const HEADINGS: [&str; 12] = [
    "status",
    "severity",
    "control",
    "security_hub",
    "resource",
    "type",
    "file",
    "line",
    "message",
    "when",
    "remedy",
    "falls_short",
];

/// The report as lines below a line of headings.
pub fn text(report: &Report) -> String {
    let head = line(HEADINGS.map(str::to_owned));
    std::iter::once(head).chain(report.findings.iter().map(|finding| line(cells(finding)))).collect()
}

fn cells(finding: &FindingLine) -> [String; 12] {
    [
        finding.status.as_str().to_owned(),
        finding.severity.as_str().to_owned(),
        finding.control.to_owned(),
        finding.ids.security_hub.as_deref().unwrap_or_default().to_owned(),
        finding.resource.to_string(),
        finding.kind.to_string(),
        finding.file.clone(),
        finding.line.to_string(),
        finding.message.clone(),
        finding.when.clone().unwrap_or_default(),
        finding.remedy.clone(),
        finding.falls_short.to_string(),
    ]
}

fn line(cells: [String; 12]) -> String {
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// A cell. What a spreadsheet would take for a formula is text behind an apostrophe: names come from anybody's code.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
