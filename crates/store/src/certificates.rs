//! Certificates in the database: intended, then issued, or presumed so.

use jiff::Timestamp;
use rusqlite::{Connection, Params, Row, params};
use serde_json::json;

use crate::error::{Fault, StoreError};
use crate::instant::Instant;
use crate::journal::{self, sha256};
use crate::record::{CertificateId, CertificateRecord, CertificateState, Intent};

/// Keeps an intent, if its serial number is new.
pub(crate) fn intend(connection: &Connection, intent: &Intent) -> Result<CertificateId, Fault> {
    let added = connection.execute(
        "INSERT INTO certificate
             (serial, state, authority, subject, identities, to_be_signed, not_before, not_after, at)
         VALUES (?1, 'intended', ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (serial) DO NOTHING",
        params![
            intent.serial,
            intent.authority,
            intent.subject,
            serde_json::to_string(&intent.identities)?,
            intent.to_be_signed,
            Instant(intent.not_before),
            Instant(intent.not_after),
            Instant(intent.at),
        ],
    )?;
    if added == 0 {
        return Err(StoreError::SerialTaken(intent.serial.clone()).into());
    }
    let id = CertificateId(connection.last_insert_rowid());
    let body = json!({
        "serial": intent.serial,
        "authority": intent.authority,
        "subject": intent.subject,
        "identities": intent.identities,
        "not_before": intent.not_before,
        "not_after": intent.not_after,
        "to_be_signed_sha256": sha256(&intent.to_be_signed),
    });
    journal::append(connection, intent.at, "certificate.intended", body)?;
    Ok(id)
}

/// Turns an open intent into a certificate. The row count decides: an intent that was settled
/// meanwhile, or a certificate that is not the intended one, changes nothing.
pub(crate) fn issued(
    connection: &Connection,
    id: CertificateId,
    certificate: &CertificateRecord,
) -> Result<(), Fault> {
    let changed = connection.execute(
        "UPDATE certificate SET state = 'issued', chain_pem = ?1, sealed_key = ?2, at = ?3
         WHERE id = ?4 AND state = 'intended' AND serial = ?5 AND authority = ?6 AND subject = ?7
           AND identities = ?8 AND not_before = ?9 AND not_after = ?10",
        params![
            certificate.chain_pem,
            certificate.sealed_key,
            Instant(certificate.at),
            id.0,
            certificate.serial,
            certificate.authority,
            certificate.subject,
            serde_json::to_string(&certificate.identities)?,
            Instant(certificate.not_before),
            Instant(certificate.not_after),
        ],
    )?;
    if changed == 0 {
        return Err(
            StoreError::Missing(format!("open intent for serial number {}", certificate.serial)).into()
        );
    }
    let body = json!({
        "serial": certificate.serial,
        "authority": certificate.authority,
        "subject": certificate.subject,
        "chain_sha256": sha256(certificate.chain_pem.as_bytes()),
    });
    journal::append(connection, certificate.at, "certificate.issued", body)?;
    Ok(())
}

/// Settles every open intent; gives how many there were.
pub(crate) fn sweep(connection: &Connection, now: Timestamp) -> Result<usize, Fault> {
    let open = select(connection, "WHERE state = 'intended' ORDER BY id", [])?;
    connection.execute("UPDATE certificate SET state = 'presumed_issued' WHERE state = 'intended'", [])?;
    for certificate in &open {
        let body = json!({
            "serial": certificate.serial,
            "authority": certificate.authority,
            "subject": certificate.subject,
            "intended_at": certificate.at,
        });
        journal::append(connection, now, "certificate.presumed_issued", body)?;
    }
    Ok(open.len())
}

/// All of them, newest first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<CertificateRecord>, Fault> {
    select(connection, "ORDER BY id DESC", [])
}

/// The one whose serial number begins so.
pub(crate) fn by_serial(connection: &Connection, prefix: &str) -> Result<Option<CertificateRecord>, Fault> {
    let prefix = prefix.to_ascii_lowercase();
    // A whole serial number names one certificate, though another may begin with it.
    let exact = "WHERE serial = ?1";
    if let Some(found) = select(connection, exact, params![prefix])?.pop() {
        return Ok(Some(found));
    }
    let mut found = select(connection, "WHERE substr(serial, 1, length(?1)) = ?1 LIMIT 2", params![prefix])?;
    if found.len() > 1 {
        return Err(StoreError::Ambiguous(prefix).into());
    }
    Ok(found.pop())
}

/// The issued ones of a subject that are not over at `now`, newest first.
pub(crate) fn unexpired(
    connection: &Connection,
    subject: &str,
    now: Timestamp,
) -> Result<Vec<CertificateRecord>, Fault> {
    let filter = "WHERE subject = ?1 AND state = 'issued' AND not_after > ?2 ORDER BY id DESC";
    select(connection, filter, params![subject, Instant(now)])
}

/// The newest issued one of a subject.
pub(crate) fn latest(connection: &Connection, subject: &str) -> Result<Option<CertificateRecord>, Fault> {
    let filter = "WHERE subject = ?1 AND state = 'issued' ORDER BY id DESC LIMIT 1";
    Ok(select(connection, filter, params![subject])?.pop())
}

fn select(
    connection: &Connection,
    filter: &str,
    parameters: impl Params,
) -> Result<Vec<CertificateRecord>, Fault> {
    let mut statement = connection.prepare(&format!(
        "SELECT serial, state, authority, subject, identities, chain_pem, sealed_key, not_before, not_after, at
         FROM certificate {filter}"
    ))?;
    let mut rows = statement.query(parameters)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record(row)?);
    }
    Ok(records)
}

fn record(row: &Row<'_>) -> Result<CertificateRecord, Fault> {
    Ok(CertificateRecord {
        serial: row.get("serial")?,
        state: state(&row.get::<_, String>("state")?)?,
        authority: row.get("authority")?,
        subject: row.get("subject")?,
        identities: serde_json::from_str(&row.get::<_, String>("identities")?)?,
        chain_pem: row.get("chain_pem")?,
        sealed_key: row.get("sealed_key")?,
        not_before: row.get::<_, Instant>("not_before")?.0,
        not_after: row.get::<_, Instant>("not_after")?.0,
        at: row.get::<_, Instant>("at")?.0,
    })
}

fn state(text: &str) -> Result<CertificateState, Fault> {
    match text {
        "intended" => Ok(CertificateState::Intended),
        "issued" => Ok(CertificateState::Issued),
        "presumed_issued" => Ok(CertificateState::PresumedIssued),
        other => Err(StoreError::Database(format!("unknown state `{other}` of a certificate")).into()),
    }
}
