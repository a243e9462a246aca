//! The authorities: kept with their keys, and taken from state to state.

mod create;
mod policy;
mod record;
mod stand;

pub use record::{
    AuthorityCertificate, AuthorityId, AuthorityKey, AuthorityRecord, AuthorityState, Generation,
    NewAuthority, Stage, Standing,
};

use crate::Store;
use crate::engine::{Query, Value, values};
use crate::error::{Fault, StoreError};
use record::{COLUMNS, record};

impl Store {
    /// All authorities, by name and generation, the deleted ones included.
    pub async fn authorities(&self) -> Result<Vec<AuthorityRecord>, StoreError> {
        self.database.read(|reader| select(reader, "ORDER BY name, generation", &[])).await
    }

    /// One generation of an authority.
    pub async fn authority(&self, generation: &Generation) -> Result<Option<AuthorityRecord>, StoreError> {
        let generation = generation.clone();
        self.database.read(move |reader| by_generation(reader, &generation)).await
    }

    /// The generation of this id.
    pub async fn authority_by_id(&self, id: AuthorityId) -> Result<Option<AuthorityRecord>, StoreError> {
        self.database.read(move |reader| Ok(select(reader, "WHERE id = $1", &values![id])?.pop())).await
    }

    /// The generation of an authority that signs; `None` where none does.
    pub async fn signing_authority(&self, name: &str) -> Result<Option<AuthorityRecord>, StoreError> {
        let name = name.to_owned();
        let filter = "WHERE name = $1 AND stage = 'signing' AND state <> 'deleted'";
        self.database.read(move |reader| Ok(select(reader, filter, &values![name])?.pop())).await
    }
}

pub(crate) fn by_generation(
    database: &mut dyn Query,
    wanted: &Generation,
) -> Result<Option<AuthorityRecord>, Fault> {
    let filter = "WHERE name = $1 AND generation = $2";
    Ok(select(database, filter, &values![&wanted.name, wanted.generation])?.pop())
}

fn select(database: &mut dyn Query, filter: &str, values: &[Value]) -> Result<Vec<AuthorityRecord>, Fault> {
    let rows = database.query(&format!("SELECT {COLUMNS} FROM authority {filter}"), values)?;
    rows.into_iter().map(record).collect()
}
