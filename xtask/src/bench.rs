//! `cargo xtask bench`: the gateway measured beside nginx, HAProxy and Envoy.

use std::process::{Command, ExitCode};

use crate::cargo::{cargo, streamed};
use crate::packages::{self, Consent};
use crate::python;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// Measures, and writes `docs/performance.md`.
pub(crate) fn run(consent: Consent) -> ExitCode {
    match measure(consent) {
        Ok(page) => {
            println!("{page}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(consent: Consent) -> Outcome {
    packages::provide(consent).map_err(|missing| Failure(missing.to_string()))?;
    let workspace = Workspace::read()?;
    let target = &workspace.target_directory;
    python::provide(target)?;
    streamed(cargo(["build", "--release", "--package", "hermetic", "--package", "hermetic-bench"]))?;
    let page = workspace.workspace_root.join("docs/performance.md");
    let mut bench = Command::new(target.join("release/hermetic-bench"));
    bench.arg("--hermetic").arg(target.join("release/hermetic"));
    bench.arg("--envoy").arg(python::envoy(target)?);
    streamed(bench.arg("--page").arg(&page))?;
    Ok(format!("{} is written", page.display()))
}
