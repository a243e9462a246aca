//! Subordinates that openssl's own authority signs: the request goes out, the certificate comes in.

use std::path::Path;

use super::{certtool_verifies, done, issued, issuing_by, json, openssl_verifies, ran_openssl, refused};
use crate::harness::{Hermetic, Ports, folder};

const OF_AUTHORITY: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
    subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

/// A folder with openssl's root, a policy authority below it, and an authority of ours that waits.
fn pending(key: &str) -> tempfile::TempDir {
    let folder = folder();
    let here = folder.path();
    let subject = "-keyout root.key -out root.pem -subj /CN=Elsewhere -days 3650";
    ran_openssl(
        here,
        &format!("req -x509 -newkey rsa:2048 -nodes {subject} -addext keyUsage=critical,keyCertSign"),
    );
    ran_openssl(here, "req -new -newkey rsa:2048 -nodes -keyout policy.key -out policy.csr -subj /CN=Policy");
    signed(here, "policy", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
    done(
        here,
        &["ca", "create", "branch", "--signed-elsewhere", "--key", key, "--subject", "CN=Branch,O=Example"],
    );
    std::fs::write(here.join("branch.csr"), done(here, &["ca", "csr", "branch"])).unwrap();
    folder
}

/// Has openssl sign a request with these extensions.
fn signed(here: &Path, name: &str, by: &str, extensions: &str) {
    std::fs::write(here.join("extensions"), extensions).unwrap();
    ran_openssl(
        here,
        &format!(
            "x509 -req -in {name}.csr -CA {by}.pem -CAkey {by}.key -CAcreateserial -days 365 -out {name}.pem \
             -extfile extensions"
        ),
    );
}

/// Makes an authority in a folder whose certificate openssl's root signed.
pub fn certified_by_openssl(here: &Path, name: &str) {
    let subject = "-keyout root.key -out root.pem -subj /CN=Elsewhere -days 3650";
    ran_openssl(
        here,
        &format!("req -x509 -newkey rsa:2048 -nodes {subject} -addext keyUsage=critical,keyCertSign"),
    );
    done(here, &["ca", "create", name, "--signed-elsewhere"]);
    std::fs::write(here.join(format!("{name}.csr")), done(here, &["ca", "csr", name])).unwrap();
    signed(here, name, "root", OF_AUTHORITY);
    done(here, &["ca", "import", name, &format!("{name}.pem"), "root.pem"]);
}

/// The configuration of `openssl ca`, which signs until any instant.
const SIGNING: &str = "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n\
    default_md = sha256\npolicy = p\nx509_extensions = x\n[p]\ncommonName = supplied\n\
    [x]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";

/// Makes an authority, and has openssl's root certify it from years ago until then.
pub fn signed_until(here: &Path, name: &str, end: jiff::Timestamp) {
    done(here, &["ca", "create", name, "--signed-elsewhere"]);
    std::fs::write(here.join("until.csr"), done(here, &["ca", "csr", name])).unwrap();
    for (file, text) in [("ca.cnf", SIGNING), ("index", ""), ("serial", "1000\n")] {
        std::fs::write(here.join(file), text).unwrap();
    }
    ran_openssl(
        here,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -subj /CN=Elsewhere \
         -days 9 -addext keyUsage=critical,keyCertSign",
    );
    let end = end.strftime("%Y%m%d%H%M%SZ");
    ran_openssl(
        here,
        &format!(
            "ca -batch -notext -config ca.cnf -cert root.pem -keyfile root.key -in until.csr -out {name}.pem -preserveDN \
             -startdate 20240101000000Z -enddate {end}"
        ),
    );
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    let folder = folder();
    signed_until(folder.path(), "branch", jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1));
    let told = refused(folder.path(), &["ca", "import", "branch", "branch.pem", "root.pem"]);
    assert!(told.contains("the certificate `CN=Hermetic branch") && told.contains("expired at"), "{told}");
}

#[test]
fn a_subordinate_that_openssl_signs_issues_what_openssl_and_certtool_accept() {
    for key in ["p256", "rsa2048", "ed25519"] {
        let folder = pending(key);
        let here = folder.path();
        ran_openssl(here, "req -in branch.csr -noout -verify");
        signed(here, "branch", "policy", OF_AUTHORITY);
        ran_openssl(here, "x509 -in policy.pem -outform DER -out policy.der");
        let imported = json(here, &["ca", "import", "branch", "branch.pem", "policy.der", "root.pem"]);
        assert_eq!(
            (&imported["state"], &imported["subject"]),
            (&"active".into(), &"CN=Branch,O=Example".into())
        );
        issuing_by(here, "branch");
        let leaf = issued(here, "db.internal");
        openssl_verifies(&here.join("root.pem"), &leaf).unwrap();
        certtool_verifies(&here.join("root.pem"), &leaf).unwrap();
        let ours = std::fs::read_to_string(here.join(".hermetic/ca.pem")).unwrap();
        assert_eq!(
            ours,
            std::fs::read_to_string(here.join("root.pem")).unwrap(),
            "who believes us believes that root"
        );
    }
}

