//! Programs that are not ours and know keys, for tests.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `openssl` in a folder; gives what it wrote to its output. It must succeed.
pub(crate) fn openssl(folder: &Path, arguments: &str) -> Vec<u8> {
    run(folder, "openssl", arguments, b"")
}

/// Runs a program in a folder, with arguments that have no blanks, and this for its input.
pub(crate) fn run(folder: &Path, program: &str, arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments}: {told}");
    output.stdout
}
