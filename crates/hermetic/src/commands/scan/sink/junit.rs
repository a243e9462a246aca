//! JUnit's XML, for CI: a suite of tests for each target, and a test for each check. Each suite is printed as it
//! comes. A suite has a failure where its target falls short, and only there.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use hermetic_hop::{Severity, Verdict};
use hermetic_probe::findings::checks;

use super::super::judged::Shown;
use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output;
use crate::picture::escaped;

/// A suite after another.
#[derive(Debug, Default)]
pub struct Junit {
    /// The least severity that falls short; `None`: the verdict says.
    pub fail_on: Option<Severity>,
    /// Whether a suite is named by its address, too.
    pub each_address: bool,
    pub begun: bool,
}

impl Sink for Junit {
    fn take(&mut self, report: &Report, fate: Fate) -> Result<ControlFlow<()>, Failure> {
        let head = if self.begun { "" } else { HEAD };
        self.begun = true;
        let target = escaped(&report.place(self.each_address));
        let suite = suite(&target, &self.cases(report, fate), report);
        output::print_while_read(&format!("{head}{suite}"))
    }

    fn end(self: Box<Self>, _: &KeysMet) -> Result<(), Failure> {
        output::print(if self.begun {
            "</testsuites>\n"
        } else {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites/>\n"
        })
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hermetic scan\">\n";

/// A test, and how it went.
struct Case {
    name: &'static str,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// Nobody can tell, or it does not count.
    Skipped(String),
    Failed {
        kind: String,
        message: String,
        more: String,
    },
    Error(String),
}

impl Junit {
    /// A test for the verdict and one for each check; one alone, that could not be done, where nothing was seen.
    fn cases(&self, report: &Report, fate: Fate) -> Vec<Case> {
        let first = match report.verdict() {
            Verdict::Unknown => Case { name: "handshake", outcome: Outcome::Error(report.reason.clone()) },
            _ => Case { name: "verdict", outcome: self.of_verdict(report, fate) },
        };
        if report.verdict() == Verdict::Unknown && report.judged.findings.is_empty() {
            return vec![first];
        }
        let shown = |id| report.judged.findings.iter().find(|shown| shown.found.finding.control == id);
        let outcome = |id| match (shown(id), report.judged.why_untold(id)) {
            (Some(shown), _) => self.of_finding(shown, fate),
            (None, Some(reason)) => Outcome::Skipped(reason.to_owned()),
            (None, None) => Outcome::Passed,
        };
        let cases = checks().map(|check| check.control.id).map(|id| Case { name: id, outcome: outcome(id) });
        std::iter::once(first).chain(cases).collect()
    }

    fn of_verdict(&self, report: &Report, fate: Fate) -> Outcome {
        match (self.fail_on, fate) {
            (Some(_), _) => Outcome::Skipped("the severity of findings decides".to_owned()),
            (None, Fate::Short) => Outcome::Failed {
                kind: report.verdict().to_string(),
                message: report.reason.clone(),
                more: String::new(),
            },
            (None, _) if report.verdict() < Verdict::Unknown => {
                Outcome::Skipped(format!("known before: {}", report.reason))
            }
            (None, _) => Outcome::Passed,
        }
    }

    /// A finding fails where it is one of those for which the target falls short.
    fn of_finding(&self, shown: &Shown, fate: Fate) -> Outcome {
        let finding = &shown.found.finding;
        let counts = finding.severity >= self.fail_on.unwrap_or(Severity::Low);
        let passed_over = |why: &str| Outcome::Skipped(format!("{why}: {}", finding.reason));
        match fate {
            _ if shown.is_known() => return passed_over("known before"),
            _ if !finding.falls_short() => return passed_over("nothing falls short"),
            _ if !counts => return passed_over("not as bad as --fail-on asks for"),
            Fate::Fine | Fate::Unknown => return passed_over("the verdict decides, and does not fall short"),
            Fate::Short => {}
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
}

fn suite(target: &str, cases: &[Case], report: &Report) -> String {
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
    cases.iter().for_each(|case| case.write(target, &mut text));
    text.push_str("  </testsuite>\n");
    text
}

impl Case {
    fn write(&self, target: &str, text: &mut String) {
        let name = escaped(self.name);
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