#[test]
fn a_running_instance_takes_up_the_certificate_and_issues_at_once() {
    let folder = pending("p256");
    done(folder.path(), &["ca", "create", "corp", "--root"]);
    issuing_by(folder.path(), "branch");
    let running = Hermetic::up(Ports::reserve(), folder, &[]);
    let here = running.folder.path();
    let told = refused(here, &["cert", "issue", "--name", "db.internal"]);
    assert!(told.contains("while it is pending_certificate"), "{told}");
    signed(here, "branch", "root", OF_AUTHORITY);
    done(here, &["ca", "import", "branch", "branch.pem", "root.pem"]);
    let leaf = issued(here, "db.internal");
    openssl_verifies(&here.join("root.pem"), &leaf).unwrap();
    done(here, &["ca", "disable", "branch"]);
    let told = refused(here, &["cert", "issue", "--name", "other.internal"]);
    assert!(told.contains("while it is disabled"), "{told}");
}

#[test]
fn a_newer_certificate_for_the_same_key_takes_the_place_of_the_first() {
    let folder = pending("p256");
    let here = folder.path();
    signed(here, "branch", "root", OF_AUTHORITY);
    let first = json(here, &["ca", "import", "branch", "branch.pem", "root.pem"]);
    std::fs::write(here.join("branch.csr"), done(here, &["ca", "csr", "branch"])).unwrap();
    signed(here, "branch", "root", OF_AUTHORITY);
    let second = json(here, &["ca", "import", "branch", "branch.pem", "root.pem"]);
    assert_ne!(first["serial"], second["serial"]);
    assert_eq!(first["generation"], second["generation"]);
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let folder = pending("p256");
    let here = folder.path();
    ran_openssl(here, "req -new -newkey rsa:2048 -nodes -keyout other.key -out other.csr -subj /CN=Other");
    signed(here, "other", "root", OF_AUTHORITY);
    let told = refused(here, &["ca", "import", "branch", "other.pem", "root.pem"]);
    assert!(
        told.contains("`CN=Other` is not for the key of this authority; it answers another request"),
        "{told}"
    );
}

#[test]
fn a_chain_in_the_wrong_order_is_refused_with_the_right_one() {
    let folder = pending("p256");
    let here = folder.path();
    signed(here, "branch", "policy", OF_AUTHORITY);
    let told = refused(here, &["ca", "import", "branch", "branch.pem", "root.pem", "policy.pem"]);
    assert!(
        told.contains("the chain is in the wrong order; right is: `CN=Policy`, `CN=Elsewhere`"),
        "{told}"
    );
    let told = refused(here, &["ca", "import", "branch", "root.pem", "policy.pem", "branch.pem"]);
    assert!(told.contains("wrong order"), "{told}");
    let told = refused(here, &["ca", "import", "branch", "branch.pem", "policy.pem"]);
    assert!(told.contains("its root `CN=Elsewhere` is missing"), "{told}");
}

#[test]
fn a_certificate_that_may_not_sign_certificates_is_refused() {
    let folder = pending("p256");
    let here = folder.path();
    let import = |extensions: &str, by: &str| {
        signed(here, "branch", by, extensions);
        refused(here, &["ca", "import", "branch", "branch.pem", &format!("{by}.pem"), "root.pem"])
    };
    let told = import("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n", "policy");
    assert!(told.contains("keyCertSign") || told.contains("may not sign"), "{told}");
    let told = import("basicConstraints=critical,CA:FALSE\n", "policy");
    assert!(told.contains("`CN=Branch,O=Example`") && told.contains("authority"), "{told}");
    let told = import("basicConstraints=CA:TRUE\nkeyUsage=critical,keyCertSign\n", "policy");
    assert!(told.contains("basic constraints") && told.contains("not critical"), "{told}");
}

#[test]
fn a_path_length_above_that_leaves_no_room_is_refused() {
    let folder = pending("p256");
    let here = folder.path();
    signed(
        here,
        "policy",
        "root",
        "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n",
    );
    signed(here, "branch", "policy", OF_AUTHORITY);
    let told = refused(here, &["ca", "import", "branch", "branch.pem", "policy.pem", "root.pem"]);
    assert!(told.contains("`CN=Policy` allows 0 authorities below it, and there are 1"), "{told}");
}

#[test]
fn a_chain_with_a_weak_key_is_refused() {
    let folder = pending("p256");
    let here = folder.path();
    ran_openssl(here, "req -new -newkey rsa:1024 -nodes -keyout weak.key -out weak.csr -subj /CN=Weak");
    signed(here, "weak", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
    signed(here, "branch", "weak", OF_AUTHORITY);
    let told = refused(here, &["ca", "import", "branch", "branch.pem", "weak.pem", "root.pem"]);
    assert!(told.contains("`CN=Weak`") && told.contains("an RSA key of 1024 bits is not accepted"), "{told}");
}

#[test]
fn what_is_signed_here_takes_no_certificate_from_elsewhere() {
    let folder = pending("p256");
    let here = folder.path();
    done(here, &["ca", "create", "corp", "--root"]);
    signed(here, "branch", "root", OF_AUTHORITY);
    let told = refused(here, &["ca", "import", "corp", "branch.pem", "root.pem"]);
    assert!(told.contains("is signed here, so it takes no certificate from elsewhere"), "{told}");
}
