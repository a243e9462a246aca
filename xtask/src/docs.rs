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
    match streamed(cargo(packages).env("UPDATE_DOCS", "1")) {
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
