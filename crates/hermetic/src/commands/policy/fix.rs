//! `hermetic policy fix` and `hermetic policy generate`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use hermetic_iam::FixError;

use crate::arguments::{Fix, Generate};
use crate::exit::{Exit, Failure};
use crate::output;

pub fn run(arguments: &Fix) -> Result<Exit, Failure> {
    let file = &arguments.file;
    if arguments.write && file.to_str() == Some("-") {
        return Err(Failure::wrong("standard input can't be mended; leave --write away"));
    }
    let text = super::text(file)?;
    let fixed = hermetic_iam::fix(&text, &arguments.resource, arguments.floor);
    let fixed = fixed.map_err(|error| super::unfixed(&error, file, &text))?;
    match arguments.write {
        true if fixed.added.is_empty() => {}
        true => replace(file, &fixed.text).map_err(|error| {
            Failure::unable(format!("it can't be written: {error}")).at(super::name(file))
        })?,
        false => output::print(&fixed.text)?,
    }
    match fixed.added.as_slice() {
        [] => eprintln!("nothing is open: nothing was added"),
        added => {
            eprintln!("added, and proved to deny:");
            added.iter().for_each(|statement| eprintln!("  {statement}"));
        }
    }
    Ok(Exit::Fine)
}

/// By a rename: whatever happens, the file has its old text or its new one. What a link points to is mended, and
/// the link stays.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let file = std::fs::canonicalize(file)?;
    let beside = file.with_extension(format!("hermetic-{}", std::process::id()));
    let mut new = File::create_new(&beside)?;
    let written = new
        .write_all(text.as_bytes())
        .and_then(|()| new.set_permissions(std::fs::metadata(&file)?.permissions()))
        .and_then(|()| new.sync_all())
        .and_then(|()| std::fs::rename(&beside, &file));
    if written.is_err() {
        // What was not put in place is of no use.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

pub fn generate(arguments: &Generate) -> Result<Exit, Failure> {
    let text = hermetic_iam::generate(&arguments.resource, arguments.floor);
    let text = text.map_err(|error: FixError| Failure::wrong(error.to_string()))?;
    output::print(&text)?;
    Ok(Exit::Fine)
}
