//! `hermetic trail verify`: whether the journal is as it was written.

use hermetic_store::{JournalHead, StoreError};
use serde::Serialize;

use super::exported::{self, Verified};
use crate::arguments::{Format, Verify};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Debug, Serialize)]
struct Report {
    schema: &'static str,
    /// The number of the first entry; 1 but in an export that begins later.
    first: Option<u64>,
    entries: Option<u64>,
    head: Option<JournalHead>,
    problem: Option<String>,
}

/// Checks the store's journal, or an export.
pub async fn run(arguments: &Verify) -> Result<Exit, Failure> {
    let expected = arguments.expect.clone();
    let verified = match &arguments.file {
        Some(file) => exported::follow(file, expected, |_| {})?,
        None => match Place::open_to_read(&arguments.place).await?.follow_journal(expected).await {
            Ok(head) => Ok((1, head)),
            Err(StoreError::Journal(problem)) => Err(problem),
            Err(error) => return Err(error.into()),
        },
    };
    let report = Report::of(&verified);
    match arguments.format {
        Format::Json => output::print_json(&report)?,
        Format::Table => output::print(&text(&verified))?,
    }
    Ok(Exit::of(verified.is_err()))
}

impl Report {
    fn of(verified: &Verified) -> Self {
        let schema = "hermetic.trail/1";
        match verified {
            Ok((first, head)) => Self {
                schema,
                first: Some(*first),
                entries: Some(entries(*first, head)),
                head: Some(head.clone()),
                problem: None,
            },
            Err(problem) => {
                Self { schema, first: None, entries: None, head: None, problem: Some(problem.to_string()) }
            }
        }
    }
}

fn entries(first: u64, head: &JournalHead) -> u64 {
    (head.number + 1).saturating_sub(first)
}

fn text(verified: &Verified) -> String {
    match verified {
        Ok((first, head)) => {
            let since = if *first > 1 { format!(", from entry {first} on") } else { String::new() };
            format!(
                "entries  {}{since}; each is as it was written and follows the one before\nhead     {head}\n",
                entries(*first, head)
            )
        }
        Err(problem) => format!("altered  {problem}\n"),
    }
}
