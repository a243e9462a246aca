//! `hermetic ca trust` with several roots.

use std::process::Command;

use super::{done, told};
use crate::harness::{command, folder};

/// What a browser's store lists.
fn listing(home: &std::path::Path) -> String {
    let database = format!("sql:{}", home.join(".pki/nssdb").display());
    let listed = Command::new("certutil").args(["-L", "-d", &database]).output();
    let listed = listed.expect("libnss3-tools is needed; `cargo xtask test` installs it");
    String::from_utf8_lossy(&listed.stdout).into_owned()
}

#[test]
fn all_roots_are_believed_and_none_stays_behind() {
    let (folder, home) = (folder(), folder());
    for name in ["corp", "labs"] {
        done(folder.path(), &["ca", "create", name, "--root"]);
    }
    let ca = |verb: &str| {
        let output = command(folder.path()).env("HOME", home.path()).args(["ca", verb]).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let said = ca("trust");
    assert_eq!(said.lines().filter(|line| line.starts_with("added `Hermetic root ")).count(), 2, "{said}");
    let listed = listing(home.path());
    assert_eq!(listed.matches("Hermetic root ").count(), 2, "{listed}");
    // What is deleted is in ca.pem no more, and still believed.
    done(folder.path(), &["ca", "disable", "labs"]);
    done(folder.path(), &["ca", "delete", "labs"]);
    let roots = std::fs::read_to_string(folder.path().join(".hermetic/ca.pem")).unwrap();
    assert_eq!(roots.matches("BEGIN CERTIFICATE").count(), 1);
    let said = ca("untrust");
    assert_eq!(said.lines().filter(|line| line.starts_with("removed `Hermetic root ")).count(), 2, "{said}");
    assert!(!home.path().join(".pki").exists(), "what was made for them is gone");
}
