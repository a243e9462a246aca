//! Keys at rest under what the configuration names.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{command, folder, hermetic};

const CONFIGURATION: &str = "[keys]\nencryption = { passphrase_file = \"passphrase\" }\n";

fn issue(folder: &Path, name: &str) -> Output {
    hermetic(folder, &["cert", "issue", "--config", "keys.toml", "--name", name])
}

#[test]
fn a_store_under_a_passphrase_issues_with_it_and_not_with_another() {
    let folder = folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("keys.toml", CONFIGURATION);
    write("passphrase", "correct horse battery staple\n");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(folder.path().join("passphrase"), private).unwrap();
    for name in ["one.internal", "two.internal"] {
        let issued = issue(folder.path(), name);
        assert_eq!(issued.status.code(), Some(0), "{issued:?}");
    }
    assert!(!folder.path().join(".hermetic/key").exists(), "no key lies beside the store");

    write("passphrase", "somebody else's passphrase\n");
    let refused = issue(folder.path(), "three.internal");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("the passphrase is not the one"), "{told}");
}

#[test]
fn a_store_under_a_key_in_a_token_issues_with_the_token_and_not_without() {
    let folder = folder();
    let here = |name: &str| folder.path().join(name);
    std::fs::create_dir(here("tokens")).unwrap();
    let softhsm = format!("directories.tokendir = {}\n", here("tokens").display());
    std::fs::write(here("softhsm2.conf"), softhsm).unwrap();
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hsm.toml"), here("hsm.toml")).unwrap();
    let in_token = |mut command: Command, arguments: &[&str]| {
        command.args(arguments).env("SOFTHSM2_CONF", here("softhsm2.conf")).env("HERMETIC_PIN", "5678");
        command.output().unwrap_or_else(|error| panic!("softhsm2 is needed: {error}"))
    };
    let token = ["--init-token", "--free", "--label", "hermetic", "--so-pin", "12345678", "--pin", "5678"];
    let made = in_token(Command::new("softhsm2-util"), &token);
    assert!(made.status.success(), "{made:?}");

    let issue =
        |name| in_token(command(folder.path()), &["cert", "issue", "--config", "hsm.toml", "--name", name]);
    for name in ["one.internal", "two.internal"] {
        let issued = issue(name);
        assert_eq!(issued.status.code(), Some(0), "{issued:?}");
    }
    assert!(!here(".hermetic/key").exists(), "no key lies beside the store");

    std::fs::rename(here("tokens"), here("away")).unwrap();
    std::fs::create_dir(here("tokens")).unwrap();
    let refused = issue("three.internal");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("token"), "{told}");
}
