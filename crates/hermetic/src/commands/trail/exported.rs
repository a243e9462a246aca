//! An export of the journal, read again.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use hermetic_store::{Chain, JournalEntry, JournalHead, JournalProblem};

use crate::exit::Failure;

/// The number of the first entry and where the chain ends, or where it does not hold.
pub type Verified = Result<(u64, JournalHead), JournalProblem>;

/// Reads the lines of an export, follows the chain in them, and gives each entry that holds to `each`.
pub fn follow(
    path: &Path,
    expected: Option<JournalHead>,
    mut each: impl FnMut(&JournalEntry),
) -> Result<Verified, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::wrong(format!("the export can't be read: {error}")).at(path.display().to_string())
    };
    let mut lines = BufReader::new(File::open(path).map_err(unreadable)?).lines();
    let first = lines.next().transpose().map_err(unreadable)?.as_deref().and_then(JournalEntry::of_line);
    let Some(first) = first else {
        return Err(Failure::wrong("its first line is no entry of a journal, as it was exported")
            .at(path.display().to_string())
            .remedy("give a file that `hermetic trail export` wrote"));
    };
    let number = first.number;
    let mut chain = Chain::from_entry(&first, expected);
    let mut next = Some(first);
    while let Some(entry) = next {
        if let Err(problem) = chain.follow(&entry) {
            return Ok(Err(problem));
        }
        each(&entry);
        next = match lines.next().transpose().map_err(unreadable)? {
            None => None,
            Some(line) => match JournalEntry::of_line(&line) {
                None => return Ok(Err(JournalProblem::Altered(chain.next()))),
                read => read,
            },
        };
    }
    Ok(chain.end().map(|head| (number, head)))
}
