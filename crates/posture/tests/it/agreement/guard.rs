//! cfn-guard with the rules of its registry, by its JSON.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Peer, Says, Told};

/// Runs it on all files of a folder.
pub fn told(folder: &Path) -> Told {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/agreement/registry");
    let mut command = Command::new(Peer::Guard.program());
    command.arg("validate").arg("--rules").arg(rules).arg("--data").arg(folder);
    command.args(["--structured", "--output-format", "json", "--show-summary", "none"]);
    let output = command.output();
    let output = output
        .unwrap_or_else(|error| panic!("cfn-guard: {error}; `cargo xtask soak audit-agreement` installs it"));
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("cfn-guard: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut told = Told::default();
    for file in report.as_array().unwrap() {
        let name = Path::new(file["name"].as_str().unwrap()).strip_prefix(folder).unwrap();
        let name = name.to_str().unwrap();
        for rule in file["compliant"].as_array().unwrap() {
            told.add(name, rule.as_str().unwrap(), Says::Pass);
        }
        for rule in file["not_compliant"].as_array().unwrap() {
            told.add(name, rule["Rule"]["name"].as_str().unwrap(), Says::Fail);
        }
    }
    told
}
