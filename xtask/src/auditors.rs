//! The auditors that ours is compared with and measured by: Checkov from PyPI, which wants other versions than the test
//! peers do and so has an environment of its own, and cfn-guard from crates.io.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{captured, cargo, streamed};
use crate::python;
use crate::steps::Outcome;

/// The variables that tell the tests where Checkov and cfn-guard are.
pub(crate) const VARIABLES: [&str; 2] = ["HERMETIC_TEST_CHECKOV", "HERMETIC_TEST_GUARD"];

const CHECKOV: &str = "checkov==3.3.30";
const GUARD: &str = "3.2.1";

/// Installs what is missing of them. cfn-guard is built in release, which takes some minutes.
pub(crate) fn provide(target: &Path) -> Outcome {
    let peers = target.join("test-peers");
    python::made(&peers.join("checkov"), &[CHECKOV], &[])?;
    if !is_installed(&guard(target)) {
        let mut install =
            cargo(["install", "cfn-guard", "--version", GUARD, "--locked", "--quiet", "--force"]);
        streamed(install.arg("--root").arg(peers.join("cfn-guard")))?;
    }
    Ok(format!("{CHECKOV}, cfn-guard {GUARD}"))
}

/// The program of Checkov.
pub(crate) fn checkov(target: &Path) -> PathBuf {
    target.join("test-peers/checkov/bin/checkov")
}

/// The program of cfn-guard.
pub(crate) fn guard(target: &Path) -> PathBuf {
    target.join("test-peers/cfn-guard/bin/cfn-guard")
}

/// The rules of cfn-guard's registry that are about encryption in transit.
pub(crate) fn rules(root: &Path) -> PathBuf {
    root.join("crates/posture/tests/it/agreement/registry")
}

fn is_installed(guard: &Path) -> bool {
    let mut version = Command::new(guard);
    version.arg("--version");
    captured(version).is_ok_and(|said| said.trim().ends_with(GUARD))
}
