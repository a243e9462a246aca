//! JUnit's XML, for CI: a suite of tests for each target, and a test for each check. Each suite is printed as it
//! comes.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use hermetic_hop::Verdict;
use hermetic_probe::findings::checks;

use super::super::judged::Shown;
use super::{Report, Sink};
use crate::exit::Failure;
use crate::output;
use crate::picture::escaped;

/// A suite after another.
#[derive(Debug, Default)]
pub struct Junit {
    begun: bool,
}

impl Sink for Junit {
    fn take(&mut self, report: &Report) -> Result<ControlFlow<()>, Failure> {
        let head = if self.begun { "" } else { HEAD };
        self.begun = true;
        output::print_while_read(&format!("{head}{}", suite(report)))
    }

    fn end(self: Box<Self>) -> Result<(), Failure> {
        output::print(if self.begun {
            "</testsuites>\n"
        } else {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites/>\n"
        })
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hermetic scan\">\n";

fn suite(report: &Report) -> String {
    let target = escaped(&report.target);
    let cases: Vec<Case> = cases(report);
    let count = |outcome: fn(&Outcome) -> bool| cases.iter().filter(|case| outcome(&case.outcome)).count();
    let mut text = String::new();
    // A string takes whatever is written to it.
    let _ = writeln!(
        text,
        "  <testsuite name=\"{target}\" timestamp=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
        report.at().strftime("%Y-%m-%dT%H:%M:%S"),
        cases.len(),
        count(|outcome| matches!(outcome, Outcome::Failed { .. })),
        count(|outcome| matches!(outcome, Outcome::Error(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    );
    cases.iter().for_each(|case| case.write(&target, &mut text));
    text.push_str("  </testsuite>\n");
    text
}

/// A test, and how it went.
struct Case {
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// It was not judged, or its failure was known before.
    Skipped(String),
    Failed {
        kind: String,
        message: String,
        more: String,
    },
    Error(String),
}

/// A test for each check; one alone, that could not be done, where nothing was seen.
fn cases(report: &Report) -> Vec<Case> {
    if report.verdict() == Verdict::Unknown {
        return vec![Case { name: "handshake".to_owned(), outcome: Outcome::Error(report.reason.clone()) }];
    }
    let of = |id: &'static str| report.judged.findings.iter().find(|shown| shown.found.finding.control == id);
    let case = |id: &'static str| {
        let outcome = match (of(id), &report.unobserved) {
            (Some(shown), _) => failed(shown),
            (None, Some(reason)) if id != "cleartext" => Outcome::Skipped(reason.clone()),
            (None, _) => Outcome::Passed,
        };
        Case { name: id.to_owned(), outcome }
    };
    checks().map(|check| case(check.control.id)).collect()
}

fn failed(shown: &Shown) -> Outcome {
    let finding = &shown.found.finding;
    if shown.is_known() {
        return Outcome::Skipped(format!("known before: {}", finding.reason));
    }
    if !finding.falls_short() {
        return Outcome::Passed;
    }
    let configuration = shown.found.configuration.iter();
    let lines = configuration.flat_map(|it| {
        [format!("{}, {}:", it.software.name(), it.place)].into_iter().chain(it.lines.clone())
    });
    Outcome::Failed {
        kind: finding.severity.as_str().to_owned(),
        message: finding.reason.clone(),
        more: std::iter::once(finding.remedy.clone()).chain(lines).collect::<Vec<_>>().join("\n"),
    }
}

impl Case {
    fn write(&self, target: &str, text: &mut String) {
        let name = escaped(&self.name);
        let _ = match &self.outcome {
            Outcome::Passed => writeln!(text, "    <testcase classname=\"{target}\" name=\"{name}\"/>"),
            Outcome::Skipped(reason) => writeln!(
                text,
                "    <testcase classname=\"{target}\" name=\"{name}\"><skipped message=\"{}\"/></testcase>",
                escaped(reason)
            ),
            Outcome::Failed { kind, message, more } => writeln!(
                text,
                "    <testcase classname=\"{target}\" name=\"{name}\"><failure type=\"{kind}\" message=\"{}\">{}</failure></testcase>",
                escaped(message),
                more.lines().map(escaped).collect::<Vec<_>>().join("\n")
            ),
            Outcome::Error(reason) => writeln!(
                text,
                "    <testcase classname=\"{target}\" name=\"{name}\"><error message=\"{}\"/></testcase>",
                escaped(reason)
            ),
        };
    }
}
