//! Authorities from state to state, and what is refused in each.

use super::elsewhere::signed_until;
use super::{done, issued, issuing_by, json, openssl_verifies, refused};
use crate::harness::{eventually, folder};

#[test]
fn an_authority_is_disabled_deleted_restored_and_issues_again() {
    let folder = folder();
    let here = folder.path();
    done(here, &["ca", "create", "corp", "--root"]);
    done(here, &["ca", "create", "office"]);
    issuing_by(here, "office");
    let issue = ["cert", "issue", "--name", "db.internal"];

    let told = refused(here, &["ca", "delete", "office"]);
    assert!(told.contains("is active, and can't be deleted now; disable it first"), "{told}");
    assert_eq!(json(here, &["ca", "disable", "office"])["state"], "disabled");
    let told = refused(here, &issue);
    assert!(told.contains("can't issue while it is disabled; `hermetic ca enable office`"), "{told}");

    let deleted = json(here, &["ca", "delete", "office", "--window", "7"]);
    assert_eq!(deleted["state"], "deleted");
    assert!(deleted["restorable_until"].is_string(), "{deleted}");
    let told = refused(here, &issue);
    assert!(told.contains("while it is deleted; `hermetic ca restore office`"), "{told}");
    let told = refused(here, &["ca", "enable", "office"]);
    assert!(told.contains("is deleted, and can't be enabled now"), "{told}");

    assert_eq!(json(here, &["ca", "restore", "office"])["state"], "disabled", "as it was before");
    assert_eq!(json(here, &["ca", "enable", "office"])["state"], "active");
    openssl_verifies(&here.join(".hermetic/ca.pem"), &issued(here, "db.internal")).unwrap();
}

#[test]
fn a_pending_authority_issues_nothing_and_tells_what_it_waits_for() {
    let folder = folder();
    done(folder.path(), &["ca", "create", "branch", "--signed-elsewhere"]);
    issuing_by(folder.path(), "branch");
    let told = refused(folder.path(), &["cert", "issue", "--name", "db.internal"]);
    assert!(told.contains("while it is pending_certificate; have `hermetic ca csr branch` signed"), "{told}");
}

#[test]
fn an_authority_that_ran_out_issues_nothing_and_says_since_when() {
    let folder = folder();
    let here = folder.path();
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(5);
    signed_until(here, "branch", end);
    done(here, &["ca", "import", "branch", "branch.pem", "root.pem"]);
    eventually("the end", || (json(here, &["ca", "show", "branch"])["state"] == "expired").then_some(()));
    issuing_by(here, "branch");
    let told = refused(here, &["cert", "issue", "--name", "db.internal"]);
    assert!(told.contains("the authority `branch` itself ends at"), "{told}");
}
