//! Certificates that openssl made, imported as people have them.

use std::path::Path;
use std::process::Output;

use crate::harness::{Hermetic, Page, certificate, folder, hermetic, openssl};

/// A folder with a root, an authority below it, and certificates `shop` and `bank` with their keys.
pub fn made_elsewhere() -> tempfile::TempDir {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
        .unwrap();
    certified(folder.path(), "root", None, "ca.ext");
    certified(folder.path(), "middle", Some("root"), "ca.ext");
    for name in ["shop", "bank"] {
        certified_leaf(folder.path(), name);
    }
    folder
}

/// Has `middle` certify a fresh key for `<name>.example.com`.
pub fn certified_leaf(folder: &Path, name: &str) {
    let names = format!("basicConstraints=CA:FALSE\nsubjectAltName=DNS:{name}.example.com\n");
    std::fs::write(folder.join("leaf.ext"), names).unwrap();
    certified(folder, name, Some("middle"), "leaf.ext");
}

/// Has openssl certify a fresh P-256 key under this name, by another or by itself.
fn certified(folder: &Path, name: &str, by: Option<&str>, extensions: &str) {
    let at = |file: String| folder.join(file).display().to_string();
    let (pem, key) = (at(format!("{name}.pem")), at(format!("{name}.key")));
    let (csr, subject) = (at(format!("{name}.csr")), format!("/CN={name}"));
    let curve = "ec_paramgen_curve:P-256";
    let request =
        ["req", "-new", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-keyout", &key, "-out", &csr];
    done(&[&request[..], &["-subj", &subject]].concat());
    let (ca, ca_key) = match by {
        Some(by) => (at(format!("{by}.pem")), at(format!("{by}.key"))),
        None => (String::new(), key.clone()),
    };
    let signed_by = match by {
        Some(_) => vec!["-CA", ca.as_str(), "-CAkey", ca_key.as_str(), "-CAcreateserial"],
        None => vec!["-signkey", ca_key.as_str()],
    };
    let extensions = at(extensions.to_owned());
    let sign = ["x509", "-req", "-in", &csr, "-out", &pem, "-days", "30", "-extfile", &extensions];
    done(&[&sign[..], &signed_by].concat());
}

fn done(arguments: &[&str]) {
    let output = openssl(arguments, b"");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn import(folder: &Path, arguments: &[&str]) -> Output {
    hermetic(folder, &[&["cert", "import"][..], arguments].concat())
}

/// What is told of an import that is refused.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = import(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_certificate_is_imported_from_pem_and_listed() {
    let folder = made_elsewhere();
    let files = ["shop", "shop.key", "shop.pem", "middle.pem", "--format", "json"];
    let told = json(&import(folder.path(), &files));
    assert_eq!(
        (&told["schema"], &told["subject"]),
        (&"hermetic.certificate-import/1".into(), &"shop".into())
    );
    assert_eq!(told["identities"], serde_json::json!(["dns:shop.example.com"]));
    let list = json(&hermetic(folder.path(), &["cert", "list", "--format", "json"]));
    let listed = list["certificates"].as_array().unwrap().iter().any(|one| one["serial"] == told["serial"]);
    assert!(listed, "{list}");
    let again = refused(folder.path(), &["shop", "shop.key", "shop.pem", "middle.pem"]);
    assert!(again.contains(told["serial"].as_str().unwrap()), "{again}");
}

#[test]
fn a_pkcs12_file_opens_under_its_passphrase_alone() {
    let folder = made_elsewhere();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key, pem, chain, file) = (at("shop.key"), at("shop.pem"), at("middle.pem"), at("shop.p12"));
    let sources = ["-inkey", &key, "-in", &pem, "-certfile", &chain];
    done(&[&["pkcs12", "-export", "-out", &file, "-passout", "pass:two words"][..], &sources].concat());
    for (name, text) in [("right", "two words\n"), ("wrong", "three words\n")] {
        std::fs::write(at(name), text).unwrap();
    }
    let none = refused(folder.path(), &["shop", "shop.p12"]);
    assert!(none.contains("passphrase") && none.contains("--passphrase-file"), "{none}");
    let wrong = refused(folder.path(), &["shop", "shop.p12", "--passphrase-file", "wrong"]);
    assert!(wrong.contains("the passphrase is wrong"), "{wrong}");
    let output = import(folder.path(), &["shop", "shop.p12", "--passphrase-file", "right"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // From then on there is a journal, which tells of it.
    refused(folder.path(), &["shop", "shop.p12", "--passphrase-file", "wrong"]);
    let trail = String::from_utf8(hermetic(folder.path(), &["trail", "tail"]).stdout).unwrap();
    let last = trail.lines().last().unwrap();
    assert!(last.contains("request.refused") && last.contains("the passphrase is wrong"), "{trail}");
}

#[test]
fn a_chain_in_the_wrong_order_is_refused_with_the_right_one() {
    let folder = made_elsewhere();
    let told = refused(folder.path(), &["shop", "shop.key", "shop.pem", "root.pem", "middle.pem"]);
    assert!(told.contains("the chain is in the wrong order; right is:"), "{told}");
    let trail = hermetic(folder.path(), &["trail", "tail"]);
    let trail = String::from_utf8_lossy(&trail.stdout).into_owned();
    assert!(trail.contains("request.refused"), "{trail}");
}

#[test]
fn the_key_of_another_certificate_is_refused() {
    let folder = made_elsewhere();
    let told = refused(folder.path(), &["shop", "bank.key", "shop.pem", "middle.pem"]);
    assert!(told.contains("the private key is not that of the certificate"), "{told}");
}

#[test]
fn what_comes_in_the_place_of_another_keeps_a_name_of_it() {
    let folder = made_elsewhere();
    let files = ["shop", "shop.key", "shop.pem", "middle.pem", "--format", "json"];
    let first = json(&import(folder.path(), &files));
    let told = refused(folder.path(), &["shop", "bank.key", "bank.pem", "middle.pem"]);
    assert!(told.contains("none of the names"), "{told}");
    certified_leaf(folder.path(), "shop");
    let second = json(&import(folder.path(), &files));
    assert_eq!(second["replaces"], first["serial"]);
}

#[test]
fn a_certificate_is_imported_beside_a_running_instance() {
    let tour = Hermetic::tour();
    let elsewhere = made_elsewhere();
    let file = |name: &str| elsewhere.path().join(name).display().to_string();
    let (key, pem, chain) = (file("shop.key"), file("shop.pem"), file("middle.pem"));
    let output = import(tour.folder.path(), &["shop", &key, &pem, &chain]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_page_on_import_and_export_brings_certificates_in_and_out() {
    let (folder, page) = (made_elsewhere(), Page::how_to("import-and-export"));
    let here = folder.path();
    std::fs::write(here.join("passphrase"), "two words\n").unwrap();
    std::fs::write(here.join("hermetic.toml"), page.configuration("name = \"portable\"", &[])).unwrap();
    let outputs = page.run(here);
    let statuses: Vec<_> = outputs.iter().map(|output| output.status.code().unwrap()).collect();
    assert_eq!(statuses, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0], "{outputs:?}");
    let listener = page.configuration("stored", &[("0.0.0.0:443", "127.0.0.1:8443")]);
    let served = listener
        + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n\
        [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:1\"]\n";
    std::fs::write(here.join("hermetic.toml"), served).unwrap();
    assert_ne!(hermetic(here, &["check"]).status.code(), Some(2));
}

#[test]
fn an_expired_certificate_is_refused_with_its_end() {
    let folder = folder();
    certificate(folder.path(), "old.example.com", (2020, 2021));
    let told = refused(folder.path(), &["old", "origin.key", "origin.pem", "origin-ca.pem"]);
    assert!(told.contains("expired at 2021-01-01"), "{told}");
}
