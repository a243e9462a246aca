//! A store taken to another database: from SQLite to PostgreSQL, or back.

mod tables;

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use self::tables::TABLES;
use crate::Store;
use crate::actor::Actor;
use crate::connections::Connections;
use crate::database::off_the_runtime;
use crate::engine::{Engine, Query, Tables, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::folder::{self, FolderLock};
use crate::journal::{self, JournalHead};
use crate::opening;
use crate::place::StorePlace;
use crate::session::SessionId;
use crate::witness;

/// What was taken along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// How many rows of each table, by its name.
    pub rows: Vec<(&'static str, u64)>,
    /// Where the journal ended. In the new place an entry about the migration follows.
    pub journal: JournalHead,
}

/// Takes all that a store has to another place, which must be empty: with the same ids, and the same journal,
/// hash by hash. Rows are counted there, and the chain followed from its beginning, before it is committed;
/// until then there is nothing. No instance may run on either. The old store stays as it is; opened again with
/// the same data folder, it is an earlier copy.
pub async fn migrate(
    from: StorePlace,
    to: StorePlace,
    actor: Actor,
    at: Timestamp,
) -> Result<Migrated, StoreError> {
    // Where there is no store, none is made.
    drop(Store::open_read_only(&from).await?);
    let store = Store::open(&from).await?.on_behalf_of(actor.clone());
    store.sweep(at).await?;
    if is_same(&from, &to) {
        return Err(StoreError::NotEmpty(to.to_string()));
    }
    let target = off_the_runtime({
        let (from, to) = (from.clone(), to.clone());
        move || Target::open(&from, &to)
    })
    .await?;
    let body = json!({ "from": from.to_string(), "to": to.to_string() });
    let mut progress = Progress::To(target);
    let work = move |source: &mut Transaction<'_>| {
        let target = match &mut progress {
            Progress::To(target) => target,
            // Once there, it stays, whatever becomes of the transaction here.
            Progress::Done(migrated) => return Ok(migrated.clone()),
        };
        refuse_while_in_use(source)?;
        let last = |head: &JournalHead| head.next(at, "store.migrated", actor.signed(body.clone()));
        let migrated = target.take(source, last);
        let migrated = migrated.inspect_err(|_| target.engine.rollback())?;
        witness::saw_elsewhere(from.data(), &mut *target.engine)?;
        // Closes it: whoever has the answer finds it free.
        progress = Progress::Done(migrated.clone());
        Ok(migrated)
    };
    store.database.write(work).await
}

fn is_same(one: &StorePlace, other: &StorePlace) -> bool {
    match (one, other) {
        (StorePlace::Folder(one), StorePlace::Folder(other)) => is_same_folder(one, other),
        (one, other) => one == other,
    }
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// How far a migration has come.
enum Progress {
    To(Target),
    Done(Migrated),
}

/// Where it goes.
struct Target {
    engine: Box<dyn Engine>,
    place: String,
    /// The hold on its folder, where that is not the folder of the source.
    _lock: Option<FolderLock>,
}

impl Target {
    fn open(from: &StorePlace, to: &StorePlace) -> Result<Self, StoreError> {
        folder::make(to.data())?;
        let is_held = is_same_folder(from.data(), to.data());
        let lock = if is_held { None } else { Some(FolderLock::take(to.data())?) };
        Ok(Self {
            engine: opening::writer(to, Tables::BroughtUpToDate, &Connections::default())?,
            place: to.to_string(),
            _lock: lock,
        })
    }

    fn take(
        &mut self,
        source: &mut Transaction<'_>,
        last: impl Fn(&JournalHead) -> journal::JournalEntry,
    ) -> Result<Migrated, Fault> {
        let Self { engine, place, .. } = self;
        let engine = &mut **engine;
        engine.begin()?;
        for table in TABLES.iter().filter(|table| table.name != "setting") {
            if table.count(engine)? > 0 {
                return Err(StoreError::NotEmpty(place.clone()).into());
            }
        }
        engine.execute("DELETE FROM setting", &[])?;
        let mut rows = Vec::new();
        for table in &TABLES {
            rows.push((table.name, table.take(source, engine)?));
            table.go_on_counting(engine)?;
        }
        let journal = self.verify(source, &rows)?;
        self.engine.commit(&[last(&journal)])?;
        Ok(Migrated { rows, journal })
    }

    /// Holds what came against what was there.
    fn verify(
        &mut self,
        source: &mut Transaction<'_>,
        rows: &[(&'static str, u64)],
    ) -> Result<JournalHead, Fault> {
        for (table, (_, taken)) in TABLES.iter().zip(rows) {
            let (there, here) = (table.count(source)?, table.count(&mut *self.engine)?);
            if there != here || here != *taken {
                let reason = format!("of {there} rows of `{}` {here} came; nothing was migrated", table.name);
                return Err(StoreError::Database(reason).into());
            }
        }
        let end = journal::head(source)?;
        journal::follow(&mut *self.engine, Some(end.clone()))?;
        Ok(end)
    }
}

/// A process that goes on here would write what is not there.
fn refuse_while_in_use(source: &mut Transaction<'_>) -> Result<(), Fault> {
    let ours = source.session();
    for mut row in source.query("SELECT id, node FROM session WHERE id <> $1", &values![ours])? {
        let (session, node): (SessionId, String) = (row.take()?, row.take()?);
        if !source.is_gone(session)? {
            return Err(StoreError::InUse { node }.into());
        }
    }
    Ok(())
}
