//! Programs of other hands that the scenarios talk to Hermetic with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::Hermetic;

/// Runs curl against an instance whose authority it trusts; silent, with errors, 15 s at most.
pub fn curl(hermetic: &Hermetic, arguments: &[&str]) -> Output {
    let ca = hermetic.ca();
    let common = ["--silent", "--show-error", "--max-time", "15", "--cacert"];
    run(Command::new("curl").args(common).arg(ca).args(arguments))
}

/// Runs `openssl` with this on its standard input.
pub fn openssl(arguments: &[&str], input: &[u8]) -> Output {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is needed; `cargo xtask test` installs it");
    // A peer that closes first is a result, not a failure of the test.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A certificate of openssl's making that vouches for itself: `.pem`, `.key` and `.both`.
pub fn self_signed(folder: &Path, file: &str, name: &str) {
    let path = |ending: &str| folder.join(format!("{file}.{ending}")).to_str().unwrap().to_owned();
    let (key, cert, subject) = (path("key"), path("pem"), format!("/CN={name}"));
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let alternative = format!("subjectAltName=DNS:{name}");
    let says = ["-addext", &alternative, "-addext", "basicConstraints=critical,CA:FALSE"];
    let to = [&says[..], &["-keyout", &key, "-out", &cert, "-subj", &subject, "-days", "30"]].concat();
    let output = openssl(&[&["req", "-x509"], &curve[..], &to[..]].concat(), b"");
    assert!(output.status.success(), "{output:?}");
    let both = [&cert, &key].map(|path| std::fs::read_to_string(path).unwrap()).concat();
    std::fs::write(path("both"), both).unwrap();
}

/// The Python that has websockets and grpcio, made by `cargo xtask test`.
pub fn python() -> Command {
    let named = std::env::var_os("HERMETIC_TEST_PYTHON").map(PathBuf::from);
    let made = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers/venv/bin/python");
    let program = named.unwrap_or(made);
    assert!(program.exists(), "{} is needed; `cargo xtask test` makes it", program.display());
    Command::new(program)
}

/// What pkilint finds wrong with certificates: a file on each line, or a pair of issuer and subject.
pub fn pkilint(files: &str) -> String {
    use std::io::Write;
    use std::process::Stdio;
    let script = include_str!("../../../../x509/src/certificate/tests/pkilint.py");
    let mut lint = python();
    let lint = lint.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = lint.spawn().unwrap();
    running.stdin.take().unwrap().write_all(files.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it"))
}

/// A Python server; killed when dropped.
#[derive(Debug)]
pub struct PythonServer(std::process::Child);

impl PythonServer {
    /// Runs a script, and waits until it prints a line.
    pub fn start(script: &str) -> Self {
        use std::io::{BufRead, BufReader};
        let mut child = python().args(["-c", script]).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready");
        Self(child)
    }
}

impl Drop for PythonServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
