//! Opening a store, alone in its folder or beside others.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hermetic_tls::{Clock, SystemClock};

use crate::Store;
use crate::actor::Actor;
use crate::connections::Connections;
use crate::database::{Database, OpenReader, Readers, Writer, off_the_runtime};
use crate::engine::{Engine, Postgres, Server, Sqlite, Tables};
use crate::error::{Fault, StoreError};
use crate::folder::{self, FolderLock};
use crate::place::StorePlace;
use crate::postgres_url::PostgresUrl;
use crate::witness::{self, Witness};

impl Store {
    /// Opens the store as the one instance of its data folder, which is made where it is missing (mode 0700),
    /// and holds the folder's lock until the last clone is gone. In PostgreSQL other nodes, each with a data
    /// folder of its own, have the same store.
    pub async fn open(place: impl Into<StorePlace>) -> Result<Self, StoreError> {
        let open = |place: StorePlace| {
            folder::make(place.data())?;
            let lock = FolderLock::take(place.data())?;
            writing(&place, Some(lock), Tables::BroughtUpToDate)
        };
        Self::opened(place.into(), open).await
    }

    /// Opens the store beside the instance that gave its hold on the folder by [`Store::lock_to_share`].
    /// That one may go on alone, so tables that an older version made are left to it.
    pub async fn open_shared(place: impl Into<StorePlace>, lock: OwnedFd) -> Result<Self, StoreError> {
        let open = |place: StorePlace| {
            let lock = FolderLock::share(place.data(), lock)?;
            writing(&place, Some(lock), Tables::LeftAsTheyAre)
        };
        Self::opened(place.into(), open).await
    }

    /// Opens the store beside an instance, should there be one, and may do all that it may. The folder's lock
    /// is needed only where the store is not there yet, or an older version made it.
    pub async fn open_beside(place: impl Into<StorePlace>) -> Result<Self, StoreError> {
        Self::opened(place.into(), |place| {
            folder::make(place.data())?;
            match writing(&place, None, Tables::LeftAsTheyAre) {
                Err(StoreError::Open { .. }) => {}
                opened => return opened,
            }
            let _alone = FolderLock::take(place.data())?;
            writing(&place, None, Tables::BroughtUpToDate)
        })
        .await
    }

    /// Opens the store for reading beside an instance, should there be one: takes no lock, changes nothing.
    pub async fn open_read_only(place: impl Into<StorePlace>) -> Result<Self, StoreError> {
        Self::opened(place.into(), |place| {
            let connections = Connections::default();
            let (open, mut first) = readers(&place, &connections)?;
            let doubt =
                witness::doubt(place.data(), &mut *first).map_err(|fault| unusable(at(&place), fault))?;
            tell(doubt);
            Ok(Database::new(Readers::new(open, first), None, connections, None))
        })
        .await
    }

    async fn opened(
        place: StorePlace,
        open: impl FnOnce(StorePlace) -> Result<Database, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let database = off_the_runtime(move || open(place)).await?;
        Ok(Self { database: Arc::new(database), actor: Arc::new(Actor::this_process()) })
    }
}

fn writing(place: &StorePlace, lock: Option<FolderLock>, tables: Tables) -> Result<Database, StoreError> {
    let actor = Actor::this_process();
    let unusable = |fault| unusable(at(place), fault);
    let connections = Connections::default();
    let mut engine = writer(place, tables, &connections)?;
    let witness = Witness::begin(place.data(), &mut *engine, &actor, SystemClock.now()).map_err(unusable)?;
    let (open, mut first) = readers(place, &connections)?;
    tell(witness::doubt(place.data(), &mut *first).map_err(unusable)?);
    Ok(Database::new(Readers::new(open, first), Some(Writer { engine, witness }), connections, lock))
}

/// A connection that writes.
pub(crate) fn writer(
    place: &StorePlace,
    tables: Tables,
    connections: &Connections,
) -> Result<Box<dyn Engine>, StoreError> {
    let node = Actor::this_process().from;
    let unusable = |fault| unusable(at(place), fault);
    Ok(match place {
        StorePlace::Folder(data) => {
            folder::private_database(data)?;
            Box::new(Sqlite::writer(data, &node, tables).map_err(unusable)?)
        }
        StorePlace::Postgres { url, .. } => {
            let server = Arc::new(Server::new(PostgresUrl::clone(url), connections.clone()));
            Box::new(Postgres::writer(server, &node).map_err(unusable)?)
        }
    })
}

/// What opens connections that read, and the first of them, to know that it can be done.
fn readers(
    place: &StorePlace,
    connections: &Connections,
) -> Result<(OpenReader, Box<dyn Engine>), StoreError> {
    let open: OpenReader = match place {
        StorePlace::Folder(data) => {
            if !folder::database(data).exists() {
                let reason = "there is nothing here yet; start `hermetic up` first, or give its folder";
                return Err(StoreError::Open { path: data.clone(), reason: reason.to_owned() });
            }
            let data = data.clone();
            Box::new(move || Ok(Box::new(Sqlite::reader(&data)?) as Box<dyn Engine>))
        }
        StorePlace::Postgres { url, .. } => {
            let server = Arc::new(Server::new(PostgresUrl::clone(url), connections.clone()));
            Box::new(move || Ok(Box::new(Postgres::reader(server.clone())?) as Box<dyn Engine>))
        }
    };
    let first = open().map_err(|fault| unusable(at(place), fault))?;
    Ok((open, first))
}

/// Tells whoever opens a store that was put back: each time, for it can't be overlooked too often.
fn tell(doubt: Option<StoreError>) {
    if let Some(doubt) = doubt {
        tracing::warn!("{doubt}");
    }
}

/// A database as an error names its place.
fn at(place: &StorePlace) -> PathBuf {
    match place {
        StorePlace::Folder(data) => folder::database(data),
        StorePlace::Postgres { url, .. } => Path::new(&url.to_string()).to_owned(),
    }
}

fn unusable(path: PathBuf, fault: Fault) -> StoreError {
    match StoreError::from(fault) {
        StoreError::Database(reason) => StoreError::Open { path, reason },
        other => other,
    }
}
