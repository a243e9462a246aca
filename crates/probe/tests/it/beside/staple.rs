//! Stapled OCSP responses, made by OpenSSL and by NSS, sound and broken.

use std::path::Path;
use std::process::Command;

use hermetic_probe::certificates::Staple;
use hermetic_x509::ocsp::Status;
use rcgen::PKCS_RSA_SHA256;

use super::beside;
use crate::certificates::{Authority, Issued};
use crate::servers::{Nginx, SelfServ};

fn staple(port: u16, authority: &Authority) -> Staple {
    let seen = beside(&format!("https://127.0.0.1:{port}"), authority.trust(), "shop.test");
    seen.certificates.chosen().unwrap().staple.clone()
}

/// What OpenSSL answers of a certificate, of which its index has this line: state and dates.
fn answered(folder: &Path, authority: &Authority, issued: &Issued, state: &str) -> std::path::PathBuf {
    let path = |name: &str| folder.join(name);
    for (name, text) in
        [("ca.pem", &authority.pem), ("ca.key", &authority.key), ("leaf.pem", &issued.certificate)]
    {
        std::fs::write(path(name), text).unwrap();
    }
    let serial = hermetic_tls::Chain::from_pem(&issued.certificate).unwrap().leaf().serial.to_string();
    let serial = serial.to_uppercase();
    std::fs::write(path("index"), format!("{state}\t{serial}\tunknown\t/CN=shop\n")).unwrap();
    let mut command = Command::new("openssl");
    command.arg("ocsp").arg("-index").arg(path("index")).args(["-ndays", "1", "-noverify"]);
    for (option, name) in
        [("-CA", "ca.pem"), ("-rsigner", "ca.pem"), ("-issuer", "ca.pem"), ("-cert", "leaf.pem")]
    {
        command.arg(option).arg(path(name));
    }
    command.arg("-rkey").arg(path("ca.key")).arg("-respout").arg(path("staple"));
    let made = command.output().unwrap();
    assert!(made.status.success(), "{made:?}");
    path("staple")
}

fn by_openssl(state: &str) -> Staple {
    let authority = Authority::new();
    let issued = authority.issue("shop.test");
    let folder = tempfile::tempdir().unwrap();
    let response = answered(folder.path(), &authority, &issued, state);
    let directives = format!("ssl_stapling on; ssl_stapling_file {};", response.display());
    staple(Nginx::tls(&issued, &directives).port, &authority)
}

#[test]
fn what_openssl_answers_is_believed() {
    match by_openssl("V\t350101000000Z\t") {
        Staple::Said(said) => assert_eq!(said.status, Status::Good),
        other => panic!("{other:?}"),
    }
    match by_openssl("R\t350101000000Z\t260101000000Z,keyCompromise") {
        Staple::Said(said) => assert!(matches!(said.status, Status::Revoked(_)), "{said:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_without_a_staple_has_none() {
    let authority = Authority::new();
    assert_eq!(staple(Nginx::tls(&authority.issue("shop.test"), "").port, &authority), Staple::Absent);
}

#[test]
fn broken_staples_of_nss_are_told_apart() {
    let authority = Authority::rsa();
    let issued = authority.issue_with("shop.test", &PKCS_RSA_SHA256, |_| ());
    let of = |mode| staple(SelfServ::stapling(mode, &authority, &issued).port, &authority);
    assert!(matches!(of("failure"), Staple::Unreadable(reason) if reason.contains("tryLater")));
    assert!(matches!(of("corrupted"), Staple::Unreadable(_)));
    // NSS signs with SHA-1, for which others can make a second text: nobody is believed by that.
    for mode in ["good", "revoked", "badsig"] {
        let told = of(mode);
        assert!(matches!(&told, Staple::Disbelieved(reason) if reason.contains("sha1")), "{told:?}");
    }
}
