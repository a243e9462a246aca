//! Revocation.

use jiff::Timestamp;
use serde_json::json;

use super::record::CertificateId;
use crate::Store;
use crate::actor::Actor;
use crate::authorities::AuthorityId;
use crate::engine::{Query, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::words::words;

words! {
    /// Why a certificate is revoked (RFC 5280 section 5.3.1).
    pub enum RevocationReason {
        /// Nobody says.
        Unspecified = "unspecified",
        /// Its key is known to others.
        KeyCompromise = "keyCompromise",
        /// The key of its authority is known to others.
        CaCompromise = "cACompromise",
        /// What it says of its holder is no longer so.
        AffiliationChanged = "affiliationChanged",
        /// Another came in its place.
        Superseded = "superseded",
        /// It is no longer needed.
        CessationOfOperation = "cessationOfOperation",
        /// Its holder may no longer have it.
        PrivilegeWithdrawn = "privilegeWithdrawn",
        /// The key of the attribute authority is known to others.
        AaCompromise = "aACompromise",
    }
}

/// A certificate that was revoked, as a revocation list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Which one it is.
    pub id: CertificateId,
    /// Its serial number in hex.
    pub serial: String,
    /// The revocation list that it stands on.
    pub shard: u32,
    /// When it was revoked.
    pub at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
    /// The end of its validity.
    pub not_after: Timestamp,
}

/// The row count decides, as in Boulder: of two that revoke, one does.
const REVOKE: &str = "
    UPDATE certificate SET state = 'revoked', reason = $3, revoked_at = $4, session = NULL
    WHERE serial = $1 AND authority_id = $2 AND state <> 'revoked'
    RETURNING id, shard, not_after, subject, (SELECT name FROM authority WHERE id = authority_id)";

impl Store {
    /// Revokes a certificate of an authority, and forgets the OCSP answer that tells otherwise. Durable when it
    /// returns. One that is only intended is revoked, too, and is then never recorded as issued.
    pub async fn revoke(
        &self,
        authority: AuthorityId,
        serial: &str,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<Revoked, StoreError> {
        let (actor, serial) = (self.actor.clone(), serial.to_ascii_lowercase());
        let work = move |transaction: &mut Transaction<'_>| {
            revoke(transaction, &actor, authority, &serial, reason, at)
        };
        self.database.write(work).await
    }

    /// The revoked certificates that stand on one revocation list and run out after `after`, by serial
    /// number.
    pub async fn revoked_of_shard(
        &self,
        authority: AuthorityId,
        shard: u32,
        after: Timestamp,
    ) -> Result<Vec<Revoked>, StoreError> {
        self.database.read(move |reader| of_shard(reader, authority, shard, after)).await
    }
}

fn revoke(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    authority: AuthorityId,
    serial: &str,
    reason: RevocationReason,
    at: Timestamp,
) -> Result<Revoked, Fault> {
    let Some(mut row) = transaction.change(REVOKE, &values![serial, authority, reason, at])? else {
        return Err(refused(transaction, authority, serial)?.into());
    };
    let revoked = Revoked {
        id: row.take()?,
        serial: serial.to_owned(),
        shard: row.take()?,
        at: crate::engine::to_the_microsecond(at),
        reason,
        not_after: row.take()?,
    };
    transaction.execute("DELETE FROM ocsp_answer WHERE certificate_id = $1", &values![revoked.id])?;
    let body = json!({
        "serial": serial,
        "subject": row.take::<String>()?,
        "authority": row.take::<Option<String>>()?,
        "reason": reason,
        "shard": revoked.shard,
    });
    transaction.append(actor, at, "certificate.revoked", body)?;
    Ok(revoked)
}

fn refused(
    transaction: &mut Transaction<'_>,
    authority: AuthorityId,
    serial: &str,
) -> Result<StoreError, Fault> {
    let sql = "SELECT revoked_at, reason FROM certificate WHERE serial = $1 AND authority_id = $2";
    let Some(mut row) = transaction.first(sql, &values![serial, authority])? else {
        return Ok(StoreError::Missing(format!("certificate with serial number {serial} of this authority")));
    };
    Ok(StoreError::AlreadyRevoked { serial: serial.to_owned(), at: row.take()?, reason: row.take()? })
}

fn of_shard(
    database: &mut dyn Query,
    authority: AuthorityId,
    shard: u32,
    after: Timestamp,
) -> Result<Vec<Revoked>, Fault> {
    let sql = "SELECT id, serial, shard, revoked_at, reason, not_after FROM certificate
               WHERE authority_id = $1 AND shard = $2 AND state = 'revoked' AND not_after > $3
               ORDER BY serial";
    let rows = database.query(sql, &values![authority, shard, after])?;
    let revoked = |mut row: crate::engine::Row| {
        Ok(Revoked {
            id: row.take()?,
            serial: row.take()?,
            shard: row.take()?,
            at: row.take()?,
            reason: row.take()?,
            not_after: row.take()?,
        })
    };
    rows.into_iter().map(revoked).collect()
}
