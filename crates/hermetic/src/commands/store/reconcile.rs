//! `hermetic store reconcile`: what happened since the backup that a store was restored from.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use hermetic_store::{Actor, Evidence, JournalEntry, JournalHead, Reconciled, Store, StoreError, Trail};
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
        (Some(export), _) => Evidence::Trail(Box::new(Export::open(&store, export).await?)),
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

/// An export of the journal. Its entries are told from the file each time, which may be larger than memory.
#[derive(Debug)]
struct Export {
    path: PathBuf,
    /// Where the journal of the backup ended.
    from: JournalHead,
}

impl Export {
    /// The export, if it continues the store's journal.
    async fn open(store: &Store, path: &Path) -> Result<Self, Failure> {
        let from = store.reconciles_from().await?;
        let next = from.number + 1;
        match exported::follow(path, Some(from.clone()), |_| ())? {
            Ok(_) => Ok(Self { path: path.to_owned(), from }),
            Err(problem) => {
                Err(Failure::wrong(format!("the export does not continue the store's journal: {problem}"))
                    .at(path.display().to_string())
                    .remedy(format!(
                        "export from entry {next} or before, of the store that the backup is of"
                    )))
            }
        }
    }
}

impl Trail for Export {
    fn tell(&self, each: &mut dyn FnMut(&JournalEntry) -> ControlFlow<()>) -> Result<(), StoreError> {
        let mut flow = ControlFlow::Continue(());
        let followed = exported::follow(&self.path, Some(self.from.clone()), |entry| {
            if flow.is_continue() && entry.number > self.from.number {
                flow = each(entry);
            }
        });
        let changed = |_| StoreError::Backup {
            path: self.path.clone(),
            reason: "can't be read any more as it was a moment ago".to_owned(),
        };
        followed.map_err(changed)?.map(drop).map_err(StoreError::Journal)
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
