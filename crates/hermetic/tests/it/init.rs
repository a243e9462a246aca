//! The first configuration: written once, valid, and never over another.

use std::process::Output;

use crate::harness::{folder, hermetic};

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_init_writes_is_what_check_reads() {
    let folder = folder();
    let written =
        hermetic(folder.path(), &["init", "https://shop.example.com", "postgres://db.internal:5432"]);
    let stdout = String::from_utf8_lossy(&written.stdout);
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    assert!(stdout.contains("client → shop → db"), "{stdout}");
    assert!(stdout.contains("next   hermetic check --probe"), "{stdout}");
    let checked = hermetic(folder.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(1), "nothing has shown these hops yet: {checked:?}");
}

#[test]
fn init_never_writes_over_a_configuration() {
    let folder = folder();
    std::fs::write(folder.path().join("hermetic.toml"), "# mine\n").unwrap();
    let refused = hermetic(folder.path(), &["init", "https://shop.example.com"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("hermetic.toml"), "{}", told(&refused));
    assert_eq!(std::fs::read_to_string(folder.path().join("hermetic.toml")).unwrap(), "# mine\n");
    let beside = hermetic(folder.path(), &["init", "https://shop.example.com", "--config", "shop.toml"]);
    assert_eq!(beside.status.code(), Some(0), "{beside:?}");
}

#[test]
fn without_an_address_and_a_terminal_init_writes_nothing() {
    let folder = folder();
    let refused = hermetic(folder.path(), &["init"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("hermetic init https://"), "{}", told(&refused));
    assert!(!folder.path().join("hermetic.toml").exists());
}

#[test]
fn a_password_that_was_typed_is_not_repeated() {
    let folder = folder();
    let refused = hermetic(folder.path(), &["init", "postgres://app:s3cr3t@db.internal"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!told(&refused).contains("s3cr3t"), "{}", told(&refused));
}
