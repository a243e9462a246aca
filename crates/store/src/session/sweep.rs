//! Settling what the processes left that are gone.

use jiff::Timestamp;
use serde_json::json;

use super::SessionId;
use crate::Store;
use crate::actor::Actor;
use crate::certificates::CertificateId;
use crate::engine::{Query, Transaction, Value, values};
use crate::error::{Fault, StoreError};

impl Store {
    /// Settles what crashes left: every intent whose session is gone becomes
    /// [`CertificateState::PresumedIssued`](crate::CertificateState::PresumedIssued), what it had in use is in
    /// use no more, and the renewals that it began are free. Gives how many intents there were. The sessions
    /// that live are not touched.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let actor = self.actor.clone();
        self.database.write(move |transaction| sweep(transaction, &actor, now)).await
    }

    /// Gives an intent up whose signature failed: it becomes
    /// [`CertificateState::PresumedIssued`](crate::CertificateState::PresumedIssued), as after a crash, for who
    /// knows what the signer did. Gives whether it was still open.
    pub async fn give_up(&self, id: CertificateId, now: Timestamp) -> Result<bool, StoreError> {
        let actor = self.actor.clone();
        let work = move |transaction: &mut Transaction<'_>| {
            Ok(presume(transaction, &actor, "id = $1", &values![id], now)? > 0)
        };
        self.database.write(work).await
    }
}

fn sweep(transaction: &mut Transaction<'_>, actor: &Actor, now: Timestamp) -> Result<usize, Fault> {
    // The first release had no sessions; its folder was held by one process alone.
    let mut count = presume(transaction, actor, "session IS NULL", &[], now)?;
    let ours = transaction.session();
    for mut row in transaction.query("SELECT id FROM session WHERE id <> $1 ORDER BY id", &values![ours])? {
        let session: SessionId = row.take()?;
        if transaction.is_gone(session)? {
            count += presume(transaction, actor, "session = $1", &values![session], now)?;
            for leave in [
                "DELETE FROM certificate_use WHERE session = $1",
                "UPDATE renewal SET session = NULL, lease_until = NULL WHERE session = $1",
                "DELETE FROM session WHERE id = $1",
            ] {
                transaction.execute(leave, &values![session])?;
            }
        }
    }
    Ok(count)
}

/// Presumes that the open intents which these are were issued.
fn presume(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    which: &str,
    values: &[Value],
    now: Timestamp,
) -> Result<usize, Fault> {
    let sql = format!(
        "UPDATE certificate SET state = 'presumed_issued', session = NULL WHERE state = 'intended' AND {which}
         RETURNING id, serial, subject, at, (SELECT name FROM authority WHERE id = authority_id)"
    );
    let mut presumed = Vec::new();
    for mut row in transaction.changes(&sql, values)? {
        let id: CertificateId = row.take()?;
        let body = json!({
            "serial": row.take::<String>()?,
            "subject": row.take::<String>()?,
            "intended_at": row.take::<Timestamp>()?,
            "authority": row.take::<Option<String>>()?,
        });
        presumed.push((id, body));
    }
    presumed.sort_by_key(|(id, _)| *id);
    let count = presumed.len();
    for (_, body) in presumed {
        transaction.append(actor, now, "certificate.presumed_issued", body)?;
    }
    Ok(count)
}
