//! Entries that several nodes might write, and one does.

use jiff::Timestamp;
use serde_json::Value;

use crate::Store;
use crate::engine::{Transaction, values};
use crate::error::StoreError;

/// The row count decides.
const STEP: &str = "
    INSERT INTO setting (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE setting.value < excluded.value";

impl Store {
    /// Appends to the journal, unless that was done under this key for this step or a later one already. Gives
    /// whether it was done now: of several nodes one does it. Durable when it returns.
    pub async fn append_once(
        &self,
        key: &str,
        step: u8,
        at: Timestamp,
        kind: &str,
        body: Value,
    ) -> Result<bool, StoreError> {
        let (actor, key, kind) = (self.actor.clone(), key.to_owned(), kind.to_owned());
        let work = move |transaction: &mut Transaction<'_>| {
            if transaction.execute(STEP, &values![&key, &vec![step]])? == 0 {
                return Ok(false);
            }
            transaction.append(&actor, at, &kind, body.clone())?;
            Ok(true)
        };
        self.database.write(work).await
    }
}
