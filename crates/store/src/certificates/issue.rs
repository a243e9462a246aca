//! Issuance: an intent before the signature, a certificate after it, and what a crash left between.

use std::sync::Arc;

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader};
use jiff::Timestamp;
use serde_json::json;

use super::key_fingerprint::KeyFingerprint;
use super::names::searchable;
use super::record::CertificateId;
use crate::Store;
use crate::actor::Actor;
use crate::authorities::{self, Generation};
use crate::backup::refuse_unless_reconciled;
use crate::engine::{Query, Row, Statement, Transaction, Value, values};
use crate::error::{Fault, StoreError};
use crate::journal::{hex, sha256, sha256_of};
use crate::session::SessionId;

/// A certificate that is about to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The serial number in hex; unique by constraint among those of the authority.
    pub serial: String,
    /// The generation of the authority that will sign.
    pub authority: Generation,
    /// The profile it is made by. For [`Intent::OCSP`] an authority signs that issues nothing else any more.
    pub profile: String,
    /// The to-be-signed bytes.
    pub to_be_signed: Vec<u8>,
    /// For whom: what the certificate is used as, such as a listener's name.
    pub subject: String,
    /// The names in it, as text.
    pub names: Vec<String>,
    /// The kind of its key.
    pub key_algorithm: String,
    /// What its key is known by.
    pub key_fingerprint: KeyFingerprint,
    /// The revocation list that it would stand on.
    pub shard: u32,
    /// Whether its key may leave the store.
    pub exportable: bool,
    /// The certificate in whose place it comes.
    pub replaces: Option<CertificateId>,
    /// Who asked for it.
    pub requester: String,
    /// SHA-256 over the certification request, where there was one.
    pub request_sha256: Option<[u8; 32]>,
    /// Start of validity, as in the to-be-signed bytes.
    pub not_before: Timestamp,
    /// End of validity, as in the to-be-signed bytes.
    pub not_after: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// A certificate that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// The private key, sealed; `None` where the requester has it.
    pub sealed_key: Option<Vec<u8>>,
    /// When it was signed.
    pub at: Timestamp,
}

impl Intent {
    /// The profile of the certificates that sign OCSP answers.
    pub const OCSP: &str = "ocsp";
}

/// The authority's state is looked at in the same statement, so that one which is disabled in the same
/// instant elsewhere signs nothing more; and so is whether the key is somebody else's, or known to others.
const INTEND: &str = "
    INSERT INTO certificate (serial, authority_id, origin, state, profile, subject, names, key_algorithm,
        key_fingerprint, shard, exportable, not_before, not_after, at, session, replaces, requester,
        to_be_signed)
    SELECT $1, id, 'issued', 'intended', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
    FROM authority
    WHERE name = $2 AND generation = $3 AND (state = 'active' AND stage = 'signing'
        OR $4 = 'ocsp' AND state IN ('active', 'disabled') AND stage IN ('signing', 'retired'))
        AND NOT EXISTS (SELECT 1 FROM setting WHERE key = 'restored')
        AND NOT EXISTS (SELECT 1 FROM certificate k
            WHERE k.key_fingerprint = $8 AND (k.subject <> $5 OR k.reason = 'keyCompromise'))
    ON CONFLICT DO NOTHING
    RETURNING id";

/// The row count decides: an intent that was settled meanwhile, or a certificate that is not the intended
/// one, changes nothing. `|| ''` keeps a planner from looking for the intent in an index of states, which
/// PostgreSQL's does while the table is small: every intent has gone through it.
const ISSUED: &str = "
    UPDATE certificate SET state = 'issued', certificate = $2, fingerprint = $3, sealed_key = $4, at = $5,
        to_be_signed = NULL, session = NULL
    WHERE id = $1 AND state || '' = 'intended' AND to_be_signed = $6
    RETURNING serial, subject, (SELECT name FROM authority WHERE id = authority_id),
        (SELECT generation FROM authority WHERE id = authority_id)";

impl Store {
    /// Records that a certificate is about to be signed. Durable when it returns. An error where the serial
    /// number was used, the authority does not sign, or the key is another subject's or was compromised.
    pub async fn intend(&self, intent: Intent) -> Result<CertificateId, StoreError> {
        let (actor, intent) = (self.actor.clone(), Arc::new(intent));
        let opened = intent.clone();
        let opening = move |session| intend(session, &opened);
        let work =
            move |transaction: &mut Transaction<'_>, rows| intended(transaction, &actor, &intent, rows);
        self.database.write_opened(opening, work).await
    }

    /// Records the signed certificate of an intent that is still open and has the same bytes. Durable when
    /// it returns.
    pub async fn issued(&self, id: CertificateId, certificate: IssuedCertificate) -> Result<(), StoreError> {
        let actor = self.actor.clone();
        let signed = Signed { id, fingerprint: sha256_of(&certificate.certificate), at: certificate.at };
        let opening = move |_| Ok(record(&signed, &certificate));
        let work =
            move |transaction: &mut Transaction<'_>, rows| recorded(transaction, &actor, &signed, rows);
        self.database.write_opened(opening, work).await
    }
}

