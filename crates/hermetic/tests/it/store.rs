//! Backup, restoration and reconciliation, as an operator does them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use hermetic_store::{RevocationReason, Store};

use crate::harness::{Hermetic, folder, hermetic};

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = hermetic(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn issue(folder: &Path, name: &str) -> Output {
    hermetic(folder, &["cert", "issue", "--name", name])
}

/// The state of the certificate for a name.
pub fn state(folder: &Path, name: &str) -> String {
    let list: serde_json::Value =
        serde_json::from_str(&done(folder, &["cert", "list", "--format", "json"])).unwrap();
    let certificates = list["certificates"].as_array().unwrap();
    let found = certificates.iter().find(|one| one["subject"] == name);
    found.map(|one| one["state"].as_str().unwrap().to_owned()).unwrap_or_default()
}

/// Revokes the certificate for a name.
pub fn revoke(folder: &Path, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&folder.join(".hermetic")).await.unwrap();
        let now = jiff::Timestamp::now();
        let certificate = store.unexpired(name, now).await.unwrap().remove(0);
        let authority = certificate.authority.unwrap().id;
        store.revoke(authority, &certificate.serial, RevocationReason::KeyCompromise, now).await.unwrap();
    });
}

#[test]
fn a_running_instance_is_backed_up_and_the_backup_does_not_have_its_key() {
    let tour = Hermetic::tour();
    let told = done(tour.folder.path(), &["store", "backup", "copy"]);
    assert!(told.contains("which is not in the backup"), "{told}");
    let copy = tour.folder.path().join("copy");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let key = std::fs::read(tour.folder.path().join(".hermetic/key")).unwrap();
    let has_key = |path: &Path| std::fs::read(path).unwrap().windows(key.len()).any(|part| part == key);
    assert!(!has_key(&copy));
    let told = done(tour.folder.path(), &["store", "backup", "--with-key", "whole"]);
    assert!(told.contains("that key is in the backup"), "{told}");
    assert!(has_key(&tour.folder.path().join("whole")));

    let again = hermetic(tour.folder.path(), &["store", "backup", "copy"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    let running = hermetic(tour.folder.path(), &["store", "restore", "--replace", "copy"]);
    assert_eq!(running.status.code(), Some(3), "{running:?}");
    assert!(error(&running).contains("in use by"), "{running:?}");
    assert_eq!(tour.hops()["flows"][0]["verdict"], "sealed");
}

#[test]
fn a_backup_with_its_key_is_all_that_another_machine_needs() {
    let (here, there) = (folder(), folder());
    assert!(issue(here.path(), "one.internal").status.success());
    done(here.path(), &["store", "backup", "--with-key", "whole"]);
    let whole = here.path().join("whole");
    done(there.path(), &["store", "restore", whole.to_str().unwrap()]);
    done(there.path(), &["store", "reconcile", "--without-trail", "--reason", "nothing happened since"]);
    assert!(issue(there.path(), "two.internal").status.success());
    assert_eq!(state(there.path(), "one.internal"), "issued");
    done(there.path(), &["trail", "verify"]);
}

#[test]
fn an_export_of_another_store_does_not_reconcile() {
    let (here, other) = (folder(), folder());
    assert!(issue(here.path(), "one.internal").status.success());
    assert!(issue(other.path(), "one.internal").status.success());
    done(here.path(), &["store", "backup", "copy"]);
    done(here.path(), &["store", "restore", "--replace", "copy"]);
    done(other.path(), &["trail", "export", "--out", "trail.jsonl"]);
    let export = other.path().join("trail.jsonl");
    let refused = hermetic(here.path(), &["store", "reconcile", "--trail", export.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(error(&refused).contains("does not continue"), "{refused:?}");
    let still = issue(here.path(), "two.internal");
    assert_eq!(still.status.code(), Some(3), "{still:?}");
    assert!(error(&still).contains("hermetic store reconcile"), "{still:?}");
}

#[test]
fn a_database_file_that_is_copied_back_is_told_by_every_command_and_issues_nothing() {
    let here = folder();
    let (database, copy) = (here.path().join(".hermetic/hermetic.db"), here.path().join("copy"));
    assert!(issue(here.path(), "one.internal").status.success());
    std::fs::copy(&database, &copy).unwrap();
    revoke(here.path(), "one.internal");
    done(here.path(), &["trail", "export", "--out", "trail.jsonl"]);
    std::fs::copy(&copy, &database).unwrap();
    for command in [&["cert", "list"][..], &["trail", "verify"], &["ca", "list"]] {
        let told = error(&hermetic(here.path(), command));
        assert!(told.contains("earlier copy"), "{command:?}: {told}");
    }
    let refused = issue(here.path(), "two.internal");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(error(&refused).contains("hermetic store reconcile"), "{refused:?}");
    let told = error(&hermetic(here.path(), &["cert", "list"]));
    assert!(told.contains("put back to an earlier state"), "{told}");

    let told = done(here.path(), &["store", "reconcile", "--trail", "trail.jsonl"]);
    assert!(told.contains("revoked          1\n"), "{told}");
    assert_eq!(state(here.path(), "one.internal"), "revoked");
    assert!(issue(here.path(), "two.internal").status.success());
    assert_eq!(error(&hermetic(here.path(), &["cert", "list"])), "");
}
