//! Reconciliation: a store that is behind learns from an exported journal what happened since.
//!
//! Certificates that were issued since are entered as presumed issued, so that their serial numbers are
//! never given twice and they can be revoked; what was revoked since is revoked. Keys and the bytes of
//! certificates stand in no journal: those are lost, and told.

use std::fmt::Debug;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value as Json, json};

use super::learnt::Learnt;
use super::mark;
use crate::Store;
use crate::actor::Actor;
use crate::certificates::{KeyFingerprint, RevocationReason, keep_names};
use crate::engine::{Query, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::journal::{self, JournalEntry, JournalHead, JournalProblem};

/// Entries of a journal, one after the other: there may be millions of them.
pub trait Trail: Debug + Send {
    /// Tells them, from the first on each time that it is asked, until it is told to stop.
    fn tell(&self, each: &mut dyn FnMut(&JournalEntry) -> ControlFlow<()>) -> Result<(), StoreError>;
}

impl Trail for Vec<JournalEntry> {
    fn tell(&self, each: &mut dyn FnMut(&JournalEntry) -> ControlFlow<()>) -> Result<(), StoreError> {
        let _ = self.iter().try_for_each(each);
        Ok(())
    }
}

/// What a store is reconciled by.
#[derive(Debug)]
pub enum Evidence {
    /// The entries after the place that [`Store::reconciles_from`] names, whose chain was followed from
    /// there.
    Trail(Box<dyn Trail>),
    /// Somebody's word that nothing has to be learnt.
    Waived {
        /// Why.
        reason: String,
    },
}

/// What a reconciliation found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// How many certificates it has revoked.
    pub revoked: u64,
    /// How many certificates it has entered as presumed issued.
    pub presumed_issued: u64,
    /// How many authorities it has disabled or enabled.
    pub authorities: u64,
    /// What happened since and can't be had from a journal, in words.
    pub lost: Vec<String>,
}

/// The names of an authority's certificates are unique to no generation, so the name alone finds one.
const REVOKE: &str = "
    UPDATE certificate SET state = 'revoked', reason = $3, revoked_at = $4, session = NULL
    WHERE serial = $1 AND authority_id IN (SELECT id FROM authority WHERE name = $2) AND state <> 'revoked'
    RETURNING id";

const PRESUME: &str = "
    INSERT INTO certificate (serial, authority_id, origin, state, profile, subject, names, key_algorithm,
        key_fingerprint, shard, not_before, not_after, at, requester)
    SELECT $1, id, 'issued', 'presumed_issued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
    FROM authority WHERE name = $2 AND generation = $3
    ON CONFLICT DO NOTHING
    RETURNING id";

/// The body of `certificate.intended`.
#[derive(Deserialize)]
struct Intended {
    serial: String,
    authority: String,
    generation: u32,
    profile: String,
    subject: String,
    names: Vec<String>,
    requester: String,
    not_before: Timestamp,
    not_after: Timestamp,
    #[serde(deserialize_with = "fingerprint")]
    key_fingerprint: KeyFingerprint,
    #[serde(default)]
    key_algorithm: String,
    #[serde(default)]
    shard: u32,
}

/// The body of `certificate.revoked`.
#[derive(Deserialize)]
struct Revoked {
    serial: String,
    subject: String,
    authority: String,
    reason: RevocationReason,
    shard: u32,
}

/// The body of `authority.disabled` and its like.
#[derive(Deserialize)]
struct Stands {
    name: String,
    generation: u32,
}

impl Store {
    /// The place in the journal from which a reconciliation must tell what happened: the end of the backup,
    /// or, where the store was not restored, its own end.
    pub async fn reconciles_from(&self) -> Result<JournalHead, StoreError> {
        self.database
            .read(|reader| match mark::read(reader)? {
                Some(restored) => Ok(restored.backup),
                None => journal::head(reader),
            })
            .await
    }

    /// Learns what happened since, and takes the mark of the restoration off: the store issues again.
    /// All of it is done or nothing.
    pub async fn reconcile(&self, evidence: Evidence, at: Timestamp) -> Result<Reconciled, StoreError> {
        let actor = self.actor.clone();
        self.database.write(move |transaction| reconcile(transaction, &actor, &evidence, at)).await
    }
}

