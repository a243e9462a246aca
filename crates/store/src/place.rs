//! Where a store is.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::postgres_url::PostgresUrl;

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In a data folder, which one instance at a time holds.
    Folder(PathBuf),
    /// In PostgreSQL, which many nodes share.
    Postgres {
        /// The data folder of this node: its lock, and what it has seen of the journal.
        data: PathBuf,
        /// The database.
        url: Box<PostgresUrl>,
    },
}

impl StorePlace {
    /// The place that a configuration names: its `store`, or else its data folder.
    pub fn of(data: &Path, store: Option<&PostgresUrl>) -> Self {
        match store {
            None => Self::Folder(data.to_owned()),
            Some(url) => Self::Postgres { data: data.to_owned(), url: Box::new(url.clone()) },
        }
    }

    /// Whether a store may be there: a data folder without its database has none; of a server only asking tells.
    pub fn may_have_store(&self) -> bool {
        match self {
            Self::Folder(data) => crate::folder::database(data).exists(),
            Self::Postgres { .. } => true,
        }
    }

    /// The data folder of this node.
    pub fn data(&self) -> &Path {
        match self {
            Self::Folder(data) | Self::Postgres { data, .. } => data,
        }
    }
}

impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(data) => write!(f, "{}", data.display()),
            Self::Postgres { url, .. } => write!(f, "{url}"),
        }
    }
}

impl From<&Path> for StorePlace {
    fn from(data: &Path) -> Self {
        Self::Folder(data.to_owned())
    }
}

impl From<PathBuf> for StorePlace {
    fn from(data: PathBuf) -> Self {
        Self::Folder(data)
    }
}

impl From<&PathBuf> for StorePlace {
    fn from(data: &PathBuf) -> Self {
        Self::Folder(data.clone())
    }
}

impl From<&StorePlace> for StorePlace {
    fn from(place: &StorePlace) -> Self {
        place.clone()
    }
}
