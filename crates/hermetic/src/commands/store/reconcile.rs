//! `hermetic store reconcile`: what happened since the backup that a store was restored from.

use std::fmt::Write as _;
use std::path::Path;

use hermetic_store::{Actor, Evidence, JournalEntry, Reconciled, Store};
use hermetic_tls::{Clock, SystemClock};
use serde::Serialize;

use crate::arguments::{Format, Reconcile};
use crate::commands::trail::exported;
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    #[serde(flatten)]
    reconciled: &'a Reconciled,
}

/// Reconciles it.
pub async fn run(arguments: &Reconcile) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let store = Store::open_beside(&place.store).await?.on_behalf_of(Actor::this_caller());
    let evidence = match (&arguments.trail, &arguments.reason) {
        (Some(export), _) => Evidence::Trail(since(&store, export).await?),
        (None, reason) => Evidence::Waived { reason: reason.clone().unwrap_or_default() },
    };
    let reconciled = store.reconcile(evidence, SystemClock.now()).await?;
    match arguments.format {
        Format::Json => {
            output::print_json(&Report { schema: "hermetic.reconciled/1", reconciled: &reconciled })?;
        }
        Format::Table => output::print(&text(&reconciled))?,
    }
    Ok(Exit::Fine)
}

/// The entries of an export after the backup, if it continues the backup's journal.
async fn since(store: &Store, export: &Path) -> Result<Vec<JournalEntry>, Failure> {
    let from = store.reconciles_from().await?;
    let mut since = Vec::new();
    let number = from.number;
    let followed = exported::follow(export, Some(from), |entry| {
        if entry.number > number {
            since.push(entry);
        }
    })?;
    match followed {
        Ok(_) => Ok(since),
        Err(problem) => {
            Err(Failure::wrong(format!("the export does not continue the store's journal: {problem}"))
                .at(export.display().to_string())
                .remedy(format!(
                    "export from entry {} or before, of the store that the backup is of",
                    number + 1
                )))
        }
    }
}

fn text(reconciled: &Reconciled) -> String {
    let Reconciled { revoked, presumed_issued, authorities, lost } = reconciled;
    let mut text = format!(
        "revoked          {revoked}\npresumed issued  {presumed_issued}\nauthorities      {authorities}\n"
    );
    for lost in lost {
        let _ = writeln!(text, "not carried over: {}", output::plain(lost));
    }
    text
}
