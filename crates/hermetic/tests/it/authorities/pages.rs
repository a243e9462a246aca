//! The how-to pages on authorities, run as a reader would run them.

use std::process::Command;

use super::json;
use crate::harness::{Page, folder, typed_in};

#[test]
fn the_page_on_an_internal_authority_makes_one() {
    let (folder, page) = (folder(), Page::how_to("internal-ca-in-five-minutes"));
    let outputs = page.run(folder.path());
    let statuses: Vec<_> = outputs.iter().map(|output| output.status.code()).collect();
    let expected = [Some(0), Some(0), Some(0), Some(0), Some(0), Some(2), Some(0)];
    assert_eq!(statuses, expected, "{outputs:#?}");
    let list = json(folder.path(), &["ca", "list"]);
    assert_eq!(list["authorities"].as_array().unwrap().len(), 2, "{list}");
    let verify = "openssl verify -CAfile example-root-ca.pem -untrusted db.example.internal.pem db.example.internal.pem";
    assert!(typed_in(folder.path(), verify).status.success());
}

#[test]
fn the_page_on_an_own_authority_has_it_signed_by_openssl() {
    let (folder, page) = (folder(), Page::how_to("bring-your-own-ca"));
    std::fs::write(folder.path().join("hermetic.toml"), page.configuration("issuer = \"branch\"", &[]))
        .unwrap();
    for output in page.run(folder.path()) {
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(json(folder.path(), &["ca", "show", "branch"])["state"], "active");
}

#[test]
fn the_page_on_tokens_makes_authorities_in_one() {
    let (folder, page) = (folder(), Page::how_to("keys-in-an-hsm"));
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("tokens")).unwrap();
    std::fs::write(at("softhsm2.conf"), format!("directories.tokendir = {}\n", at("tokens").display()))
        .unwrap();
    let configuration = page.configuration("[[token]]", &[]) + &page.configuration("[keys]", &[]);
    std::fs::write(at("hermetic.toml"), configuration).unwrap();
    let in_token = |command: &mut Command| {
        command.env("SOFTHSM2_CONF", at("softhsm2.conf")).env("HERMETIC_PIN", "5678");
    };
    let outputs = page.run_in(folder.path(), in_token);
    for output in &outputs {
        assert!(output.status.success(), "{output:?}");
    }
    let [.., listed] = outputs.as_slice() else { panic!("{outputs:?}") };
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("hermetic vault 1") && listed.contains("CKA_NEVER_EXTRACTABLE"), "{listed}");
    assert!(!at(".hermetic/key").exists(), "nor does a key lie beside the store");
}
