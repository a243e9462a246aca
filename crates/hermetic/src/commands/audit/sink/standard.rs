//! SARIF, the AWS Security Finding Format and OCSF. What passes is in none of them; what nobody can tell is there, and
//! says so.

use hermetic_hop::asff::Account;
use hermetic_hop::{Control, Finding, Place, Reported, Resource, Severity};
use hermetic_posture::report::{FindingLine, Report, Status};
use jiff::Timestamp;
use serde_json::Value;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A log of one run.
pub fn sarif(report: &Report, controls: &[Control]) -> Value {
    let told = told(report);
    hermetic_hop::sarif::log(VERSION, controls, reported(&told))
}

/// Findings as Security Hub imports them.
pub fn asff(report: &Report, controls: &[Control], account: Account<'_>, at: Timestamp) -> Vec<Value> {
    let told = told(report);
    hermetic_hop::asff::findings(account, controls, reported(&told), at)
}

/// Findings as events of OCSF.
pub fn ocsf(report: &Report, controls: &[Control], at: Timestamp) -> Vec<Value> {
    let told = told(report);
    hermetic_hop::ocsf::findings(VERSION, controls, reported(&told), at)
}

/// A line, the finding that it is, and where its resource is known by.
struct Told<'a> {
    line: &'a FindingLine,
    finding: Finding,
    id: String,
    /// Where code scanning looks for the file: a path from here, or else one that says whose it is.
    place: String,
}

fn told(report: &Report) -> Vec<Told<'_>> {
    let shown = report.findings.iter().filter(|line| matches!(line.status, Status::Fail | Status::Unknown));
    shown
        .map(|line| Told {
            line,
            finding: finding(line),
            id: format!("{}#{}", line.file, line.resource),
            place: if line.file.starts_with('/') {
                format!("file://{}", line.file)
            } else {
                line.file.clone()
            },
        })
        .collect()
}

fn finding(line: &FindingLine) -> Finding {
    let when = line.when.as_ref().map(|when| format!("; when {when}")).unwrap_or_default();
    let (severity, reason) = match line.status {
        Status::Unknown => (Severity::Informational, format!("it can't be told: {}{when}", line.message)),
        _ => (line.severity, format!("{}{when}", line.message)),
    };
    Finding { control: line.control, severity, reason, remedy: line.remedy.clone() }
}

fn reported<'a>(told: &'a [Told<'a>]) -> impl Iterator<Item = Reported<'a>> {
    told.iter().map(|Told { line, finding, id, place }| Reported {
        finding,
        resource: Resource {
            kind: &line.kind,
            id,
            name: &line.resource,
            details: vec![
                ("file", line.file.clone()),
                ("line", line.line.to_string()),
                ("hop", line.hop.to_string()),
            ],
            place: Some(Place { file: place, line: line.line, column: line.column }),
        },
    })
}
