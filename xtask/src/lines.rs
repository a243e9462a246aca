//! No Rust file is longer than a person reads in one go.

use std::path::Path;

use crate::sources;
use crate::steps::{Failure, Outcome};

/// Past this, a file holds more than one idea.
const MOST: usize = 600;

/// Counts the lines of every Rust file and names those that are too long.
pub(crate) fn check(root: &Path) -> Outcome {
    let unreadable = |error| Failure(format!("the sources can't be read: {error}"));
    let mut sizes = Vec::new();
    for path in sources::below(root, "rs").map_err(unreadable)? {
        let lines = std::fs::read_to_string(&path).map_err(unreadable)?.lines().count();
        if lines > MOST {
            let shown = path.strip_prefix(root).unwrap_or(&path).display();
            eprintln!("{shown}: {lines} lines; split it by idea, {MOST} are the most");
        }
        sizes.push(lines);
    }
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    match sizes.iter().filter(|lines| **lines > MOST).count() {
        0 => Ok(format!("{} files, median {median} lines", sizes.len())),
        count => Err(Failure(format!("{count} of {} files over {MOST} lines", sizes.len()))),
    }
}
