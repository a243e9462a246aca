//! Certificates, keys and trust anchors in files.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::{BASE, Noon};
use crate::{
    CertificateSource, Clients, Configuration, ConfigurationError, FileRead, Protocol, Trust, parse, read,
};

/// A folder with `good`, `old` and `early` certificates and their keys.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, from, to) in [("good", 2026, 2027), ("old", 2024, 2025), ("early", 2027, 2028)] {
        let mut params = CertificateParams::new(vec!["b.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.path().join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
    folder
}

/// A second listener with these lines from line 4 on.
fn parsed(folder: &Path, lines: &str) -> Result<Configuration, ConfigurationError> {
    let text = format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\n{lines}\n\
         [[route]]\nlistener = \"second\"\nto = \"app\"{BASE}"
    );
    parse(&text, &folder.join("hermetic.toml"), &Noon)
}

/// What is told, the folder's path left out.
fn told(folder: &Path, lines: &str) -> Vec<String> {
    let Err(ConfigurationError::Invalid { problems, .. }) = parsed(folder, lines) else { return Vec::new() };
    let prefix = format!("{}/", folder.display());
    problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

#[test]
fn a_certificate_from_files_is_read() {
    let folder = folder();
    let configuration =
        parsed(folder.path(), "certificate = { cert = \"good.pem\", key = \"good.key\" }").unwrap();
    let Protocol::Https(https) = &configuration.listeners[0].protocol else { panic!() };
    let [CertificateSource::Files { credential, cert, .. }] = https.termination.certificates.as_slice()
    else {
        panic!()
    };
    assert!(credential.leaf().covers_host("b.example"));
    assert_eq!(*cert, folder.path().join("good.pem"));
}

#[test]
fn the_authority_certifies_the_names_that_no_file_covers() {
    let folder = folder();
    let files = "certificates = [{ cert = \"good.pem\", key = \"good.key\" }]";
    let configuration =
        parsed(folder.path(), &format!("names = [\"b.example\", \"c.example\"]\n{files}")).unwrap();
    let Protocol::Https(https) = &configuration.listeners[0].protocol else { panic!() };
    let [CertificateSource::Files { .. }, CertificateSource::Authority { identities, .. }] =
        https.termination.certificates.as_slice()
    else {
        panic!("{:?}", https.termination.certificates)
    };
    let identities: Vec<String> = identities.iter().map(ToString::to_string).collect();
    assert_eq!(identities, ["dns:c.example", "spiffe://hermetic.internal/second"]);
}

#[test]
fn a_certificate_that_expired_is_refused() {
    assert_eq!(
        told(folder().path(), "certificate = { cert = \"old.pem\", key = \"old.key\" }"),
        ["4:24: old.pem: the certificate expired at 2025-01-01T00:00:00Z; \
          renew it, or let the authority issue one: `names = […]`"]
    );
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_refused() {
    assert_eq!(
        told(folder().path(), "certificate = { cert = \"early.pem\", key = \"early.key\" }"),
        ["4:24: early.pem: the certificate is not valid before 2027-01-01T00:00:00Z; \
          wait until then, or check this machine's clock"]
    );
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    assert_eq!(
        told(folder().path(), "certificate = { cert = \"good.pem\", key = \"old.key\" }"),
        ["4:42: the key in old.key does not belong to the certificate in good.pem; \
          name the key that the certificate was issued for"]
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    assert_eq!(
        told(folder().path(), "certificate = { cert = \"no.pem\", key = \"no.key\" }"),
        [
            "4:24: no.pem can't be read: No such file or directory (os error 2); \
             name a PEM file that this user may read",
            "4:40: no.key can't be read: No such file or directory (os error 2); \
             name a PEM file that this user may read",
        ]
    );
}

#[test]
fn a_key_is_no_certificate() {
    assert_eq!(
        told(folder().path(), "certificate = { cert = \"good.key\", key = \"good.pem\" }"),
        [
            "4:24: good.key: no certificate in it; expected a PEM block `BEGIN CERTIFICATE`; name another PEM file",
            "4:42: good.pem: no private key in it; expected a PEM block `BEGIN PRIVATE KEY`; name another PEM file",
        ]
    );
}

#[test]
fn one_certificate_and_several_are_not_written_together() {
    let one = "{ cert = \"good.pem\", key = \"good.key\" }";
    assert_eq!(
        told(folder().path(), &format!("certificate = {one}\ncertificates = [{one}]")),
        ["5:1: both `certificate` and `certificates` are written; put all of them into `certificates`"]
    );
}

#[test]
fn clients_are_measured_by_the_roots_of_a_file() {
    let folder = folder();
    let lines = "names = [\"b\"]\nclients = \"optional\"\nclient_ca = \"good.pem\"";
    let configuration = parsed(folder.path(), lines).unwrap();
    let Protocol::Https(https) = &configuration.listeners[0].protocol else { panic!() };
    assert!(
        matches!(&https.termination.clients, Clients::Optional(Trust::File { anchors, .. }) if anchors.certificates().len() == 1)
    );
}

#[test]
fn roots_that_expired_are_refused() {
    assert_eq!(
        told(folder().path(), "names = [\"b\"]\nclients = \"required\"\nclient_ca = \"old.pem\""),
        ["6:13: old.pem: the last of its certificates expired at 2025-01-01T00:00:00Z; \
          get the current root certificates"]
    );
}

#[test]
fn a_word_gone_wrong_is_no_file_of_roots() {
    assert_eq!(
        told(folder().path(), "names = [\"b\"]\nclients = \"required\"\nclient_ca = \"sytem\""),
        ["6:13: sytem can't be read: No such file or directory (os error 2); did you mean \"system\"?"]
    );
}

#[test]
fn a_configuration_that_can_not_be_read_says_which() {
    let path = folder().path().join("hermetic.toml");
    let error = read(&path, &Noon).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: No such file or directory (os error 2)", path.display()));
}

#[test]
fn each_problem_is_shown_with_its_file() {
    let error = parse("polcy = 1\ndat = 2\n", Path::new("hermetic.toml"), &Noon).unwrap_err();
    let shown = error.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], "hermetic.toml:2:1: unknown key `dat`; did you mean `data`?");
}

#[test]
fn every_file_that_it_rests_on_is_told_whether_it_holds_or_not() {
    let folder = folder();
    let here = |name: &str| folder.path().join(name);
    let file = here("hermetic.toml");
    let attempted = |key: &str| {
        let listener = format!(
            "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nclients = \"required\"\n\
             client_ca = \"good.pem\"\ncertificate = {{ cert = \"good.pem\", key = \"{key}\" }}\n\
             [[route]]\nlistener = \"second\"\nto = \"app\"{BASE}"
        );
        std::fs::write(&file, listener).unwrap();
        crate::attempt(&file, &Noon)
    };
    let paths = |files: &[FileRead]| files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    let good = attempted("good.key");
    assert!(good.outcome.is_ok(), "{:?}", good.outcome);
    assert_eq!(paths(&good.files), [file.clone(), here("good.pem"), here("good.key")]);
    let missing = attempted("nowhere.key");
    assert!(missing.outcome.is_err());
    assert_eq!(paths(&missing.files), [file.clone(), here("good.pem"), here("nowhere.key")]);
}

#[test]
fn a_configuration_is_another_once_a_certificate_in_a_file_is() {
    let folder = folder();
    let read = || {
        parsed(folder.path(), "certificate = { cert = \"good.pem\", key = \"good.key\" }").unwrap().listeners
    };
    let before = read();
    assert_eq!(before, read());
    let renewed = self::folder();
    for name in ["good.pem", "good.key"] {
        std::fs::copy(renewed.path().join(name), folder.path().join(name)).unwrap();
    }
    let after = read();
    assert_ne!(before[0], after[0]);
    assert_eq!(before[1], after[1]);
}
