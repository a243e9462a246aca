//! `cargo xtask soak`: what takes too long for every change, whole or in parts.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::cargo::{captured, cargo, streamed};
use crate::fuzz::{self, Chance};
use crate::packages::{self, Consent};
use crate::steps::{Failure, Steps};
use crate::workspace::Workspace;
use crate::{auditors, python};

/// How long each fuzz target runs.
const FUZZ: Duration = Duration::from_secs(60);

/// The part that is no test.
const FUZZING: &str = "fuzz";

/// What long tests have in their names: they stand in modules called so, and are ignored else.
const LONG: &str = "soak::";

/// What the tests that want other auditors have in their names. These take minutes to install.
const BESIDE_AUDITORS: &str = "audit_agreement";

/// Runs every fuzz target for a minute, and the long tests, each as a step of its own. With parts, only what has
/// one of them in its name.
pub(crate) fn run(parts: &[&str], consent: Consent) -> ExitCode {
    let mut steps = Steps::default();
    steps.run("packages", || packages::provide(consent).map_err(|missing| Failure(missing.to_string())));
    let workspace = match Workspace::read() {
        Ok(workspace) if steps.all_passed() => workspace,
        Ok(_) => return ExitCode::from(2),
        Err(failure) => {
            eprintln!("{failure}");
            return ExitCode::from(2);
        }
    };
    let target = &workspace.target_directory;
    steps.run("test peers", || python::provide(target));
    let tests = match long_tests(target) {
        Ok(tests) => tests,
        Err(failure) => {
            eprintln!("{failure}");
            return ExitCode::FAILURE;
        }
    };
    // On the command line `audit-agreement` is what Rust has to call `audit_agreement`.
    let parts: Vec<String> = parts.iter().map(|part| part.replace('-', "_")).collect();
    let wanted = |name: &str| parts.is_empty() || parts.iter().any(|part| name.contains(part));
    let tests: Vec<String> = tests.into_iter().filter(|test| wanted(test)).collect();
    if tests.is_empty() && !wanted(FUZZING) {
        eprintln!("nothing has that in its name; `cargo xtask soak --list` shows what there is");
        return ExitCode::from(2);
    }
    if wanted(FUZZING) {
        steps.run("fuzz targets", || fuzz::run(&workspace, FUZZ, Chance::Other));
    }
    if tests.iter().any(|test| test.contains(BESIDE_AUDITORS)) {
        steps.run("auditors", || auditors::provide(target));
    }
    for test in &tests {
        steps.run(test, || streamed(&mut tests_with(target, &["--ignored", "--exact", "--nocapture", test])));
    }
    print!("{}", steps.table());
    if steps.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the names of all parts.
pub(crate) fn list() -> ExitCode {
    match Workspace::read().and_then(|workspace| long_tests(&workspace.target_directory)) {
        Ok(tests) => {
            println!("{FUZZING}\n{}", tests.join("\n"));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// The names of the long tests.
fn long_tests(target: &Path) -> Result<Vec<String>, Failure> {
    let listed = captured(tests_with(target, &["--ignored", "--list", "--format=terse", LONG]))?;
    Ok(names(&listed))
}

/// The tests in what a test binary lists.
fn names(listed: &str) -> Vec<String> {
    listed.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect()
}

/// All tests, given these arguments. In release: what is measured is what people run.
fn tests_with(target: &Path, arguments: &[&str]) -> Command {
    let mut tests = cargo(["test", "--quiet", "--release", "--workspace", "--tests", "--"]);
    tests.args(arguments).env(python::VARIABLE, python::interpreter(target));
    let places = [auditors::checkov(target), auditors::guard(target), auditors::rules(target)];
    tests.envs(auditors::VARIABLES.into_iter().zip(places));
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_are_taken_from_a_list() {
        let listed =
            "tests::soak::one: test\nbench::two: benchmark\n\n2 tests, 1 benchmark\nit::soak::three: test\n";
        assert_eq!(names(listed), ["tests::soak::one", "it::soak::three"]);
    }
}