fn reconcile(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    evidence: &Evidence,
    at: Timestamp,
) -> Result<Reconciled, Fault> {
    let mut found = Reconciled::default();
    let mark = mark::read(transaction)?;
    let from = match &mark {
        Some(mark) => mark.backup.number,
        None => journal::head(transaction)?.number,
    };
    let (by, through) = match evidence {
        Evidence::Waived { reason } => (json!({ "without_trail": reason }), None),
        Evidence::Trail(trail) => {
            let replaced = mark.as_ref().and_then(|mark| mark.replaced.as_ref());
            let mut told = Told::default();
            let mut stopped = None;
            trail.tell(&mut |entry| {
                told.note(entry, replaced);
                match learn(transaction, actor, entry, at, &mut found) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(fault) => {
                        stopped = Some(fault);
                        ControlFlow::Break(())
                    }
                }
            })?;
            stopped.map_or(Ok(()), Err)?;
            replaced.map_or(Ok(()), |replaced| told.reaches(replaced))?;
            let through = told.end.as_ref().map_or(from, |end| end.number);
            (json!({ "entries": told.count, "trail": told.end }), Some(through))
        }
    };
    Learnt { through }.keep(transaction)?;
    if mark.is_none() {
        // What other nodes have seen is of the epoch before.
        let epoch = transaction.first("SELECT value FROM setting WHERE key = 'epoch'", &[])?;
        let epoch = epoch.map(|mut row| row.take::<Vec<u8>>()).transpose()?;
        mark::raise_epoch(transaction, epoch.map_or(1, |epoch| mark::epoch(&epoch)))?;
    }
    mark::take_off(transaction)?;
    super::forget_what_was_signed(transaction)?;
    let body = json!({
        "by": by,
        "revoked": found.revoked,
        "presumed_issued": found.presumed_issued,
        "authorities": found.authorities,
        "lost": found.lost,
    });
    transaction.append(actor, at, "store.reconciled", body)?;
    Ok(found)
}

/// What is known of the entries that were told.
#[derive(Default)]
struct Told {
    count: u64,
    first: Option<u64>,
    end: Option<JournalHead>,
    /// The entry with the number of the last one that was seen.
    at_replaced: Option<JournalHead>,
}

impl Told {
    fn note(&mut self, entry: &JournalEntry, replaced: Option<&JournalHead>) {
        self.count += 1;
        self.first.get_or_insert(entry.number);
        self.end = Some(entry.head());
        if replaced.is_some_and(|replaced| replaced.number == entry.number) {
            self.at_replaced = Some(entry.head());
        }
    }

    /// The store that was put aside is known to have come this far; an export that ends before tells less than
    /// what happened.
    fn reaches(&self, replaced: &JournalHead) -> Result<(), StoreError> {
        let end = self.end.as_ref().map_or(0, |end| end.number);
        let begins_before = self.first.is_none_or(|first| first <= replaced.number);
        let problem = match &self.at_replaced {
            Some(there) if there.hash != replaced.hash => JournalProblem::Another(replaced.number),
            None if end < replaced.number && begins_before => {
                JournalProblem::CutOff { from: end + 1, expected: replaced.number }
            }
            _ => return Ok(()),
        };
        Err(StoreError::Journal(problem))
    }
}

