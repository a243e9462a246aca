//! The authority's own certificates and sealed keys in the database.

use rusqlite::{Connection, params};
use serde_json::json;

use crate::error::{Fault, StoreError};
use crate::instant::Instant;
use crate::journal::{self, sha256};
use crate::record::AuthorityRecord;

/// Keeps all of them, or fails and keeps none: it runs in one transaction.
pub(crate) fn create(connection: &Connection, records: &[AuthorityRecord]) -> Result<(), Fault> {
    for record in records {
        let added = connection.execute(
            "INSERT INTO authority (name, chain_pem, sealed_key, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO NOTHING",
            params![record.name, record.chain_pem, record.sealed_key, Instant(record.at)],
        )?;
        if added == 0 {
            return Err(StoreError::AuthorityExists(record.name.clone()).into());
        }
        let body = json!({ "name": record.name, "chain_sha256": sha256(record.chain_pem.as_bytes()) });
        journal::append(connection, record.at, "authority.created", body)?;
    }
    Ok(())
}

/// All of them, by name.
pub(crate) fn all(connection: &Connection) -> Result<Vec<AuthorityRecord>, Fault> {
    let mut statement =
        connection.prepare("SELECT name, chain_pem, sealed_key, at FROM authority ORDER BY name")?;
    let records = statement.query_map([], |row| {
        Ok(AuthorityRecord {
            name: row.get("name")?,
            chain_pem: row.get("chain_pem")?,
            sealed_key: row.get("sealed_key")?,
            at: row.get::<_, Instant>("at")?.0,
        })
    })?;
    Ok(records.collect::<Result<_, _>>()?)
}
