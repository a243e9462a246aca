//! `hermetic store`: the store as a whole.

mod backup;
mod migrate;
mod reconcile;
mod restore;

use hermetic_store::StorePlace;

use crate::arguments::Store;
use crate::data::Place;
use crate::exit::{Exit, Failure};

/// Does what was typed.
pub async fn run(command: &Store) -> Result<Exit, Failure> {
    match command {
        Store::Backup(arguments) => backup::run(arguments).await,
        Store::Restore(arguments) => restore::run(arguments).await,
        Store::Migrate(arguments) => migrate::run(arguments).await,
        Store::Reconcile(arguments) => reconcile::run(arguments).await,
    }
}

/// What a database in PostgreSQL is copied by.
fn in_sqlite(place: &Place) -> Result<(), Failure> {
    let StorePlace::Postgres { url, .. } = &place.store else { return Ok(()) };
    let database = url.database();
    Err(Failure::wrong(format!("this store is the PostgreSQL database {url}, which PostgreSQL itself copies")).remedy(
        format!("`pg_dump --format=custom --file=FILE {database}` backs it up, `pg_restore --clean --dbname={database} FILE` restores it; then `hermetic store reconcile`"),
    ))
}
