//! Settings: what the store remembers once, by name.

use crate::Store;
use crate::engine::{Dialect, Query, Transaction, values};
use crate::error::{Fault, StoreError};

impl Store {
    /// The value of a setting; `None` where it has none.
    pub async fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key.to_owned();
        self.database.read(move |reader| value(reader, &key)).await
    }

    /// How the database keeps what is committed, by its own words for it: asked of the connection that writes.
    pub async fn durability(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.database.write(durability).await
    }

    /// Gives a setting its value, unless it has one. Gives the one that it has then: of several nodes the
    /// first decides. Durable when it returns.
    pub async fn put_if_absent(&self, key: &str, offered: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let key = key.to_owned();
        let work = move |transaction: &mut Transaction<'_>| {
            let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
            transaction.execute(sql, &values![&key, &offered])?;
            let kept = value(transaction, &key)?;
            kept.ok_or_else(|| StoreError::Missing(format!("setting `{key}`")).into())
        };
        self.database.write(work).await
    }

    /// Gives a setting another value, if it has the one expected (`None`: none yet). Gives whether it had.
    /// Durable when it returns.
    pub async fn compare_and_set(
        &self,
        key: &str,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, StoreError> {
        let key = key.to_owned();
        let work = move |transaction: &mut Transaction<'_>| {
            let changed = match &expected {
                None => {
                    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
                    transaction.execute(sql, &values![&key, &value])?
                }
                Some(expected) => {
                    let sql = "UPDATE setting SET value = $2 WHERE key = $1 AND value = $3";
                    transaction.execute(sql, &values![&key, &value, expected])?
                }
            };
            Ok(changed == 1)
        };
        self.database.write(work).await
    }
}

fn durability(transaction: &mut Transaction<'_>) -> Result<Vec<(String, String)>, Fault> {
    match transaction.dialect() {
        Dialect::Sqlite => {
            let mode = transaction.first("PRAGMA journal_mode", &[])?.map(|mut row| row.take::<String>());
            let level = transaction.first("PRAGMA synchronous", &[])?.map(|mut row| row.take::<i64>());
            // In SQLite's order.
            let levels = ["off", "normal", "full", "extra"];
            let level = usize::try_from(level.transpose()?.unwrap_or_default()).unwrap_or_default();
            let level = levels.get(level).copied().unwrap_or("unknown").to_owned();
            let told = [("journal_mode", mode.transpose()?.unwrap_or_default()), ("synchronous", level)];
            Ok(told.map(|(name, value)| (name.to_owned(), value)).to_vec())
        }
        Dialect::Postgres => {
            let sql = "SELECT name, setting FROM pg_settings
                       WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name";
            let rows = transaction.query(sql, &[])?;
            rows.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect()
        }
    }
}

fn value(database: &mut dyn Query, key: &str) -> Result<Option<Vec<u8>>, Fault> {
    let found = database.first("SELECT value FROM setting WHERE key = $1", &values![key])?;
    found.map(|mut row| row.take()).transpose()
}