fn intended(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    intent: &Intent,
    rows: Vec<Row>,
) -> Result<CertificateId, Fault> {
    let Some(mut row) = rows.into_iter().next() else {
        return Err(refused(transaction, intent)?.into());
    };
    let id = row.take()?;
    keep_names(transaction, id, &intent.names)?;
    let body = json!({
        "serial": intent.serial,
        "authority": intent.authority.name,
        "generation": intent.authority.generation,
        "profile": intent.profile,
        "key_algorithm": intent.key_algorithm,
        "shard": intent.shard,
        "subject": intent.subject,
        "names": intent.names,
        "requester": intent.requester,
        "request_sha256": intent.request_sha256.map(|hash| hex(&hash)),
        "not_before": intent.not_before,
        "not_after": intent.not_after,
        "key_fingerprint": intent.key_fingerprint,
        "to_be_signed_sha256": sha256(&intent.to_be_signed),
    });
    transaction.append(actor, intent.at, "certificate.intended", body)?;
    Ok(id)
}

fn intend(session: SessionId, intent: &Intent) -> Result<Statement, Fault> {
    let values = values![
        &intent.serial,
        &intent.authority.name,
        intent.authority.generation,
        &intent.profile,
        &intent.subject,
        serde_json::to_string(&intent.names)?,
        &intent.key_algorithm,
        intent.key_fingerprint,
        intent.shard,
        intent.exportable,
        intent.not_before,
        intent.not_after,
        intent.at,
        session,
        intent.replaces,
        &intent.requester,
        &intent.to_be_signed,
    ];
    Ok(Statement { sql: INTEND, values: values.into() })
}

/// Whether it was the serial number, the key or the authority.
fn refused(transaction: &mut Transaction<'_>, intent: &Intent) -> Result<StoreError, Fault> {
    refuse_unless_reconciled(transaction)?;
    let Some(authority) = authorities::by_generation(transaction, &intent.authority)? else {
        return Ok(StoreError::Missing(intent.authority.to_string()));
    };
    let sql = "SELECT 1 FROM certificate WHERE serial = $1 AND authority_id = $2";
    if transaction.first(sql, &values![&intent.serial, authority.id])?.is_some() {
        return Ok(StoreError::SerialTaken(intent.serial.clone()));
    }
    let sql = "SELECT subject FROM certificate WHERE key_fingerprint = $1
               AND (subject <> $2 OR reason = 'keyCompromise') LIMIT 1";
    if let Some(mut row) = transaction.first(sql, &values![intent.key_fingerprint, &intent.subject])? {
        return Ok(StoreError::KeyTaken { subject: row.take()? });
    }
    Ok(StoreError::State {
        what: authority.generation.to_string(),
        is: format!("{} and {}", authority.state, authority.stage),
        wanted: "active and signing".to_owned(),
    })
}

/// Keeps what a certificate is searched by.
pub(crate) fn keep_names(
    transaction: &mut Transaction<'_>,
    id: CertificateId,
    names: &[String],
) -> Result<(), Fault> {
    if names.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = (0..names.len()).map(|index| format!("(${}, $1)", index + 2)).collect();
    let sql = format!(
        "INSERT INTO certificate_name (name, certificate_id) VALUES {} ON CONFLICT DO NOTHING",
        rows.join(", ")
    );
    let mut values = vec![Value::from(id)];
    values.extend(names.iter().map(|name| Value::from(searchable(name))));
    transaction.later(&sql, &values)
}

/// What the record of a certificate says of it beside its bytes.
#[derive(Clone, Copy, Debug)]
struct Signed {
    id: CertificateId,
    fingerprint: [u8; 32],
    at: Timestamp,
}

fn record(Signed { id, fingerprint, at }: &Signed, certificate: &IssuedCertificate) -> Statement {
    let der = &certificate.certificate;
    let values =
        values![*id, der, *fingerprint, &certificate.sealed_key, *at, to_be_signed(der).unwrap_or_default()];
    Statement { sql: ISSUED, values: values.into() }
}

fn recorded(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    Signed { id, fingerprint, at }: &Signed,
    rows: Vec<Row>,
) -> Result<(), Fault> {
    let Some(mut row) = rows.into_iter().next() else {
        return Err(StoreError::Missing(format!("open intent for this certificate, as {}", id.0)).into());
    };
    let body = json!({
        "serial": row.take::<String>()?,
        "subject": row.take::<String>()?,
        "authority": row.take::<Option<String>>()?,
        // Whose key made the signature.
        "key": { "generation": row.take::<Option<u32>>()? },
        "certificate_sha256": hex(fingerprint),
    });
    transaction.append(actor, *at, "certificate.issued", body)?;
    Ok(())
}

/// The to-be-signed bytes in a certificate: the first element of its sequence (RFC 5280 section 4.1).
fn to_be_signed(certificate: &[u8]) -> Option<&[u8]> {
    let sequence = AnyRef::from_der(certificate).ok()?;
    SliceReader::new(sequence.value()).ok()?.tlv_bytes().ok()
}
