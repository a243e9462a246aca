//! The keys of session tickets.
//!
//! Of each period there is one, whoever is first to make it: the primary key decides between the nodes of
//! a fleet, and the others take what they find.

use jiff::Timestamp;

use crate::Store;
use crate::engine::{Query, Transaction, values};
use crate::error::{Fault, StoreError};

/// A key of session tickets, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketKeyRecord {
    /// When its period begins. Of each period there is one key.
    pub starts: Timestamp,
    /// Its secret, sealed.
    pub sealed_secret: Vec<u8>,
    /// When it was made.
    pub at: Timestamp,
}

impl Store {
    /// Keeps keys of session tickets, each unless its period has one already, and erases those whose period
    /// began before `oldest`. Gives the ones that are there then, the oldest first: what another node kept
    /// before counts. Durable when it returns.
    pub async fn keep_ticket_keys(
        &self,
        keys: Vec<TicketKeyRecord>,
        oldest: Timestamp,
    ) -> Result<Vec<TicketKeyRecord>, StoreError> {
        self.database.write(move |transaction| keep(transaction, &keys, oldest)).await
    }

    /// The keys of session tickets, the oldest first.
    pub async fn ticket_keys(&self) -> Result<Vec<TicketKeyRecord>, StoreError> {
        self.database.read(all).await
    }
}

fn keep(
    transaction: &mut Transaction<'_>,
    offered: &[TicketKeyRecord],
    oldest: Timestamp,
) -> Result<Vec<TicketKeyRecord>, Fault> {
    transaction.execute("DELETE FROM ticket_key WHERE starts < $1", &values![oldest])?;
    for key in offered {
        let sql = "INSERT INTO ticket_key (starts, sealed_secret, at) VALUES ($1, $2, $3)
                   ON CONFLICT (starts) DO NOTHING";
        transaction.execute(sql, &values![key.starts, &key.sealed_secret, key.at])?;
    }
    all(transaction)
}

fn all(database: &mut dyn Query) -> Result<Vec<TicketKeyRecord>, Fault> {
    let rows = database.query("SELECT starts, sealed_secret, at FROM ticket_key ORDER BY starts", &[])?;
    let record = |mut row: crate::engine::Row| {
        Ok(TicketKeyRecord { starts: row.take()?, sealed_secret: row.take()?, at: row.take()? })
    };
    rows.into_iter().map(record).collect()
}
