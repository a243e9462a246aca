//! New authorities, all or none.

use serde_json::json;

use super::record::{AuthorityRecord, AuthorityState, Generation, NewAuthority, Standing};
use super::{by_generation, select};
use crate::Store;
use crate::actor::Actor;
use crate::engine::{Transaction, Value, values};
use crate::error::{Fault, StoreError};
use crate::journal::sha256;

/// A parent is looked up by name, since it may have come a moment before.
const INSERT: &str = "
    INSERT INTO authority (name, generation, state, stage, parent_id, subject, key_algorithm, sealed_key,
        token_key, csr, chain_pem, crl_shards, policy, not_before, not_after, at)
    VALUES ($1, $2, $3, $4, (SELECT id FROM authority WHERE name = $5 AND generation = $6), $7, $8, $9, $10,
        $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT DO NOTHING";

impl Store {
    /// Keeps several authorities, all or none. An error where a name has that generation already, or where
    /// another generation of the name signs already and this one would. Durable when it returns.
    pub async fn create_authorities(
        &self,
        authorities: Vec<NewAuthority>,
    ) -> Result<Vec<AuthorityRecord>, StoreError> {
        let actor = self.actor.clone();
        let work = move |transaction: &mut Transaction<'_>| {
            authorities.iter().map(|authority| create(transaction, &actor, authority)).collect()
        };
        self.database.write(work).await
    }
}

fn create(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    authority: &NewAuthority,
) -> Result<AuthorityRecord, Fault> {
    let wanted = &authority.generation;
    if let Some(parent) = &authority.parent
        && by_generation(transaction, parent)?.is_none()
    {
        return Err(StoreError::Missing(parent.to_string()).into());
    }
    if transaction.execute(INSERT, &columns(authority))? == 0 {
        return Err(in_the_way(transaction, wanted)?.into());
    }
    let chain = match &authority.standing {
        Standing::Certified(certificate) => Some(sha256(certificate.chain_pem.as_bytes())),
        Standing::Pending(_) => None,
    };
    let body = json!({
        "name": wanted.name,
        "generation": wanted.generation,
        "stage": authority.stage,
        "subject": authority.subject,
        "key_algorithm": authority.key_algorithm,
        "chain_sha256": chain,
    });
    transaction.append(actor, authority.at, "authority.created", body)?;
    by_generation(transaction, wanted)?.ok_or_else(|| StoreError::Missing(wanted.to_string()).into())
}

fn columns(authority: &NewAuthority) -> [Value; 17] {
    let NewAuthority { generation, parent, key, .. } = authority;
    let (state, certificate, csr) = match &authority.standing {
        Standing::Certified(certificate) => (AuthorityState::Active, Some(certificate), None),
        Standing::Pending(csr) => (AuthorityState::PendingCertificate, None, Some(csr)),
    };
    values![
        &generation.name,
        generation.generation,
        state,
        authority.stage,
        parent.as_ref().map(|parent| parent.name.as_str()),
        parent.as_ref().map(|parent| parent.generation),
        &authority.subject,
        &authority.key_algorithm,
        key.sealed(),
        key.token(),
        csr,
        certificate.map(|certificate| certificate.chain_pem.as_str()).unwrap_or_default(),
        authority.crl_shards,
        authority.policy.to_string(),
        certificate.map(|certificate| certificate.not_before),
        certificate.map(|certificate| certificate.not_after),
        authority.at,
    ]
}

/// Which constraint it was.
fn in_the_way(transaction: &mut Transaction<'_>, wanted: &Generation) -> Result<StoreError, Fault> {
    if by_generation(transaction, wanted)?.is_some() {
        let Generation { name, generation } = wanted.clone();
        return Ok(StoreError::AuthorityExists { name, generation });
    }
    let filter = "WHERE name = $1 AND stage = 'signing' AND state <> 'deleted'";
    let signing = select(transaction, filter, &values![&wanted.name])?.pop();
    Ok(match signing {
        Some(other) => StoreError::State {
            what: other.generation.to_string(),
            is: "signing".to_owned(),
            wanted: "retired, which activating another generation does".to_owned(),
        },
        None => StoreError::Missing(wanted.to_string()),
    })
}
