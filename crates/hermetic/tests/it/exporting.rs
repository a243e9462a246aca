//! Certificates that leave the store, opened by those that people open them with.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{folder, hermetic, openssl};

const PASSPHRASE: &str = "correct horse";

fn done(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A store whose profile `shop` lets keys out, with a certificate of that and one of another; and a passphrase.
fn store() -> tempfile::TempDir {
    let folder = folder();
    let at = |file: &str| folder.path().join(file);
    std::fs::write(at("hermetic.toml"), "[[profile]]\nname = \"shop\"\nlike = \"server\"\nexport = true\n")
        .unwrap();
    std::fs::write(at("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
    for (name, profile) in [("shop.example.com", "shop"), ("bank.example.com", "server")] {
        done(hermetic(folder.path(), &["cert", "issue", "--name", name, "--profile", profile]));
    }
    std::fs::create_dir(at("out")).unwrap();
    folder
}

fn export(folder: &Path, arguments: &[&str]) -> Output {
    hermetic(folder, &[&["cert", "export"], arguments].concat())
}

const UNDER: [&str; 2] = ["--passphrase-file", "passphrase"];

/// The public key in a file, as openssl prints it.
fn public_key(arguments: &[&str]) -> String {
    done(openssl(arguments, b""))
}

#[test]
fn a_key_leaves_as_pem_under_its_passphrase_and_is_that_of_the_certificate() {
    let folder = store();
    let at = |file: &str| folder.path().join(file).display().to_string();
    done(export(folder.path(), &[&["shop.example.com", "--key", "--out", "out"], &UNDER[..]].concat()));
    let (pem, key) = (at("out/shop.example.com.pem"), at("out/shop.example.com-key.pem"));
    let text = std::fs::read_to_string(&key).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{text}");
    let pass = format!("pass:{PASSPHRASE}");
    let of_key = public_key(&["pkey", "-in", &key, "-passin", &pass, "-pubout"]);
    assert_eq!(of_key, public_key(&["x509", "-in", &pem, "-noout", "-pubkey"]));
    assert_eq!(std::fs::read(&pem).unwrap(), std::fs::read(at("shop.example.com.pem")).unwrap());
    let wrong = openssl(&["pkey", "-in", &key, "-passin", "pass:another", "-noout"], b"");
    assert!(!wrong.status.success(), "{wrong:?}");
    let trail = done(hermetic(folder.path(), &["trail", "tail", "--kind", "certificate.exported"]));
    assert!(trail.contains("shop.example.com"), "{trail}");
}

#[test]
fn a_pkcs12_file_is_opened_by_openssl_gnutls_and_java() {
    let folder = store();
    let at = |file: &str| folder.path().join(file).display().to_string();
    for (form, file) in [(&[][..], "modern.p12"), (&["--old"], "old.p12")] {
        let to = ["shop.example.com", "--format", "p12", "--out", file];
        done(export(folder.path(), &[&to[..], form, &UNDER[..]].concat()));
        let (file, pass) = (at(file), format!("pass:{PASSPHRASE}"));
        let legacy: &[&str] = if form.is_empty() { &[] } else { &["-legacy"] };
        let read = ["pkcs12", "-in", &file, "-passin", &pass, "-nodes"];
        let text = done(openssl(&[&read[..], legacy].concat(), b""));
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2, "{text}");
        assert_eq!(text.matches("BEGIN PRIVATE KEY").count(), 1, "{text}");
        let by_gnutls = Command::new("certtool")
            .args(["--p12-info", "--inder", "--infile", &file, "--password", PASSPHRASE])
            .output()
            .unwrap();
        assert!(by_gnutls.status.success(), "{by_gnutls:?}");
        let by_java = Command::new("keytool")
            .args(["-list", "-storetype", "PKCS12", "-keystore", &file, "-storepass", PASSPHRASE])
            .output()
            .unwrap();
        let told = done(by_java);
        assert!(told.contains("PrivateKeyEntry"), "{told}");
    }
}

#[test]
fn what_comes_out_can_be_imported_again_elsewhere() {
    let folder = store();
    done(export(
        folder.path(),
        &[&["shop.example.com", "--format", "der", "--key", "--out", "out"], &UNDER[..]].concat(),
    ));
    let elsewhere = crate::harness::folder();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let files =
        ["out/shop.example.com.der", "out/shop.example.com-issuer-1.der", "out/shop.example.com-key.der"];
    let files = files.map(file);
    let [leaf, issuer, key] = files.each_ref().map(String::as_str);
    let passphrase = file("passphrase");
    let import = ["cert", "import", "shop", leaf, issuer, key, "--passphrase-file", &passphrase];
    done(hermetic(elsewhere.path(), &import));
}

#[test]
fn certificates_alone_leave_without_leave() {
    let folder = store();
    done(export(folder.path(), &["bank.example.com", "--out", "bank-chain.pem"]));
    let at = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    assert_eq!(at("bank-chain.pem"), at("bank.example.com.pem"));
    let again = export(folder.path(), &["bank.example.com", "--out", "bank-chain.pem"]);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten: {again:?}");
}

#[test]
fn a_key_that_may_not_leave_stays_and_the_journal_tells_who_asked() {
    let folder = store();
    let refused = |arguments: &[&str]| {
        let output = export(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refused(&[&["bank.example.com", "--key", "--out", "out"], &UNDER[..]].concat());
    assert!(told.contains("may not leave the store") && told.contains("`server`"), "{told}");
    let told = refused(&["shop.example.com", "--key", "--out", "out"]);
    assert!(told.contains("under a passphrase only") && told.contains("--passphrase-file"), "{told}");
    std::fs::write(folder.path().join("short"), "abc\n").unwrap();
    let told = refused(&["shop.example.com", "--key", "--out", "out", "--passphrase-file", "short"]);
    assert!(told.contains("the passphrase has 3 bytes"), "{told}");
    let trail = done(hermetic(folder.path(), &["trail", "export"]));
    let entries = trail.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let refusals: Vec<_> = entries.filter(|entry| entry["kind"] == "request.refused").collect();
    let [refusal] = refusals.as_slice() else { panic!("{refusals:?}") };
    assert_eq!(
        (&refusal["body"]["act"], &refusal["body"]["subject"]),
        (&"export".into(), &"bank.example.com".into())
    );
    assert!(std::fs::read_dir(folder.path().join("out")).unwrap().next().is_none(), "nothing was written");
}
