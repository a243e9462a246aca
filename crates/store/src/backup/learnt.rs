//! How far the last reconciliation went: nodes that have seen no more than that need not ask again.

use serde::{Deserialize, Serialize};

use crate::engine::{Query, Transaction, values};
use crate::error::Fault;
use crate::journal::JournalHead;

/// The setting that keeps it.
const KEY: &str = "reconciled";

/// What a store has learnt of the journal that it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Learnt {
    /// The last entry that it was told; `None`: by somebody's word, there was nothing to be learnt.
    pub(super) through: Option<u64>,
}

impl Learnt {
    pub(crate) fn read(database: &mut dyn Query) -> Result<Option<Self>, Fault> {
        let Some(mut row) = database.first("SELECT value FROM setting WHERE key = $1", &values![KEY])? else {
            return Ok(None);
        };
        Ok(Some(serde_json::from_slice(&row.take::<Vec<u8>>()?)?))
    }

    /// Whether what was seen up to here is among it.
    pub(crate) fn covers(self, seen: &JournalHead) -> bool {
        self.through.is_none_or(|through| seen.number <= through)
    }

    pub(super) fn keep(self, transaction: &mut Transaction<'_>) -> Result<(), Fault> {
        let sql = "INSERT INTO setting (key, value) VALUES ($1, $2)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        transaction.execute(sql, &values![KEY, &serde_json::to_vec(&self)?]).map(drop)
    }
}
