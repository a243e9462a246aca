//! The auditors: how each is told to look at the same folder, and what it says of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Plan;

/// Checkov's checks of encryption in transit, as the controls of Hermetic name them.
const CHECKOV: &str = include_str!("checkov.txt");

/// An auditor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Ours.
    Hermetic,
    /// Checkov, in Python.
    Checkov,
    /// cfn-guard, in Rust.
    Guard,
}

/// What an auditor found: each failure with its file.
pub type Found = BTreeSet<(String, String)>;

impl Peer {
    /// All of them, ours first.
    pub const ALL: [Self; 3] = [Self::Hermetic, Self::Checkov, Self::Guard];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hermetic => "Hermetic",
            Self::Checkov => "Checkov",
            Self::Guard => "cfn-guard",
        }
    }

    /// How many times faster ours must be.
    pub fn bound(self) -> Option<f64> {
        match self {
            Self::Hermetic => None,
            Self::Checkov => Some(50.0),
            Self::Guard => Some(3.0),
        }
    }

    /// How often it is run where the others are run so often: of minutes, two runs are enough.
    pub fn runs(self, runs: usize) -> usize {
        if self == Self::Checkov { runs.min(2) } else { runs }
    }

    /// The command, of all that it judges by itself, as somebody types it who wants to read it by a program.
    pub fn command(self, plan: &Plan, folder: &Path) -> Command {
        let mut command;
        match self {
            Self::Hermetic => {
                command = Command::new(&plan.hermetic);
                command.arg("audit").arg(folder).args(["--format", "json"]);
            }
            Self::Checkov => {
                command = Command::new(&plan.checkov);
                let checks = CHECKOV.split_whitespace().collect::<Vec<_>>().join(",");
                command.args(["--skip-download", "--framework", "cloudformation", "--check", &checks]);
                command.args(["--compact", "--quiet", "--output", "json", "--directory"]).arg(folder);
            }
            Self::Guard => {
                command = Command::new(&plan.guard);
                command.arg("validate").arg("--rules").arg(&plan.rules).arg("--data").arg(folder);
                command.args(["--structured", "--output-format", "json", "--show-summary", "none"]);
            }
        }
        command
    }

    /// What it found, by what it printed; nothing where that is no report.
    pub fn found(self, output: &str) -> Found {
        let Ok(report) = serde_json::from_str::<Value>(output) else { return Found::new() };
        match self {
            Self::Hermetic => {
                let fails = list(&report, "/findings").iter().filter(|it| text(it, "/status") == "fail");
                fails.map(|it| failure(it, "/file", "/control")).collect()
            }
            Self::Checkov => {
                let fails = list(&report, "/results/failed_checks").iter();
                fails.map(|it| failure(it, "/file_path", "/check_id")).collect()
            }
            Self::Guard => {
                let of_file = |file: &Value| {
                    let rules = list(file, "/not_compliant").iter();
                    let named = rules.map(|rule| (name(file, "/name"), text(rule, "/Rule/name").to_owned()));
                    named.collect::<Vec<_>>()
                };
                list(&report, "").iter().flat_map(of_file).collect()
            }
        }
    }

    /// Its name with the version that it tells of itself.
    pub fn version(self, plan: &Plan) -> String {
        let program = match self {
            Self::Hermetic => &plan.hermetic,
            Self::Checkov => &plan.checkov,
            Self::Guard => &plan.guard,
        };
        let output = Command::new(program).arg("--version").output();
        let said = output.map(|output| output.stdout).unwrap_or_default();
        crate::proxy::with_version(self.name(), &String::from_utf8_lossy(&said))
    }
}

/// A control that fails for a resource, in its file.
fn failure(of: &Value, file: &str, control: &str) -> (String, String) {
    (name(of, file), format!("{} {}", text(of, control), text(of, "/resource")))
}

fn list<'v>(of: &'v Value, pointer: &str) -> &'v [Value] {
    of.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(of: &'v Value, pointer: &str) -> &'v str {
    of.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The name of a file, wherever it is.
fn name(of: &Value, pointer: &str) -> String {
    let name = Path::new(text(of, pointer)).file_name();
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_file_by_each_of_them_and_no_report_is_none() {
        let reports = [
            (
                Peer::Hermetic,
                r#"{"findings":[{"status":"fail","file":"a/b.yaml","control":"c","resource":"R"},
                {"status":"unknown","file":"b.yaml","control":"d","resource":"R"}]}"#,
                "c R",
            ),
            (
                Peer::Checkov,
                r#"{"results":{"failed_checks":[{"file_path":"/b.yaml","check_id":"c","resource":"R"}]}}"#,
                "c R",
            ),
            (Peer::Guard, r#"[{"name":"a/b.yaml","not_compliant":[{"Rule":{"name":"C"}}]}]"#, "C"),
        ];
        for (peer, report, told) in reports {
            let found: Vec<_> = peer.found(report).into_iter().collect();
            assert_eq!(found, [("b.yaml".to_owned(), told.to_owned())], "{}", peer.name());
            assert_eq!(peer.found("Traceback"), Found::new());
        }
    }
}
