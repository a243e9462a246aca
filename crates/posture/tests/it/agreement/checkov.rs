//! Checkov, by its JSON.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use hermetic_posture::controls;
use serde_json::Value;

use super::{Peer, Says, Told};

/// Runs it on all files of a folder.
pub fn told(folder: &Path) -> Told {
    let ids: BTreeSet<&str> = controls::all().iter().flat_map(|control| Peer::Checkov.ids(control)).collect();
    let ids = ids.into_iter().collect::<Vec<_>>().join(",");
    let mut command = Command::new(Peer::Checkov.program());
    command.args(["--skip-download", "--compact", "--output", "json", "--check", &ids]);
    command.args(["--framework", "cloudformation", "terraform_plan", "--directory"]).arg(folder);
    let output = command.output();
    let output = output
        .unwrap_or_else(|error| panic!("Checkov: {error}; `cargo xtask soak audit-agreement` installs it"));
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("Checkov: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut told = Told::default();
    // One report for each language, where there are several.
    for report in report.as_array().unwrap_or(&vec![report.clone()]) {
        for (list, says) in [("passed_checks", Says::Pass), ("failed_checks", Says::Fail)] {
            for check in report["results"][list].as_array().unwrap() {
                let file = check["file_path"].as_str().unwrap().trim_start_matches('/');
                told.add(file, check["check_id"].as_str().unwrap(), says);
            }
        }
    }
    told
}
