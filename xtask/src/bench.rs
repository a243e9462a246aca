//! `cargo xtask bench`: the gateway measured beside nginx, HAProxy and Envoy, the scanner beside sslscan, sslyze
//! and testssl.sh, the auditor beside Checkov and cfn-guard, policies beside Cedar, and the authority.

use std::process::{Command, ExitCode};

use crate::auditors;
use crate::cargo::{cargo, streamed};
use crate::packages::{self, Consent};
use crate::python;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// A part of the measurements, each with a part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The gateway, beside others.
    Gateway,
    /// The authority, and a large store.
    Authority,
    /// The scanner, beside others.
    Scan,
    /// Policies, decided and proved.
    Policy,
    /// The auditor, beside others.
    Audit,
}

/// Measures, and writes `docs/performance.md`, or these parts of it.
pub(crate) fn run(parts: &[Part], consent: Consent) -> ExitCode {
    match measure(parts, consent) {
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

fn measure(parts: &[Part], consent: Consent) -> Outcome {
    packages::provide(consent).map_err(|missing| Failure(missing.to_string()))?;
    let workspace = Workspace::read()?;
    let target = &workspace.target_directory;
    let page = workspace.workspace_root.join("docs/performance.md");
    for part in parts {
        let mut build = cargo(["build", "--release", "--package", "hermetic-bench"]);
        let mut bench = Command::new(target.join("release/hermetic-bench"));
        match part {
            Part::Gateway => {
                build.args(["--package", "hermetic"]);
                python::provide(target)?;
                bench.arg("--hermetic").arg(target.join("release/hermetic"));
                bench.arg("--envoy").arg(python::envoy(target)?);
            }
            Part::Authority => drop(bench.arg("authority")),
            Part::Policy => {
                build.args(["--features", "hermetic-bench/cedar"]);
                bench.arg("policy");
            }
            Part::Audit => {
                build.args(["--package", "hermetic"]);
                auditors::provide(target)?;
                bench.arg("audit").arg("--hermetic").arg(target.join("release/hermetic"));
                bench.arg("--checkov").arg(auditors::checkov(target));
                bench.arg("--guard").arg(auditors::guard(target));
                bench.arg("--rules").arg(auditors::rules(target));
            }
            Part::Scan => {
                build.args(["--package", "hermetic"]);
                python::provide(target)?;
                bench.arg("scan").arg("--hermetic").arg(target.join("release/hermetic"));
                bench.arg("--sslyze").arg(python::sslyze(target));
            }
        }
        streamed(build)?;
        streamed(bench.arg("--page").arg(&page))?;
    }
    Ok(format!("{} is written", page.display()))
}
