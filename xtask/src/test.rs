//! `cargo xtask test`: everything that must hold before a change goes in.

use std::process::{Command, ExitCode};

use crate::cargo::{cargo, streamed};
use crate::fuzz::{self, Chance};
use crate::packages::{self, Consent};
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;
use crate::{banned, licences, lines, links, npm, python};

/// Runs every step, cheap ones first and the tests last, so that their summary stands above the table.
pub(crate) fn run(consent: Consent) -> ExitCode {
    let mut steps = Steps::default();
    steps.run("packages", || packages::provide(consent).map_err(|missing| Failure(missing.to_string())));
    if !steps.all_passed() {
        return ExitCode::from(2);
    }
    let workspace = match Workspace::read() {
        Ok(workspace) => workspace,
        Err(failure) => {
            eprintln!("{failure}");
            return ExitCode::from(2);
        }
    };
    let target = &workspace.target_directory;
    steps.run("test peers", || python::provide(target));
    steps.run("old test peers", || npm::provide(target));
    steps.run("file sizes", || lines::check(&workspace.workspace_root));
    steps.run("links", || links::check(&workspace.workspace_root));
    steps.run("licences", || licences::check(&workspace));
    steps.run("banned crates", banned::check);
    steps.run("format", || streamed(cargo(["fmt", "--all", "--check"])));
    steps.run("clippy", || {
        streamed(cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.run("rustdoc", || {
        streamed(cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.run("feature ml-dsa", ml_dsa);
    steps.run("doctests", || streamed(cargo(["test", "--workspace", "--doc"])));
    steps.run("fuzz targets", || fuzz::run(&workspace, fuzz::SHORTLY, Chance::Same));
    steps.run("tests", || {
        let (mut runner, name) = test_runner();
        streamed(runner.env(python::VARIABLE, python::interpreter(target))).map(|_| name.to_owned())
    });
    print!("{}", steps.table());
    if steps.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The one feature that is off by default: keys of ML-DSA.
fn ml_dsa() -> Outcome {
    let with = ["--package", "hermetic-keys", "--package", "hermetic-authority"];
    let with = with.into_iter().chain(["--features", "hermetic-keys/ml-dsa,hermetic-authority/ml-dsa"]);
    streamed(cargo(["clippy"]).args(with.clone()).args(["--all-targets", "--", "-D", "warnings"]))?;
    streamed(cargo(["test"]).args(with).args(["--lib", "ml_dsa"])).map(|_| String::new())
}

/// nextest where it is installed (it runs the tests of all crates side by side), else cargo's own runner.
fn test_runner() -> (Command, &'static str) {
    let nextest = cargo(["nextest", "--version"]).output().is_ok_and(|output| output.status.success());
    if nextest {
        // One failing test must not hide the others.
        (cargo(["nextest", "run", "--workspace", "--no-fail-fast"]), "by cargo nextest")
    } else {
        (cargo(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"]), "by cargo test")
    }
}
