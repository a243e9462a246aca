//! `hermetic store migrate`: the store taken to another database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hermetic_store::{Actor, JournalHead, Migrated, PostgresUrl, StorePlace};
use hermetic_tls::{Clock, SystemClock};
use serde::Serialize;

use crate::arguments::{Format, Migrate};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    from: String,
    to: String,
    rows: BTreeMap<&'static str, u64>,
    journal: &'a JournalHead,
}

/// Takes it there.
pub async fn run(arguments: &Migrate) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let to = target(&arguments.to, &place)?;
    let migrated =
        hermetic_store::migrate(place.store.clone(), to.clone(), Actor::this_caller(), SystemClock.now())
            .await?;
    match arguments.format {
        Format::Json => output::print_json(&Report {
            schema: "hermetic.migrated/1",
            from: place.store.to_string(),
            to: to.to_string(),
            rows: migrated.rows.iter().copied().collect(),
            journal: &migrated.journal,
        })?,
        Format::Table => output::print(&text(&place.store, &to, &migrated))?,
    }
    Ok(Exit::Fine)
}

/// A database by its URL, or else a data folder.
fn target(text: &str, place: &Place) -> Result<StorePlace, Failure> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(StorePlace::Folder(PathBuf::from(text)));
    }
    let url: PostgresUrl = text.parse().map_err(|error| {
        Failure::wrong(format!("the URL in --to can't be used: {error}"))
            .remedy("write it as `store` of the configuration takes it")
    })?;
    Ok(StorePlace::of(&place.data, Some(&url)))
}

fn text(from: &StorePlace, to: &StorePlace, migrated: &Migrated) -> String {
    let next = match to {
        StorePlace::Postgres { .. } => "name it by `store` in the configuration, then start the instance",
        StorePlace::Folder(_) => "take `store` out of the configuration, and name this folder by `data`",
    };
    let count =
        |name: &str| migrated.rows.iter().find(|(table, _)| *table == name).map_or(0, |(_, rows)| *rows);
    let lines = [
        ("from", from.to_string()),
        ("to", to.to_string()),
        ("authorities", count("authority").to_string()),
        ("certificates", count("certificate").to_string()),
        ("journal", format!("{}, followed from its beginning", migrated.journal)),
        ("next", next.to_owned()),
    ];
    lines.into_iter().map(|(label, value)| format!("{label:<13} {value}\n")).collect()
}
