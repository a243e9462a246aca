//! `hermetic trail tail`: the latest entries.

use std::time::Duration;

use hermetic_store::{JournalEntry, Store, StoreError};

use super::{STRETCH, line};
use crate::arguments::{Format, Kind, Tail};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// How often a journal that is followed is looked at.
const AGAIN: Duration = Duration::from_millis(250);

/// Shows them, and with `--follow` each that comes.
pub async fn run(arguments: &Tail) -> Result<Exit, Failure> {
    let store = Place::open_to_read(&arguments.place).await?;
    // Before the first look, so that nothing which comes in between is passed over.
    let last = store.latest_entries(1, |_| true).await?.pop().map_or(0, |entry| entry.number);
    let wanted = wanted(&arguments.kind);
    let mut entries = store.latest_entries(arguments.most, wanted.clone()).await?;
    entries.retain(|entry| entry.number <= last);
    if arguments.format == Format::Table {
        output::print(&line::heading())?;
    }
    let is_read = print(&entries, arguments.format)?.is_continue();
    if arguments.follow && is_read {
        follow(&store, last + 1, wanted, arguments.format).await?;
    }
    Ok(Exit::Fine)
}

async fn follow(
    store: &Store,
    mut next: u64,
    is_wanted: impl Fn(&str) -> bool,
    format: Format,
) -> Result<(), Failure> {
    loop {
        let mut entries = match store.journal(next, STRETCH).await {
            Ok(entries) => entries,
            // It may be back at the next look.
            Err(StoreError::Unavailable(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let is_all = entries.len() < STRETCH;
        next = entries.last().map_or(next, |entry| entry.number + 1);
        entries.retain(|entry| is_wanted(&entry.kind));
        if print(&entries, format)?.is_break() {
            return Ok(());
        }
        if is_all {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

fn wanted(kinds: &[Kind]) -> impl Fn(&str) -> bool + Clone + Send + 'static {
    let kinds = kinds.to_vec();
    move |kind| kinds.is_empty() || kinds.iter().any(|wanted| wanted.has(kind))
}

fn print(entries: &[JournalEntry], format: Format) -> Result<std::ops::ControlFlow<()>, Failure> {
    let lines: String = match format {
        Format::Json => entries.iter().map(|entry| entry.line() + "\n").collect(),
        Format::Table => entries.iter().map(|entry| line::of(entry, output::width())).collect(),
    };
    output::print_while_read(&lines)
}
