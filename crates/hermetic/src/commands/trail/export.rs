//! `hermetic trail export`: entries as lines of JSON.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hermetic_store::{Chain, JournalProblem, Store, StoreError};

use super::STRETCH;
use crate::arguments::Export;
use crate::data::Place;
use crate::exit::{Exit, Failure};

/// Writes them, as far as the chain holds.
pub async fn run(arguments: &Export) -> Result<Exit, Failure> {
    let store = Place::open_to_read(&arguments.place).await?;
    let Some(path) = &arguments.out else {
        return match write(&store, arguments.from, &mut BufWriter::new(io::stdout())).await {
            // A reader that has gone (`hermetic trail export | head`) is no failure.
            Err(Stopped::Unwritable(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
            written => written.map(|()| Exit::Fine).map_err(|stopped| stopped.told("standard output")),
        };
    };
    let place = path.display().to_string();
    // The names of certificates may be nobody else's business.
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let file = opened.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => Stopped::Unwritable(error).told(&place),
    })?;
    let mut writer = BufWriter::new(file);
    write(&store, arguments.from, &mut writer).await.map_err(|stopped| stopped.told(&place))?;
    writer.get_ref().sync_all().map_err(|error| Stopped::Unwritable(error).told(&place))?;
    Ok(Exit::Fine)
}

/// Why it ended before the end of the journal.
enum Stopped {
    Store(StoreError),
    Unwritable(io::Error),
}

impl Stopped {
    fn told(self, place: &str) -> Failure {
        match self {
            Self::Store(StoreError::Journal(problem)) => altered(&problem),
            Self::Store(error) => error.into(),
            Self::Unwritable(error) => {
                Failure::unable(format!("the export can't be written: {error}")).at(place)
            }
        }
    }
}

async fn write(store: &Store, from: u64, to: &mut impl Write) -> Result<(), Stopped> {
    let mut chain: Option<Chain> = None;
    let mut next = from;
    loop {
        let entries = store.journal(next, STRETCH).await.map_err(Stopped::Store)?;
        if entries.is_empty() {
            return to.flush().map_err(Stopped::Unwritable);
        }
        for entry in entries {
            let chain = chain.get_or_insert_with(|| Chain::from_entry(&entry, None));
            // What comes before has been read off the journal by then, and is worth keeping.
            chain.follow(&entry).map_err(|problem| Stopped::Store(StoreError::Journal(problem)))?;
            writeln!(to, "{}", entry.line()).map_err(Stopped::Unwritable)?;
            next = entry.number + 1;
        }
    }
}

fn altered(problem: &JournalProblem) -> Failure {
    Failure::falls_short(format!("the journal was altered: {problem}"))
        .remedy("what comes before was exported; compare with a backup")
}

fn taken(path: &Path) -> Failure {
    Failure::wrong("the file is there already, and is not overwritten").at(path.display().to_string())
}
