//! What an authority was made to be, as far as that can be changed later.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::by_generation;
use super::record::Generation;
use crate::Store;
use crate::actor::Actor;
use crate::engine::{Transaction, values};
use crate::error::{Fault, StoreError};

impl Store {
    /// Gives generations of an authority other policies, all or none. `told` is what has changed, for the journal;
    /// the first generation stands for the authority there. A deleted one, or one that is not there, is an error.
    pub async fn change_authority(
        &self,
        policies: Vec<(Generation, Json)>,
        told: Json,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = self.actor.clone();
        self.database.write(move |transaction| change(transaction, &actor, &policies, &told, at)).await
    }
}

fn change(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    policies: &[(Generation, Json)],
    told: &Json,
    at: Timestamp,
) -> Result<(), Fault> {
    for (generation, policy) in policies {
        let sql =
            "UPDATE authority SET policy = $3 WHERE name = $1 AND generation = $2 AND state <> 'deleted'";
        let values = values![&generation.name, generation.generation, policy.to_string()];
        if transaction.execute(sql, &values)? == 0 {
            return Err(refused(transaction, generation)?.into());
        }
    }
    let Some((Generation { name, generation }, _)) = policies.first() else { return Ok(()) };
    let body = json!({ "name": name, "generation": generation, "changed": told });
    transaction.append(actor, at, "authority.changed", body).map(drop)
}

fn refused(transaction: &mut Transaction<'_>, wanted: &Generation) -> Result<StoreError, Fault> {
    let Some(stands) = by_generation(transaction, wanted)? else {
        return Ok(StoreError::Missing(wanted.to_string()));
    };
    Ok(StoreError::State {
        what: wanted.to_string(),
        is: stands.state.to_string(),
        wanted: "not deleted".to_owned(),
    })
}
