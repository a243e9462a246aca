//! From state to state, and from stage to stage.
//!
//! Each step is one conditional UPDATE: the row count decides, so that of two nodes one takes it.

use jiff::Timestamp;
use serde_json::json;

use super::by_generation;
use super::record::{AuthorityCertificate, AuthorityRecord, Generation};
use crate::Store;
use crate::actor::Actor;
use crate::engine::{Transaction, Value, values};
use crate::error::{Fault, StoreError};
use crate::journal::sha256;

/// One step of an authority.
struct Step {
    /// What the journal calls it.
    kind: &'static str,
    /// What it sets. `$1` and `$2` are name and generation, `$3` the instant.
    set: &'static str,
    /// From where it can be taken.
    from: &'static str,
    /// The same in words.
    wanted: &'static str,
}

const CERTIFY: Step = Step {
    kind: "authority.certified",
    set: "state = 'active', csr = NULL, chain_pem = $3, not_before = $4, not_after = $5",
    from: "state = 'pending_certificate'",
    wanted: "pending_certificate",
};

const RENEW: Step = Step {
    kind: "authority.certified",
    set: "chain_pem = $3, not_before = $4, not_after = $5",
    from: "state IN ('active', 'disabled')",
    wanted: "active or disabled",
};

const DISABLE: Step = Step {
    kind: "authority.disabled",
    set: "state = 'disabled'",
    from: "state = 'active'",
    wanted: "active",
};

const ENABLE: Step = Step {
    kind: "authority.enabled",
    set: "state = 'active'",
    from: "state = 'disabled'",
    wanted: "disabled",
};

/// As in AWS Private CA, one that is active must be disabled first, unless it has run out.
const DELETE: Step = Step {
    kind: "authority.deleted",
    set: "state_before = state, state = 'deleted', restorable_until = $3",
    from: "state IN ('pending_certificate', 'disabled') OR state = 'active' AND not_after <= $4",
    wanted: "pending_certificate, disabled or expired",
};

/// Where another generation signs meanwhile, this one is retired.
const RESTORE: Step = Step {
    kind: "authority.restored",
    set: "state = state_before, state_before = NULL, restorable_until = NULL,
          stage = CASE WHEN stage = 'signing' AND EXISTS
              (SELECT 1 FROM authority o WHERE o.name = $1 AND o.stage = 'signing' AND o.state <> 'deleted')
              THEN 'retired' ELSE stage END",
    from: "state = 'deleted' AND restorable_until > $3",
    wanted: "deleted, and its time to be restored not over",
};

const PUBLISH: Step = Step {
    kind: "authority.published",
    set: "stage = 'published'",
    from: "stage = 'prepared' AND state = 'active'",
    wanted: "active and prepared",
};

const ACTIVATE: Step = Step {
    kind: "authority.activated",
    set: "stage = 'signing'",
    from: "stage = 'published' AND state = 'active'",
    wanted: "active and published",
};

impl Store {
    /// Gives an authority whose certificate is pending that certificate: it is active then.
    pub async fn certify_authority(
        &self,
        generation: &Generation,
        certificate: AuthorityCertificate,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.certified(&CERTIFY, generation, certificate, at).await
    }

    /// Gives an authority that has a certificate another one for the same key, such as before its end.
    pub async fn recertify_authority(
        &self,
        generation: &Generation,
        certificate: AuthorityCertificate,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.certified(&RENEW, generation, certificate, at).await
    }

    /// Has an active authority issue nothing any more.
    pub async fn disable_authority(&self, generation: &Generation, at: Timestamp) -> Result<(), StoreError> {
        self.stands(&DISABLE, generation, Vec::new(), at).await
    }

    /// Makes a disabled authority active again.
    pub async fn enable_authority(&self, generation: &Generation, at: Timestamp) -> Result<(), StoreError> {
        self.stands(&ENABLE, generation, Vec::new(), at).await
    }

    /// Deletes a disabled, pending or expired authority; it can be restored until the date given.
    pub async fn delete_authority(
        &self,
        generation: &Generation,
        restorable_until: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.stands(&DELETE, generation, values![restorable_until, at].into(), at).await
    }

    /// Restores a deleted authority to the state before, if its time for that is not over.
    pub async fn restore_authority(&self, generation: &Generation, at: Timestamp) -> Result<(), StoreError> {
        self.stands(&RESTORE, generation, values![at].into(), at).await
    }

