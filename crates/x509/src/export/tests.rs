use std::path::Path;

use hermetic_keys::Passphrase;

use super::*;
use crate::foreign::{Party, root};
use crate::material::Contents;
use crate::peer::{openssl, run};

fn words() -> ExportPassphrase {
    ExportPassphrase::new(Passphrase::new("two words").unwrap()).unwrap()
}

/// A leaf with an authority and a root behind it.
fn family() -> (Party, Party, Party) {
    let root = root("Root");
    let authority = root.authority("Authority");
    let leaf = authority.leaf("shop.test");
    (leaf, authority, root)
}

fn read(file: &[u8]) -> Material {
    Contents::read(file, Some(words().passphrase())).unwrap().material().unwrap()
}

fn same(one: &Material, other: &Material) -> bool {
    let keys = one.key().public_key() == other.key().public_key();
    keys && (one.leaf(), one.chain()) == (other.leaf(), other.chain())
}

fn folder_with(name: &str, file: impl AsRef<[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), file).unwrap();
    std::fs::write(folder.path().join("words"), "two words\n").unwrap();
    folder
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn shown(folder: &Path, program: &str, arguments: &str) -> String {
    text(run(folder, program, arguments, b"two words\n"))
}

#[test]
fn passphrases_are_those_that_acm_takes() {
    let of = |text: &str| ExportPassphrase::new(Passphrase::new(text).unwrap()).map(|_| ());
    assert_eq!(of("abc"), Err(ExportPassphraseError::Length(3)));
    assert_eq!(of("abcd"), Ok(()));
    assert_eq!(of(&"a".repeat(128)), Ok(()));
    assert_eq!(of(&"a".repeat(129)), Err(ExportPassphraseError::Length(129)));
    for text in ["pass#word", "pass$word", "pass%word", "pässword", "pass\tword"] {
        assert_eq!(of(text), Err(ExportPassphraseError::Character), "{text}");
    }
}

#[test]
fn pem_is_read_by_ourselves_and_by_openssl() {
    let (leaf, authority, root) = family();
    let material = leaf.material(&[&authority, &root]);
    let pem = material.to_pem(&words()).unwrap();
    assert!(same(&read((pem.key.clone() + &pem.certificate + &pem.chain).as_bytes()), &material));
    assert!(pem.key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

    let folder = folder_with("key", &pem.key);
    let folder = folder.path();
    std::fs::write(folder.join("certificate"), &pem.certificate).unwrap();
    let of_key = openssl(folder, "pkey -in key -passin file:words -pubout");
    assert_eq!(of_key, openssl(folder, "x509 -in certificate -noout -pubkey"));
    std::fs::write(folder.join("chain"), &pem.chain).unwrap();
    let at = crate::foreign::now().as_second();
    openssl(folder, &format!("verify -attime {at} -CAfile chain certificate"));
}

#[test]
fn der_is_read_by_ourselves_and_by_openssl() {
    let (leaf, authority, root) = family();
    let der = leaf.material(&[&authority, &root]).to_der(&words()).unwrap();
    let contents = |bytes: &[u8]| Contents::read(bytes, Some(words().passphrase())).unwrap();
    let both = contents(&der.key).with(contents(&der.certificate)).material().unwrap();
    assert_eq!(*both.leaf(), leaf.certificate());
    assert_eq!(der.chain, [authority.der, root.der]);
    let folder = folder_with("key", &der.key);
    openssl(folder.path(), "pkey -in key -inform DER -passin file:words -check");
}

#[test]
fn pkcs12_is_read_by_ourselves_openssl_and_gnutls() {
    let (leaf, authority, root) = family();
    let material = leaf.material(&[&authority, &root]);
    let file = material.to_pkcs12(&words(), Pkcs12Form::Modern).unwrap();
    assert!(same(&read(&file), &material));

    let folder = folder_with("file.p12", &file);
    let folder = folder.path();
    let told = shown(folder, "openssl", "pkcs12 -in file.p12 -passin file:words -nodes");
    assert_eq!(told.matches("BEGIN CERTIFICATE").count(), 3);
    assert!(told.contains("friendlyName: CN=shop.test") && told.contains("BEGIN PRIVATE KEY"), "{told}");
    let told = shown(folder, "certtool", "--p12-info --inder --infile file.p12");
    assert!(told.contains("MAC: SHA256") && told.contains("Cipher: AES-256-CBC"), "{told}");
    assert_eq!(told.matches("BEGIN CERTIFICATE").count(), 3);
}

#[test]
fn browsers_take_both_forms_of_pkcs12() {
    let (leaf, authority, _) = family();
    for form in [Pkcs12Form::Modern, Pkcs12Form::Old] {
        let folder = folder_with("file.p12", leaf.material(&[&authority]).to_pkcs12(&words(), form).unwrap());
        shown(folder.path(), "certutil", "-N -d . --empty-password");
        shown(folder.path(), "pk12util", "-i file.p12 -d . -w words");
        let told = shown(folder.path(), "certutil", "-K -d .");
        assert!(told.contains("CN=shop.test"), "{told}");
    }
}

#[test]
fn old_importers_get_a_form_that_they_know() {
    let (leaf, authority, _) = family();
    let material = leaf.material(&[&authority]);
    let file = material.to_pkcs12(&words(), Pkcs12Form::Old).unwrap();
    assert!(same(&read(&file), &material));
    let folder = folder_with("file.p12", &file);
    let told = shown(folder.path(), "openssl", "pkcs12 -in file.p12 -passin file:words -nodes -legacy");
    assert!(told.matches("BEGIN CERTIFICATE").count() == 2 && told.contains("BEGIN PRIVATE KEY"), "{told}");
    let told = shown(folder.path(), "certtool", "--p12-info --inder --infile file.p12");
    assert!(told.contains("MAC: SHA1") && told.contains("Cipher: 3DES-CBC"), "{told}");
}
