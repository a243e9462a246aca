//! Programs that are not ours and know keys, for tests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
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

/// What a program says in a folder, whether it succeeds or not.
pub(crate) fn verdict(folder: &Path, program: &str, arguments: &str) -> String {
    let output = Command::new(program).current_dir(folder).args(arguments.split_whitespace()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Runs a script in a folder by the Python that has pkilint. It must succeed.
pub(crate) fn python(folder: &Path, script: &str, input: &[u8]) -> Vec<u8> {
    let named = std::env::var_os("HERMETIC_TEST_PYTHON").map(PathBuf::from);
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers/venv/bin/python");
    let program = named.unwrap_or(made);
    assert!(program.exists(), "{} is needed; `cargo xtask test` makes it", program.display());
    fs::write(folder.join("script.py"), script).unwrap();
    run(folder, &program.to_string_lossy(), "script.py", input)
}