fn learn(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    entry: &JournalEntry,
    now: Timestamp,
    found: &mut Reconciled,
) -> Result<(), Fault> {
    let unreadable = |_| -> Fault {
        StoreError::Database(format!("entry {} of the export says too little of itself", entry.number)).into()
    };
    let body = || entry.body.clone();
    match entry.kind.as_str() {
        "certificate.intended" => {
            let intended = serde_json::from_value(body()).map_err(unreadable)?;
            presume(transaction, actor, entry, &intended, now, found)
        }
        "certificate.revoked" => {
            let revoked = serde_json::from_value(body()).map_err(unreadable)?;
            revoke(transaction, actor, entry, &revoked, now, found)
        }
        "authority.disabled" | "authority.deleted" | "authority.enabled" => {
            let stands = serde_json::from_value(body()).map_err(unreadable)?;
            stand(transaction, actor, entry, &stands, now, found)
        }
        kind @ ("certificate.imported" | "certificate.self_signed") => {
            found.lost.push(format!("{kind}: `{}`; import it again", text(&entry.body, "subject")));
            Ok(())
        }
        "certificate.exported" => {
            let serial = text(&entry.body, "serial");
            found.lost.push(format!("certificate.exported: the private key of {serial} has left the store"));
            Ok(())
        }
        kind if kind.starts_with("authority.") => {
            let (name, generation) = (text(&entry.body, "name"), text(&entry.body, "generation"));
            found.lost.push(format!("{kind}: `{name}` {generation}"));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn presume(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    entry: &JournalEntry,
    intended: &Intended,
    now: Timestamp,
    found: &mut Reconciled,
) -> Result<(), Fault> {
    let values = values![
        &intended.serial,
        &intended.authority,
        intended.generation,
        &intended.profile,
        &intended.subject,
        serde_json::to_string(&intended.names)?,
        &intended.key_algorithm,
        intended.key_fingerprint,
        intended.shard,
        intended.not_before,
        intended.not_after,
        entry.at,
        &intended.requester,
    ];
    let Some(mut row) = transaction.change(PRESUME, &values)? else {
        let (serial, authority) = (&intended.serial, &intended.authority);
        let sql = "SELECT 1 FROM authority WHERE name = $1 AND generation = $2";
        // Where the authority is there, so is the certificate.
        if transaction.first(sql, &values![authority, intended.generation])?.is_none() {
            found
                .lost
                .push(format!("certificate {serial}: its authority `{authority}` is not in the backup"));
        }
        return Ok(());
    };
    keep_names(transaction, row.take()?, &intended.names)?;
    found.presumed_issued += 1;
    let body = json!({
        "serial": intended.serial,
        "subject": intended.subject,
        "authority": intended.authority,
        "intended_at": entry.at,
        "result": "reconciled",
        "entry": entry.number,
    });
    transaction.append(actor, now, "certificate.presumed_issued", body).map(drop)
}

fn revoke(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    entry: &JournalEntry,
    revoked: &Revoked,
    now: Timestamp,
    found: &mut Reconciled,
) -> Result<(), Fault> {
    let values = values![&revoked.serial, &revoked.authority, revoked.reason, entry.at];
    if transaction.changes(REVOKE, &values)?.is_empty() {
        let sql = "SELECT 1 FROM certificate WHERE serial = $1 AND state = 'revoked'";
        if transaction.first(sql, &values![&revoked.serial])?.is_none() {
            let (serial, authority) = (&revoked.serial, &revoked.authority);
            found
                .lost
                .push(format!("revocation of {serial} of `{authority}`, which the backup does not have"));
        }
        return Ok(());
    }
    found.revoked += 1;
    let body = json!({
        "serial": revoked.serial,
        "subject": revoked.subject,
        "authority": revoked.authority,
        "reason": revoked.reason,
        "shard": revoked.shard,
        "revoked_at": entry.at,
        "result": "reconciled",
        "entry": entry.number,
    });
    transaction.append(actor, now, "certificate.revoked", body).map(drop)
}

/// A deleted one is disabled: it issues nothing, and whoever wants it gone can delete it again.
fn stand(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    entry: &JournalEntry,
    stands: &Stands,
    now: Timestamp,
    found: &mut Reconciled,
) -> Result<(), Fault> {
    let (kind, from, to) = match entry.kind.as_str() {
        "authority.enabled" => ("authority.enabled", "disabled", "active"),
        _ => ("authority.disabled", "active", "disabled"),
    };
    let sql = "UPDATE authority SET state = $4 WHERE name = $1 AND generation = $2 AND state = $3";
    if transaction.execute(sql, &values![&stands.name, stands.generation, from, to])? == 0 {
        return Ok(());
    }
    found.authorities += 1;
    let body = json!({
        "name": stands.name,
        "generation": stands.generation,
        "state": to,
        "result": "reconciled",
        "entry": entry.number,
    });
    transaction.append(actor, now, kind, body).map(drop)
}

fn fingerprint<'de, D: Deserializer<'de>>(body: D) -> Result<KeyFingerprint, D::Error> {
    String::deserialize(body)?.parse().map_err(D::Error::custom)
}

fn text(body: &Json, key: &str) -> String {
    match body.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
