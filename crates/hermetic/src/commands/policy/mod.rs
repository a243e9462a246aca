//! `hermetic policy`: IAM policy documents proved, linted, evaluated, mended and written.

mod eval;
mod fix;
mod lint;
mod prove;
mod request;

use std::io::Read as _;
use std::path::Path;

use hermetic_iam::{Document, FixError, ReadError, ResourceError};

use crate::arguments::Policy;
use crate::exit::{Exit, Failure};

/// Does what was asked of a document.
pub fn run(what: Policy) -> Result<Exit, Failure> {
    match what {
        Policy::Prove(arguments) => prove::run(&arguments),
        Policy::Lint(arguments) => lint::run(&arguments),
        Policy::Eval(arguments) => eval::run(&arguments),
        Policy::Fix(arguments) => fix::run(&arguments),
        Policy::Generate(arguments) => fix::generate(&arguments),
    }
}

/// The text of a file, or of standard input.
fn text(file: &Path) -> Result<String, Failure> {
    let read = match file.to_str() {
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
        }
        _ => std::fs::read_to_string(file),
    };
    read.map_err(|error| Failure::wrong(format!("it can't be read: {error}")).at(name(file)))
}

/// What people call a file.
fn name(file: &Path) -> String {
    match file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.display().to_string(),
    }
}

fn document(file: &Path) -> Result<Document, Failure> {
    let text = text(file)?;
    Document::read(&text).map_err(|error| unread(&error, file, &text))
}

/// An error of a document, with its line as the file has it.
fn unread(error: &ReadError, file: &Path, text: &str) -> Failure {
    let place = error.place;
    Failure::wrong(error.problem.to_string()).in_text(
        Path::new(&name(file)),
        (place.line, place.column),
        text,
    )
}

impl From<ResourceError> for Failure {
    fn from(error: ResourceError) -> Self {
        Self::wrong(error.to_string())
    }
}

/// Why a document was not mended.
fn unfixed(error: &FixError, file: &Path, text: &str) -> Failure {
    match error {
        FixError::Read(error) => unread(error, file, text),
        FixError::StillOpen(_) => Failure::unable(error.to_string()).at(name(file)),
        other => Failure::wrong(other.to_string()),
    }
}
