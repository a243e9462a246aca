//! `hermetic ca` with the real program: authorities made, shown, signed elsewhere, taken from state to state and
//! rolled over, judged by openssl and certtool.

mod believing;
mod elsewhere;
mod founding;
mod lifecycle;
mod pages;
mod rotation;
mod shown;
mod tokens;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::{hermetic, openssl};

/// What a command printed that must succeed.
pub fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = hermetic(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", told(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&done(folder, &[arguments, &["--format", "json"]].concat())).unwrap()
}

/// What is told of a command that is refused: the input is wrong.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = hermetic(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    told(&output)
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Has certificates issued by this authority where nobody is named.
fn issuing_by(folder: &Path, authority: &str) {
    let configuration = format!("[authority]\nissuer = \"{authority}\"\n");
    std::fs::write(folder.join("hermetic.toml"), configuration).unwrap();
}

/// A certificate for this name; the path of its file.
fn issued(folder: &Path, name: &str) -> String {
    done(folder, &["cert", "issue", "--name", name]);
    folder.join(format!("{name}.pem")).display().to_string()
}

/// Runs openssl in a folder; it must succeed.
fn ran_openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(folder).args(arguments.split_whitespace()).output();
    let output = output.expect("openssl is needed; `cargo xtask test` installs it");
    assert!(output.status.success(), "{arguments}: {output:?}");
}

/// What openssl says of a chain in one file, below the roots of another.
fn openssl_verifies(roots: &Path, chain: &str) -> Result<(), String> {
    let roots = roots.to_str().unwrap();
    let output = openssl(&["verify", "-x509_strict", "-CAfile", roots, "-untrusted", chain, chain], b"");
    output.status.success().then_some(()).ok_or_else(|| told(&output))
}

/// The same of GnuTLS, which takes the chain without the root.
fn certtool_verifies(roots: &Path, chain: &str) -> Result<(), String> {
    let roots = roots.to_str().unwrap();
    let output = Command::new("certtool")
        .args(["--verify", "--load-ca-certificate", roots, "--infile", chain])
        .output()
        .expect("gnutls-bin is needed; `cargo xtask test` installs it");
    output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
