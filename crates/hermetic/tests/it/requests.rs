//! Certificates for keys that are elsewhere: requests that openssl made, and those that are refused.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{Hermetic, Page, folder, hermetic, openssl, pkilint};

fn done(arguments: &[&str]) {
    let output = openssl(arguments, b"");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// Has openssl make a key and a request for this name; gives the request's file.
fn request(folder: &Path, name: &str, kind: &[&str]) -> String {
    let at = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
    let (key, csr) = (at("key"), at("csr"));
    done(&[&["genpkey", "-out", &key], kind].concat());
    again(folder, name, &key);
    csr
}

/// The same for a key that is there.
fn again(folder: &Path, name: &str, key: &str) {
    let csr = folder.join(format!("{name}.csr")).display().to_string();
    let (subject, names) = (format!("/CN={name}"), format!("subjectAltName=DNS:{name}"));
    done(&["req", "-new", "-key", key, "-subj", &subject, "-addext", &names, "-out", &csr]);
}

const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const WEAK: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];

fn issue(folder: &Path, arguments: &[&str]) -> Output {
    hermetic(folder, &[&["cert", "issue"], arguments].concat())
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = issue(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Has openssl verify a certificate file for a name, its chain in the same file.
fn verified(folder: &Path, file: &str, name: &str) {
    let at = |file: &str| folder.join(file).display().to_string();
    let (root, file) = (at(".hermetic/ca.pem"), at(file));
    let verify =
        ["verify", "-x509_strict", "-CAfile", &root, "-untrusted", &file, "-verify_hostname", name, &file];
    done(&verify);
}

/// The refusals in the journal, in order.
fn journaled(folder: &Path) -> Vec<String> {
    let output = hermetic(folder, &["trail", "export"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let entries = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let refused = entries.filter(|entry| entry["kind"] == "request.refused");
    refused.map(|entry| entry["body"]["result"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_request_is_certified_with_its_names_and_those_that_are_given_beside_it() {
    let folder = folder();
    let csr = request(folder.path(), "web.example.com", P256);
    let output = issue(
        folder.path(),
        &["--csr", &csr, "--profile", "server", "--name", "www.example.com", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["schema"], &told["key"], &told["profile"]),
        (&"hermetic.certificate-issue/1".into(), &serde_json::Value::Null, &"server".into())
    );
    let mut names: Vec<_> =
        told["identities"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["dns:web.example.com", "dns:www.example.com"]);
    for name in ["web.example.com", "www.example.com"] {
        verified(folder.path(), told["certificate"].as_str().unwrap(), name);
    }
    let has_key = std::fs::read_dir(folder.path())
        .unwrap()
        .any(|file| file.unwrap().file_name().to_string_lossy().ends_with("-key.pem"));
    assert!(!has_key, "the key is elsewhere");
}

#[test]
fn a_request_in_der_is_certified_by_a_running_instance() {
    let tour = Hermetic::tour();
    let csr = request(tour.folder.path(), "web.example.com", P256);
    let der = tour.folder.path().join("web.der").display().to_string();
    done(&["req", "-in", &csr, "-outform", "DER", "-out", &der]);
    let output = issue(tour.folder.path(), &["--csr", &der, "--lifetime", "2h"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}\n{}", tour.log());
    verified(tour.folder.path(), "web.example.com.pem", "web.example.com");
}

#[test]
fn each_request_that_is_not_sound_is_refused_for_its_own_reason_and_stands_in_the_journal() {
    let folder = folder();
    let at = |file: &str| folder.path().join(file).display().to_string();
    let sound = request(folder.path(), "web.example.com", P256);
    assert_eq!(issue(folder.path(), &["--csr", &sound]).status.code(), Some(0));

    let der = at("broken.der");
    done(&["req", "-in", &sound, "-outform", "DER", "-out", &der]);
    let mut bytes = std::fs::read(&der).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&der, bytes).unwrap();
    let broken = refused(folder.path(), &["--csr", &der]);
    assert!(broken.contains("the request's signature does not verify"), "{broken}");

    let weak = refused(folder.path(), &["--csr", &request(folder.path(), "weak.example.com", WEAK)]);
    assert!(weak.contains("the key in the request is not accepted") && weak.contains("1024"), "{weak}");

    again(folder.path(), "other.example.com", &at("web.example.com.key"));
    let reused = refused(folder.path(), &["--csr", &at("other.example.com.csr")]);
    assert!(reused.contains("was used before, for `web.example.com`"), "{reused}");

    std::fs::write(at("text.csr"), "no request").unwrap();
    let none = refused(folder.path(), &["--csr", &at("text.csr")]);
    assert!(none.contains("this is no certification request"), "{none}");

    assert_eq!(journaled(folder.path()).len(), 4, "{:?}", journaled(folder.path()));
}

#[test]
fn names_outside_of_the_profile_are_refused_wherever_they_stand() {
    let folder = folder();
    std::fs::write(
        folder.path().join("hermetic.toml"),
        "[[profile]]\nname = \"shop\"\nlike = \"server\"\nallow = [{ subdomain = \"shop.example.com\" }]\n",
    )
    .unwrap();
    let outside = request(folder.path(), "web.example.com", P256);
    let told = refused(folder.path(), &["--csr", &outside, "--profile", "shop"]);
    assert!(told.contains("web.example.com") && told.contains("profile `shop`"), "{told}");

    let within = request(folder.path(), "a.shop.example.com", P256);
    let beside = ["--csr", &within, "--profile", "shop", "--name", "bank.example.com"];
    let told = refused(folder.path(), &beside);
    assert!(told.contains("bank.example.com"), "{told}");
    assert_eq!(journaled(folder.path()).len(), 2);

    let unknown = refused(folder.path(), &["--csr", &within, "--profile", "bank"]);
    assert!(unknown.contains("there is no profile `bank`"), "{unknown}");
    let output = issue(folder.path(), &["--csr", &within, "--profile", "shop"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_page_on_requests_issues_what_its_profile_allows_and_tells_of_what_not() {
    let (folder, page) = (folder(), Page::how_to("issue-from-a-csr"));
    let here = folder.path();
    std::fs::write(here.join("hermetic.toml"), page.configuration("name = \"shop\"", &[])).unwrap();
    let outputs = page.run(here);
    let statuses: Vec<_> = outputs.iter().map(|output| output.status.code().unwrap()).collect();
    assert_eq!(statuses, [0, 0, 0, 0, 0, 0, 2, 0], "{outputs:?}");
    verified(here, "shop.example.com.pem", "www.shop.example.com");
    let told = String::from_utf8_lossy(&outputs[7].stdout);
    assert!(told.contains("bank.example.com is not among the allowed names"), "{told}");
}

#[test]
fn what_each_profile_issues_for_each_kind_of_key_passes_openssl_gnutls_and_pkilint() {
    let folder = folder();
    let root = folder.path().join(".hermetic/ca.pem").display().to_string();
    let mut files = Vec::new();
    for kind in ["p256", "p384", "rsa2048", "ed25519"] {
        for (profile, who, purpose) in [
            ("server", ["--name", "shop.example.com"], "sslserver"),
            ("client", ["--name", "client.example.com"], "sslclient"),
            ("both", ["--name", "*.example.com"], "sslserver"),
            ("mesh", ["--identity", "edge"], "sslclient"),
            ("code", ["--subject", "CN=Builds,O=Example,C=DE"], "any"),
        ] {
            let out = folder.path().join(format!("{kind}-{profile}"));
            std::fs::create_dir(&out).unwrap();
            let out = out.display().to_string();
            let arguments = ["--profile", profile, "--key", kind, "--out", &out, "--format", "json"];
            let output = issue(folder.path(), &[&who[..], &arguments].concat());
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let file = told["certificate"].as_str().unwrap().to_owned();
            done(&[
                "verify",
                "-x509_strict",
                "-purpose",
                purpose,
                "-CAfile",
                &root,
                "-untrusted",
                &file,
                &file,
            ]);
            let by_gnutls = Command::new("certtool")
                .args(["--verify", "--load-ca-certificate", &root, "--infile", &file])
                .output()
                .unwrap();
            assert!(by_gnutls.status.success(), "{by_gnutls:?}");
            let leaf = format!("{out}/leaf");
            done(&["x509", "-in", &file, "-out", &leaf]);
            files.push(leaf + "\n");
        }
    }
    assert_eq!(pkilint(&files.concat()), "");
}
