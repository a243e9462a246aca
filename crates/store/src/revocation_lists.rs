//! Signed revocation lists, one for each shard of an authority.

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::authorities::{AuthorityId, Generation};
use crate::backup::refuse_unless_reconciled;
use crate::engine::{Query, Row, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::journal::sha256;

/// A signed revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationListRecord {
    /// The authority whose certificates it tells of.
    pub authority: AuthorityId,
    /// Which of them.
    pub shard: u32,
    /// Its number (RFC 5280 section 5.2.3); a later one has a greater.
    pub number: u64,
    /// When it was made.
    pub this_update: Timestamp,
    /// Until when it is good.
    pub next_update: Timestamp,
    /// The list.
    pub der: Vec<u8>,
}

/// Of a revocation list, all but the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationListDates {
    /// Who signed it.
    pub authority: Generation,
    /// Which of its lists it is.
    pub shard: u32,
    /// When it was made.
    pub this_update: Timestamp,
    /// Until when it is good.
    pub next_update: Timestamp,
}

/// The row count decides: a list that another node numbered higher stays.
const PUT: &str = "
    INSERT INTO revocation_list (authority_id, shard, number, this_update, next_update, der)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (authority_id, shard) DO UPDATE SET number = excluded.number,
        this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der
    WHERE revocation_list.number < excluded.number";

impl Store {
    /// Keeps a list in place of the one before, if its number is greater. Gives whether it was. Durable when
    /// it returns.
    pub async fn put_revocation_list(
        &self,
        list: RevocationListRecord,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let actor = self.actor.clone();
        let work = move |transaction: &mut Transaction<'_>| {
            refuse_unless_reconciled(transaction)?;
            let RevocationListRecord { authority, shard, number, this_update, next_update, der } = &list;
            let values = values![*authority, *shard, *number, *this_update, *next_update, der];
            let is_kept = transaction.execute(PUT, &values)? == 1;
            if is_kept {
                let sql = "SELECT name, generation FROM authority WHERE id = $1";
                let Some(mut row) = transaction.first(sql, &values![*authority])? else {
                    return Err(StoreError::Missing("authority of this revocation list".to_owned()).into());
                };
                let body = json!({
                    "authority": row.take::<String>()?,
                    // Whose key made the signature.
                    "key": { "generation": row.take::<u32>()? },
                    "shard": shard,
                    "number": number,
                    "next_update": next_update,
                    "crl_sha256": sha256(der),
                });
                transaction.append(&actor, at, "crl.signed", body)?;
            }
            Ok(is_kept)
        };
        self.database.write(work).await
    }

    /// The list of a shard.
    pub async fn revocation_list(
        &self,
        authority: AuthorityId,
        shard: u32,
    ) -> Result<Option<RevocationListRecord>, StoreError> {
        let filter = "WHERE authority_id = $1 AND shard = $2";
        let work = move |reader: &mut dyn Query| Ok(select(reader, filter, authority, Some(shard))?.pop());
        self.database.read(work).await
    }

    /// How old all lists are, by authority and shard.
    pub async fn revocation_list_dates(&self) -> Result<Vec<RevocationListDates>, StoreError> {
        let work = move |reader: &mut dyn Query| {
            let sql = "SELECT name, generation, shard, this_update, next_update FROM revocation_list
                       JOIN authority ON authority.id = authority_id ORDER BY authority_id, shard";
            reader.query(sql, &[])?.into_iter().map(dates).collect()
        };
        self.database.read(work).await
    }

    /// The lists of an authority, by shard.
    pub async fn revocation_lists(
        &self,
        authority: AuthorityId,
    ) -> Result<Vec<RevocationListRecord>, StoreError> {
        let filter = "WHERE authority_id = $1 ORDER BY shard";
        self.database.read(move |reader| select(reader, filter, authority, None)).await
    }
}

fn select(
    database: &mut dyn Query,
    filter: &str,
    authority: AuthorityId,
    shard: Option<u32>,
) -> Result<Vec<RevocationListRecord>, Fault> {
    let sql = format!(
        "SELECT authority_id, shard, number, this_update, next_update, der FROM revocation_list {filter}"
    );
    let mut values = values![authority].to_vec();
    values.extend(shard.map(Into::into));
    database.query(&sql, &values)?.into_iter().map(record).collect()
}

fn dates(mut row: Row) -> Result<RevocationListDates, Fault> {
    Ok(RevocationListDates {
        authority: Generation { name: row.take()?, generation: row.take()? },
        shard: row.take()?,
        this_update: row.take()?,
        next_update: row.take()?,
    })
}

fn record(mut row: Row) -> Result<RevocationListRecord, Fault> {
    Ok(RevocationListRecord {
        authority: row.take()?,
        shard: row.take()?,
        number: row.take()?,
        this_update: row.take()?,
        next_update: row.take()?,
        der: row.take()?,
    })
}