    /// Hands a prepared generation out, so that trust in it spreads.
    pub async fn publish_authority(&self, generation: &Generation, at: Timestamp) -> Result<(), StoreError> {
        self.stands(&PUBLISH, generation, Vec::new(), at).await
    }

    /// Has a published generation sign from now on; the one that did is retired in the same instant.
    pub async fn activate_authority(&self, generation: &Generation, at: Timestamp) -> Result<(), StoreError> {
        let (actor, wanted) = (self.actor.clone(), generation.clone());
        self.database.write(move |transaction| activate(transaction, &actor, &wanted, at)).await
    }

    /// Erases the keys of authorities whose time to be restored is over; gives how many there were.
    pub async fn erase_deleted_authorities(&self, now: Timestamp) -> Result<usize, StoreError> {
        let actor = self.actor.clone();
        self.database.write(move |transaction| erase(transaction, &actor, now)).await
    }

    async fn certified(
        &self,
        step: &'static Step,
        generation: &Generation,
        certificate: AuthorityCertificate,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let AuthorityCertificate { chain_pem, not_before, not_after } = certificate;
        self.stands(step, generation, values![chain_pem, not_before, not_after].into(), at).await
    }

    async fn stands(
        &self,
        step: &'static Step,
        generation: &Generation,
        values: Vec<Value>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (actor, wanted) = (self.actor.clone(), generation.clone());
        let work = move |transaction: &mut Transaction<'_>| {
            take(transaction, &actor, step, &wanted, &values, at).map(drop)
        };
        self.database.write(work).await
    }
}

/// Takes a step, or says where the authority stands instead.
fn take(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    step: &Step,
    wanted: &Generation,
    values: &[Value],
    at: Timestamp,
) -> Result<AuthorityRecord, Fault> {
    let sql =
        format!("UPDATE authority SET {} WHERE name = $1 AND generation = $2 AND ({})", step.set, step.from);
    let mut all = values![&wanted.name, wanted.generation].to_vec();
    all.extend_from_slice(values);
    let changed = transaction.execute(&sql, &all)?;
    let stands = by_generation(transaction, wanted)?;
    let stands = stands.ok_or_else(|| StoreError::Missing(wanted.to_string()))?;
    if changed == 0 {
        return Err(refused(&stands, step).into());
    }
    let body = json!({
        "name": wanted.name,
        "generation": wanted.generation,
        "state": stands.state,
        "stage": stands.stage,
        "restorable_until": stands.restorable_until,
        "chain_sha256": (!stands.chain_pem.is_empty()).then(|| sha256(stands.chain_pem.as_bytes())),
    });
    transaction.append(actor, at, step.kind, body)?;
    Ok(stands)
}

fn refused(stands: &AuthorityRecord, step: &Step) -> StoreError {
    StoreError::State {
        what: stands.generation.to_string(),
        is: format!("{} and {}", stands.state, stands.stage),
        wanted: step.wanted.to_owned(),
    }
}

/// The old one goes first, for there is at most one that signs; and it goes only if the new one can come.
fn activate(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    wanted: &Generation,
    at: Timestamp,
) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE authority SET stage = 'retired'
         WHERE name = $1 AND stage = 'signing' AND state <> 'deleted' AND EXISTS
             (SELECT 1 FROM authority WHERE name = $1 AND generation = $2 AND {})
         RETURNING generation",
        ACTIVATE.from
    );
    if let Some(mut row) = transaction.change(&sql, &values![&wanted.name, wanted.generation])? {
        let body = json!({ "name": wanted.name, "generation": row.take::<u32>()? });
        transaction.append(actor, at, "authority.retired", body)?;
    }
    take(transaction, actor, &ACTIVATE, wanted, &[], at).map(drop)
}

fn erase(transaction: &mut Transaction<'_>, actor: &Actor, now: Timestamp) -> Result<usize, Fault> {
    let over = "state = 'deleted' AND restorable_until <= $1
                AND (sealed_key IS NOT NULL OR token_key IS NOT NULL)";
    let select = format!("SELECT name, generation FROM authority WHERE {over} ORDER BY id");
    let erased = crate::engine::Query::query(transaction, &select, &values![now])?;
    transaction.execute(
        &format!("UPDATE authority SET sealed_key = NULL, token_key = NULL WHERE {over}"),
        &values![now],
    )?;
    let count = erased.len();
    for mut row in erased {
        let body = json!({ "name": row.take::<String>()?, "generation": row.take::<u32>()? });
        transaction.append(actor, now, "authority.erased", body)?;
    }
    Ok(count)
}
