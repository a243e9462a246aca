//! What the first release kept, carried over into the tables as they are now.
//!
//! Every row is kept. What the bytes of a certificate tell is read from them; where they can't be read, the
//! row is kept as it was, and says less.

use aws_lc_rs::digest::{SHA256, digest};
use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use der::{Decode, Encode};
use hermetic_tls::{Certificate, Chain};
use rusqlite::{Row, Transaction, params};
use x509_cert::TbsCertificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use crate::certificates::searchable;
use crate::error::Fault;

/// The first release signed with these alone.
const KEY_ALGORITHM: &str = "P-256";

/// Its certificates name no shard of a revocation list, so any number serves for the intermediate. A root's
/// list is whole, since `openssl verify -crl_check_all` asks for one of the root itself.
const SHARDS: i64 = 16;

/// Fills the new tables from `authority_before` and `certificate_before`.
pub(super) fn over(transaction: &Transaction<'_>) -> Result<(), Fault> {
    authorities(transaction)?;
    let mut read = transaction.prepare("SELECT * FROM certificate_before ORDER BY id")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        certificate(transaction, row)?;
    }
    Ok(())
}

fn authorities(transaction: &Transaction<'_>) -> Result<(), Fault> {
    let mut read =
        transaction.prepare("SELECT * FROM authority_before ORDER BY name = 'intermediate', name")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let (name, chain_pem): (String, String) = (row.get("name")?, row.get("chain_pem")?);
        let chain = Chain::from_pem(&chain_pem).ok();
        let leaf = chain.as_ref().map(Chain::leaf);
        transaction.execute(
            "INSERT INTO authority (name, generation, state, stage, parent_id, subject, key_algorithm,
                 sealed_key, chain_pem, crl_shards, policy, not_before, not_after, at)
             VALUES (?1, 1, 'active', 'signing',
                 CASE ?1 WHEN 'intermediate' THEN (SELECT id FROM authority WHERE name = 'root') END,
                 ?2, ?3, ?4, ?5, ?6, '{}', ?7, ?8, ?9)",
            params![
                name,
                leaf.map(|leaf| leaf.subject.as_str()).unwrap_or_default(),
                KEY_ALGORITHM,
                row.get::<_, Vec<u8>>("sealed_key")?,
                chain_pem,
                if leaf.is_some_and(|leaf| leaf.is_self_issued) { 1 } else { SHARDS },
                leaf.map(|leaf| leaf.not_before.as_microsecond()),
                leaf.map(|leaf| leaf.not_after.as_microsecond()),
                row.get::<_, i64>("at")?,
            ],
        )?;
    }
    Ok(())
}

fn certificate(transaction: &Transaction<'_>, row: &Row<'_>) -> Result<(), Fault> {
    let id: i64 = row.get("id")?;
    let (authority, chain_pem): (String, String) = (row.get("authority")?, row.get("chain_pem")?);
    let (to_be_signed, names): (Vec<u8>, String) = (row.get("to_be_signed")?, row.get("identities")?);
    let chain = Chain::from_pem(&chain_pem).ok();
    let leaf = chain.as_ref().map(Chain::leaf);
    let tbs = TbsCertificate::from_der(&to_be_signed).ok();
    transaction.execute(
        "INSERT INTO certificate (id, serial, authority_id, origin, state, profile, subject, names,
             key_algorithm, key_fingerprint, not_before, not_after, at, to_be_signed, certificate,
             fingerprint, chain_pem, sealed_key)
         VALUES (?1, ?2, (SELECT id FROM authority WHERE name = ?3), 'issued', ?4, ?5, ?6, ?7, ?8, ?9, ?10,
             ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            id,
            row.get::<_, String>("serial")?,
            authority,
            row.get::<_, String>("state")?,
            tbs.as_ref().map_or("both", profile),
            row.get::<_, String>("subject")?,
            names,
            KEY_ALGORITHM,
            tbs.as_ref().and_then(key_fingerprint),
            row.get::<_, i64>("not_before")?,
            row.get::<_, i64>("not_after")?,
            row.get::<_, i64>("at")?,
            leaf.is_none().then_some(to_be_signed),
            leaf.map(|leaf| leaf.der.to_vec()),
            leaf.map(|leaf| leaf.fingerprint.0),
            above(transaction, &authority, chain.as_ref(), &chain_pem)?,
            row.get::<_, Option<Vec<u8>>>("sealed_key")?,
        ],
    )?;
    let names: Vec<String> = serde_json::from_str(&names)?;
    for name in names {
        transaction.execute(
            "INSERT INTO certificate_name (name, certificate_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![searchable(&name), id],
        )?;
    }
    Ok(())
}

/// The certificates above the leaf, where they are not those of its authority.
fn above(
    transaction: &Transaction<'_>,
    authority: &str,
    chain: Option<&Chain>,
    chain_pem: &str,
) -> Result<Option<String>, Fault> {
    let Some(chain) = chain else { return Ok((!chain_pem.is_empty()).then(|| chain_pem.to_owned())) };
    let above: String = chain.certificates().iter().skip(1).map(Certificate::to_pem).collect();
    let sql = "SELECT 1 FROM authority WHERE name = ?1 AND chain_pem = ?2";
    let is_its_authoritys = transaction.prepare_cached(sql)?.exists(params![authority, above])?;
    Ok((!is_its_authoritys).then_some(above))
}

/// SHA-256 over the SubjectPublicKeyInfo.
fn key_fingerprint(tbs: &TbsCertificate) -> Option<Vec<u8>> {
    let key = tbs.subject_public_key_info().to_der().ok()?;
    Some(digest(&SHA256, &key).as_ref().to_vec())
}

/// The profile by which such a certificate would be made now.
fn profile(tbs: &TbsCertificate) -> &'static str {
    let usages = tbs.get_extension::<ExtendedKeyUsage>().ok().flatten();
    let usages = usages.map(|(_, usages)| usages.0).unwrap_or_default();
    match (usages.contains(&ID_KP_SERVER_AUTH), usages.contains(&ID_KP_CLIENT_AUTH)) {
        (true, false) => "server",
        (false, true) => "client",
        _ => "both",
    }
}
