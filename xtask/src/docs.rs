//! `cargo xtask docs`: writes the generated pages of the book.

use std::process::ExitCode;

use crate::cargo::{cargo, streamed};

/// The pages are written by the tests that else compare them with what the types say, so that a page
/// can't be generated one way and checked another.
pub(crate) fn run() -> ExitCode {
    let packages = [
        "test",
        "--package",
        "hermetic-config",
        "--package",
        "hermetic-guard",
        "--package",
        "hermetic-iam",
        "--package",
        "hermetic-permit",
        "--package",
        "hermetic-posture",
        "--package",
        "hermetic-probe",
    ];
    // What the program itself says of the sample architecture, in text and pictures.
    let architecture = ["test", "--package", "hermetic", "--test", "it", "architecture::"];
    let written = streamed(cargo(packages).env("UPDATE_DOCS", "1"))
        .and_then(|_| streamed(cargo(architecture).env("UPDATE_DOCS", "1")));
    match written {
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
