//! What is audited: files, folders and standard input, each taken for what it is by looking.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use hermetic_posture::cloudformation::{self, Given};
use hermetic_posture::{Files, Graph, PartId, ReadError};

use crate::arguments::Audit;
use crate::exit::Failure;

/// What was read.
pub struct Read {
    /// All resources.
    pub graph: Graph,
    /// What could not be read; the rest is there.
    pub problems: Vec<ReadError>,
}

/// Reads what was given.
pub fn read(arguments: &Audit) -> Result<Read, Failure> {
    let mut files = Files::default();
    let (mut parts, mut problems) = (Vec::new(), Vec::new());
    for path in &arguments.paths {
        for path in found(path)? {
            let text = text(&path)?;
            let file = files.add(path);
            let part = PartId(u32::try_from(parts.len()).unwrap_or(u32::MAX));
            match cloudformation::read(&text, file, part, &Given::default()) {
                Ok(template) => {
                    parts.push(template.part);
                    problems.extend(template.problems);
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    Ok(Read { graph: Graph::new(files, parts), problems })
}

/// The file itself, or all files below a folder.
fn found(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(path, &error))?.path();
        found.push(path);
    }
    found.sort();
    Ok(found)
}

fn text(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        return read.map(|_| text).map_err(|error| unreadable(path, &error));
    }
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::wrong(format!("it can't be read: {error}")).at(path.display().to_string())
}
