//! Annotations as GitHub's workflow commands, which show each finding at its line of a change.

use hermetic_hop::Severity;
use hermetic_posture::report::{FindingLine, Report, Status};

/// The report as workflow commands.
pub fn text(report: &Report) -> String {
    let findings = report.findings.iter().filter_map(annotation);
    let problems = report.problems.iter().map(|problem| {
        command("error", &problem.file, problem.line, problem.column, "not read", &problem.message)
    });
    findings.chain(problems).collect()
}

fn annotation(line: &FindingLine) -> Option<String> {
    let level = match (line.status, line.severity) {
        (Status::Fail, _) if !line.falls_short => "notice",
        (Status::Fail, Severity::Critical | Severity::High) => "error",
        (Status::Fail, _) => "warning",
        (Status::Unknown, _) => "notice",
        (Status::Excepted | Status::Pass | Status::NotApplicable, _) => return None,
    };
    let message = format!("{}: {}\n{}", line.resource, super::super::page::told(line), line.remedy);
    Some(command(level, &line.file, line.line, line.column, line.control, &message))
}

fn command(level: &str, file: &str, line: u32, column: u32, title: &str, message: &str) -> String {
    let file = property(file);
    format!("::{level} file={file},line={line},col={column},title={}::{}\n", property(title), data(message))
}

/// What would end a message is written in hex (workflow commands, toolkit's `escapeData`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same for a property, which ends at a colon or a comma, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
