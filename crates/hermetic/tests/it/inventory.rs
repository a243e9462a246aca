//! The inventory, searched and shown.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::harness::{folder, hermetic, openssl};

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = hermetic(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What each certificate of a list is used as.
fn listed(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let list = json(&done(folder, &[&["cert", "list", "--format", "json"], arguments].concat()));
    assert_eq!(list["schema"], "hermetic.certificates/1");
    let certificates = list["certificates"].as_array().unwrap().iter();
    certificates.map(|one| one["subject"].as_str().unwrap().to_owned()).collect()
}

/// A store with three certificates of parties, and those of its authorities.
fn inventory() -> tempfile::TempDir {
    let folder = folder();
    for issue in [
        &["--name", "shop.example.com", "--lifetime", "2d", "--profile", "server"][..],
        &["--name", "*.example.com", "--lifetime", "90d"],
        &["--identity", "edge", "--profile", "mesh"],
    ] {
        done(folder.path(), &[&["cert", "issue"], issue].concat());
    }
    folder
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_list_is_narrowed_by_what_is_asked_for() {
    let folder = inventory();
    let of = |arguments: &[&str]| listed(folder.path(), arguments);
    assert_eq!(of(&["--name", "shop.example.com"]), ["wildcard.example.com", "shop.example.com"]);
    assert_eq!(of(&["--below", "example.com"]), ["wildcard.example.com", "shop.example.com"]);
    assert_eq!(of(&["--name", "www.example.com"]), ["wildcard.example.com"]);
    assert_eq!(of(&["--profile", "mesh"]), ["edge"]);
    assert_eq!(of(&["--for", "edge", "--issuer", "intermediate"]), ["edge"]);
    assert_eq!(of(&["--for", "edge", "--issuer", "root"]), [""; 0]);
    assert_eq!(of(&["--expires-within", "30d"]), ["edge", "shop.example.com"], "the soonest first");
    assert_eq!(of(&["--below", "example.com", "--state", "issued", "--unused"]).len(), 2);
    for none in [&["--state", "revoked"][..], &["--state", "expired"], &["--in-use"]] {
        assert_eq!(of(none), [""; 0], "{none:?}");
    }
    let told = done(folder.path(), &["cert", "list", "--in-use"]);
    assert_eq!(told, "there is no such certificate\n");
}

#[test]
fn a_list_that_is_cut_off_goes_on_where_it_ended() {
    let folder = inventory();
    let all = listed(folder.path(), &[]);
    assert_eq!(all.len(), 4, "the intermediate among them: {all:?}");
    let page = |more: &[&str]| {
        json(&done(folder.path(), &[&["cert", "list", "--format", "json", "--limit", "2"], more].concat()))
    };
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = if after.is_empty() { page(&[]) } else { page(&["--after", &after]) };
        let certificates = page["certificates"].as_array().unwrap().clone();
        seen.extend(certificates.iter().map(|one| one["subject"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, all);
    let table = hermetic(folder.path(), &["cert", "list", "--limit", "1"]);
    assert!(error(&table).starts_with("there are more: --after "), "{table:?}");
    assert_eq!(table.stdout.iter().filter(|byte| **byte == b'\n').count(), 2, "headings and one row");
    let wrong = hermetic(folder.path(), &["cert", "list", "--after", "page 2"]);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

#[test]
fn a_certificate_is_shown_as_openssl_shows_it_whatever_it_is_called_by() {
    let folder = inventory();
    let file = folder.path().join("shop.example.com.pem").display().to_string();
    let by_openssl = |arguments: &[&str]| {
        let output = openssl(&[&["x509", "-noout", "-in", &file], arguments].concat(), b"");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = by_openssl(&["-text", "-certopt", "ext_dump"]);
    let fingerprint = by_openssl(&["-fingerprint", "-sha256"]);
    let fingerprint = fingerprint.trim().rsplit('=').next().unwrap();
    let serial = by_openssl(&["-serial"]);
    let serial = serial.trim().rsplit('=').next().unwrap();
    for called in ["shop.example.com", "dns:shop.example.com", fingerprint, serial, &serial[..12]] {
        assert_eq!(done(folder.path(), &["cert", "show", called, "--format", "text"]), text, "{called}");
    }
    assert_eq!(
        done(folder.path(), &["cert", "show", serial, "--format", "pem"]),
        std::fs::read_to_string(&file).unwrap()
    );
    let shown = json(&done(folder.path(), &["cert", "show", serial, "--format", "json"]));
    assert_eq!(
        (&shown["schema"], &shown["profile"], &shown["has_key"], &shown["in_use"]),
        (&"hermetic.certificate/1".into(), &"server".into(), &true.into(), &Value::Array(Vec::new()))
    );
    assert_eq!(shown["certificate"]["purposes"], serde_json::json!(["serverAuth"]));
    let unknown = hermetic(folder.path(), &["cert", "show", "nobody.example.com"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    assert!(error(&unknown).contains("`hermetic cert list` shows all of them"), "{unknown:?}");
}
