//! Running cargo.

use std::borrow::BorrowMut;
use std::ffi::OsString;
use std::process::Command;

use crate::steps::{Failure, Outcome};

/// The cargo that runs us, with these arguments.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments);
    command
}

/// Runs a command, its output going straight to ours.
pub(crate) fn streamed(mut command: impl BorrowMut<Command>) -> Outcome {
    let command = command.borrow_mut();
    let shown = shown(command);
    eprintln!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Ok(String::new()),
        Ok(status) => Err(Failure(format!("`{shown}` ended with {status}"))),
        Err(error) => Err(Failure(format!("`{shown}` could not be started: {error}"))),
    }
}

/// Runs a command for its standard output.
pub(crate) fn captured(mut command: Command) -> Result<String, Failure> {
    let shown = shown(&command);
    let output =
        command.output().map_err(|error| Failure(format!("`{shown}` could not be started: {error}")))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(Failure(format!("`{shown}` ended with {}: {}", output.status, errors.trim())));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure(format!("`{shown}` wrote what is not UTF-8")))
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
