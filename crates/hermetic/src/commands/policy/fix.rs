//! `hermetic policy fix` and `hermetic policy generate`.

use std::io::Write as _;
use std::path::Path;

use hermetic_iam::FixError;

use crate::arguments::{Fix, Generate};
use crate::exit::{Exit, Failure};
use crate::output;

pub fn run(arguments: &Fix) -> Result<Exit, Failure> {
    let file = &arguments.file;
    let text = super::text(file)?;
    let fixed = hermetic_iam::fix(&text, &arguments.resource, arguments.floor);
    let fixed = fixed.map_err(|error| super::unfixed(&error, file, &text))?;
    match fixed.added.as_slice() {
        [] => eprintln!("nothing is open: nothing was added"),
        added => {
            eprintln!("added, and proved to deny:");
            added.iter().for_each(|statement| eprintln!("  {statement}"));
        }
    }
    match (arguments.write, file.to_str()) {
        (true, Some("-")) => {
            return Err(Failure::wrong("standard input can't be mended; leave --write away"));
        }
        (true, _) if fixed.added.is_empty() => {}
        (true, _) => replace(file, &fixed.text).map_err(|error| {
            Failure::unable(format!("it can't be written: {error}")).at(super::name(file))
        })?,
        (false, _) => output::print(&fixed.text)?,
    }
    Ok(Exit::Fine)
}

/// By a rename: whatever happens, the file has its old text or its new one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let beside = file.with_extension("hermetic-new");
    let mut new = std::fs::File::create(&beside)?;
    new.write_all(text.as_bytes())?;
    new.set_permissions(std::fs::metadata(file)?.permissions())?;
    new.sync_all()?;
    std::fs::rename(&beside, file)
}

pub fn generate(arguments: &Generate) -> Result<Exit, Failure> {
    let text = hermetic_iam::generate(&arguments.resource, arguments.floor);
    let text = text.map_err(|error: FixError| Failure::wrong(error.to_string()))?;
    output::print(&text)?;
    Ok(Exit::Fine)
}
