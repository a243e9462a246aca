//! `cargo xtask soak`: what takes too long for every change.

use std::process::ExitCode;
use std::time::Duration;

use crate::cargo::{cargo, streamed};
use crate::fuzz::{self, Chance};
use crate::packages::{self, Consent};
use crate::python;
use crate::steps::{Failure, Steps};
use crate::workspace::Workspace;

/// How long each fuzz target runs.
const FUZZ: Duration = Duration::from_secs(60);

/// Runs every fuzz target for a minute, and the tests of modules called `soak`, which are ignored else.
pub(crate) fn run(consent: Consent) -> ExitCode {
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
    steps.run("fuzz targets", || fuzz::run(&workspace, FUZZ, Chance::Other));
    steps.run("long tests", || {
        // In release: what is measured is what people run.
        let mut tests = cargo([
            "test",
            "--release",
            "--workspace",
            "--tests",
            "--",
            "--ignored",
            "--nocapture",
            "soak::",
        ]);
        streamed(tests.env(python::VARIABLE, python::interpreter(target)))
    });
    print!("{}", steps.table());
    if steps.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
