//! Trust in real stores: NSS databases by certutil, and Debian's store in a folder of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::browsers;
use super::nss::Database;
use super::root::Root;
use super::system::System;
use super::trust::Outcome;

/// The output of a program that must succeed.
fn ran(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` installs it"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A root certificate by OpenSSL.
fn root(folder: &Path) -> Root {
    let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
                   -days 2 -subj /CN=Root";
    ran("openssl", &request.split_whitespace().collect::<Vec<_>>(), folder);
    let mut roots = Root::read_all(&folder.join("ca.pem")).unwrap();
    roots.pop().unwrap()
}

fn listing(database: &Database) -> String {
    let folder = database.folder();
    ran("certutil", &["-L", "-d", &format!("sql:{}", folder.display())], folder)
}

/// Whether there is nothing in a folder.
fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn browsers_that_keep_no_database_get_one_and_lose_it_again() {
    let (home, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(authority.path());
    let databases = browsers::databases(home.path());
    let [shared] = databases.as_slice() else { panic!("{databases:?}") };
    assert_eq!(shared.trust(&root, true).unwrap(), Outcome::Changed);
    assert!(is_empty(home.path()), "a dry run writes nothing");
    assert_eq!(shared.trust(&root, false).unwrap(), Outcome::Changed);
    let listed = listing(shared);
    assert!(
        listed.lines().any(|line| line.starts_with(&root.nickname()) && line.trim_end().ends_with("C,,")),
        "{listed}"
    );
    assert_eq!(shared.trust(&root, false).unwrap(), Outcome::AsItWas);
    assert_eq!(shared.untrust(&root, true).unwrap(), Outcome::Changed);
    assert_eq!(listing(shared), listed);
    assert_eq!(shared.untrust(&root, false).unwrap(), Outcome::Changed);
    assert!(is_empty(home.path()), "what was made is gone");
    assert_eq!(shared.untrust(&root, false).unwrap(), Outcome::AsItWas);
}

#[test]
fn a_database_that_was_there_keeps_all_that_was_in_it() {
    let (home, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (own, other) = (root(authority.path()), tempfile::tempdir().unwrap());
    root(other.path());
    let profile = home.path().join(".mozilla/firefox/abc.default-release");
    std::fs::create_dir_all(&profile).unwrap();
    ran("certutil", &["-N", "-d", "sql:.", "--empty-password"], &profile);
    let pem = other.path().join("ca.pem").display().to_string();
    ran("certutil", &["-A", "-d", "sql:.", "-n", "the company", "-t", "CT,C,", "-i", &pem], &profile);
    let firefox = browsers::databases(home.path()).pop().unwrap();
    let before = listing(&firefox);
    assert_eq!(firefox.trust(&own, false).unwrap(), Outcome::Changed);
    assert_ne!(listing(&firefox), before);
    assert_eq!(firefox.untrust(&own, false).unwrap(), Outcome::Changed);
    assert_eq!(listing(&firefox), before);
}

#[test]
fn a_root_that_somebody_else_put_there_is_left_alone() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(authority.path());
    let pem = authority.path().join("ca.pem").display().to_string();
    for (trust, is_believed) in [("CT,C,C", false), ("C,,", true), (",,", false)] {
        let database = Database::there(folder.path().join(trust), "somebody");
        std::fs::create_dir(database.folder()).unwrap();
        ran("certutil", &["-N", "-d", "sql:.", "--empty-password"], database.folder());
        ran("certutil", &["-A", "-d", "sql:.", "-n", "mine", "-t", trust, "-i", &pem], database.folder());
        let before = listing(&database);
        let outcome = database.trust(&root, false);
        assert_eq!(outcome.as_ref().ok(), is_believed.then_some(&Outcome::Others), "{trust}: {outcome:?}");
        assert_eq!(listing(&database), before);
        assert_eq!(database.untrust(&root, false).unwrap(), Outcome::AsItWas);
        assert_eq!(listing(&database), before);
    }
}

#[test]
fn a_database_with_a_password_is_told_and_nothing_half_done_stays() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(authority.path());
    std::fs::write(folder.path().join("password"), "secret\n").unwrap();
    ran("certutil", &["-N", "-d", "sql:.", "-f", "password"], folder.path());
    let database = Database::there(folder.path().to_owned(), "Firefox");
    let before = listing(&database);
    let failure = format!("{:?}", database.trust(&root, false).unwrap_err());
    assert!(failure.contains("primary password"), "{failure}");
    assert_eq!(listing(&database), before);
}

/// A Debian in a folder: its own `update-ca-certificates`, pointed at the folder.
fn debian(top: &Path) -> System {
    let folders = ["usr/local/share/ca-certificates", "usr/sbin", "etc/ssl/certs", "hooks"];
    for folder in folders {
        std::fs::create_dir_all(top.join(folder)).unwrap();
    }
    // An empty one would mean `--fresh`, which hides the links that are left behind otherwise.
    std::fs::write(top.join("etc/ca-certificates.conf"), "# none of Mozilla's\n").unwrap();
    let others = tempfile::tempdir().unwrap();
    let others = root(others.path());
    std::fs::write(top.join("usr/local/share/ca-certificates/company.crt"), others.pem()).unwrap();
    let program = top.join("usr/sbin/update-ca-certificates");
    let top = top.display();
    let script = format!(
        "#!/bin/sh\nexec /usr/sbin/update-ca-certificates --certsconf {top}/etc/ca-certificates.conf \
         --localcertsdir {top}/usr/local/share/ca-certificates --etccertsdir {top}/etc/ssl/certs \
         --hooksdir {top}/hooks\n"
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    System::at(program.ancestors().nth(3).unwrap()).unwrap()
}

#[test]
fn debian_believes_the_root_and_forgets_it_again() {
    let (top, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(authority.path());
    let system = debian(top.path());
    let bundle =
        || std::fs::read_to_string(top.path().join("etc/ssl/certs/ca-certificates.crt")).unwrap_or_default();
    assert_eq!(system.trust(&root, true).unwrap(), Outcome::Changed);
    assert!(!root.is_in(&bundle()), "a dry run changes nothing");
    assert_eq!(system.trust(&root, false).unwrap(), Outcome::Changed);
    assert!(root.is_in(&bundle()));
    assert_eq!(system.trust(&root, false).unwrap(), Outcome::AsItWas);
    assert_eq!(system.untrust(&root, false).unwrap(), Outcome::Changed);
    assert!(!root.is_in(&bundle()));
    assert_eq!(system.untrust(&root, false).unwrap(), Outcome::AsItWas);
    let links = std::fs::read_dir(top.path().join("etc/ssl/certs")).unwrap();
    let mut links: Vec<_> = links.map(|link| link.unwrap().path().display().to_string()).collect();
    links.retain(|link| !link.ends_with("company.pem") && !link.ends_with("ca-certificates.crt"));
    assert_eq!(links.len(), 1, "the company's hash alone is left: {links:?}");
    assert!(bundle().contains("BEGIN CERTIFICATE"), "the company is believed as before");
}

#[test]
fn a_file_of_the_same_name_with_something_else_in_it_stays() {
    let (top, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(authority.path());
    let system = debian(top.path());
    let file = top.path().join("usr/local/share/ca-certificates").join(root.file_name());
    std::fs::write(&file, "something else").unwrap();
    assert!(system.trust(&root, false).is_err() && system.untrust(&root, false).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "something else");
}

#[test]
fn a_system_that_can_not_gather_believes_nothing_new() {
    let (top, authority) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = root(authority.path());
    let program = top.path().join("usr/bin/update-ca-trust");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    std::fs::write(&program, "#!/bin/sh\necho the disk is full >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let system = System::at(top.path()).unwrap();
    let failure = format!("{:?}", system.trust(&root, false).unwrap_err());
    assert!(failure.contains("the disk is full"), "{failure}");
    assert!(!top.path().join("etc/pki/ca-trust/source/anchors").join(root.file_name()).exists());
}

#[test]
fn a_system_that_is_neither_is_told_so() {
    assert!(System::at(tempfile::tempdir().unwrap().path()).is_err());
}

#[test]
fn what_is_no_authority_is_never_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem \
                   -days 2 -subj /CN=leaf -addext basicConstraints=critical,CA:FALSE";
    ran("openssl", &request.split_whitespace().collect::<Vec<_>>(), folder.path());
    assert!(Root::read_all(&folder.path().join("c.pem")).is_err());
}
