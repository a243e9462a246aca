//! JUnit's XML, for CI: a suite of tests for each file, a test for each control of a resource. A test fails where the
//! audit falls short by it, and only there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hermetic_posture::report::{FindingLine, Report, Status};

use crate::picture::escaped;

/// The report as JUnit's XML.
pub fn text(report: &Report) -> String {
    let mut suites: BTreeMap<&str, Vec<&FindingLine>> = BTreeMap::new();
    for line in report.findings.iter().filter(|line| line.status != Status::NotApplicable) {
        suites.entry(&line.file).or_default().push(line);
    }
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hermetic audit\">\n");
    for (file, lines) in suites {
        write_suite(&mut text, file, &lines);
    }
    for problem in &report.problems {
        // A string takes whatever is written to it.
        let _ = writeln!(
            text,
            "  <testsuite name=\"{0}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"><testcase classname=\"{0}\" name=\"read\"><error message=\"{1}\"/></testcase></testsuite>",
            escaped(&problem.file),
            escaped(&format!("line {}: {}", problem.line, problem.message))
        );
    }
    text.push_str("</testsuites>\n");
    text
}

fn write_suite(text: &mut String, file: &str, lines: &[&FindingLine]) {
    let skipped = |line: &&&FindingLine| !line.falls_short && line.status < Status::Pass;
    let _ = writeln!(
        text,
        "  <testsuite name=\"{0}\" file=\"{0}\" tests=\"{1}\" failures=\"{2}\" errors=\"0\" skipped=\"{3}\">",
        escaped(file),
        lines.len(),
        lines.iter().filter(|line| line.falls_short).count(),
        lines.iter().filter(skipped).count()
    );
    lines.iter().for_each(|line| write_case(text, line));
    text.push_str("  </testsuite>\n");
}

/// A test's place stands in its text: those who hold reports against a schema (Jenkins's xUnit plugin, junit-10.xsd)
/// take no attribute for it.
fn write_case(text: &mut String, line: &FindingLine) {
    let message = escaped(&super::super::page::told(line));
    let place = escaped(&format!("{}:{}:{}", line.file, line.line, line.column));
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        escaped(&line.resource),
        escaped(line.control),
    );
    let _ = match line.status {
        Status::Fail if line.falls_short => writeln!(
            text,
            "{head}><failure type=\"{}\" message=\"{message}\">{place}: {}</failure></testcase>",
            line.severity.as_str(),
            escaped(&line.remedy)
        ),
        // What is known before, or not bad enough, has not passed.
        Status::Fail | Status::Unknown | Status::Excepted => {
            let status = line.status.as_str();
            writeln!(text, "{head}><skipped message=\"{status}: {message}\">{place}</skipped></testcase>")
        }
        Status::Pass | Status::NotApplicable => writeln!(text, "{head}/>"),
    };
}
