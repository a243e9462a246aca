//! Certificates that no authority of ours signed: imported ones, and those that vouch for themselves.

use jiff::Timestamp;
use serde_json::json;

use super::issue::keep_names;
use super::key_fingerprint::KeyFingerprint;
use super::record::{CertificateId, Origin};
use crate::Store;
use crate::actor::Actor;
use crate::engine::{Transaction, Value, values};
use crate::error::{Fault, StoreError};
use crate::journal::{hex, sha256_of};

/// A certificate that comes whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedCertificate {
    /// Where it comes from.
    pub origin: Outside,
    /// The serial number in hex.
    pub serial: String,
    /// The profile that it is of.
    pub profile: String,
    /// What it is used as.
    pub subject: String,
    /// The names in it, as text.
    pub names: Vec<String>,
    /// The kind of its key.
    pub key_algorithm: String,
    /// What its key is known by.
    pub key_fingerprint: KeyFingerprint,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// The certificates above it as PEM, its issuer first.
    pub issuers_pem: String,
    /// The private key, sealed; `None` where it came without.
    pub sealed_key: Option<Vec<u8>>,
    /// Whether its key may leave the store.
    pub exportable: bool,
    /// The certificate in whose place it comes.
    pub replaces: Option<CertificateId>,
    /// Who brought it.
    pub requester: String,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// Where a certificate comes from that no authority of ours signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// It was made elsewhere.
    Imported,
    /// It vouches for itself.
    SelfSigned,
}

const INSERT: &str = "
    INSERT INTO certificate (serial, origin, state, profile, subject, names, key_algorithm, key_fingerprint,
        exportable, not_before, not_after, at, replaces, requester, certificate, fingerprint, chain_pem,
        sealed_key)
    VALUES ($1, $2, 'issued', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT DO NOTHING
    RETURNING id";

impl Store {
    /// Keeps a certificate that no authority of ours signed. Durable when it returns. An error where it is
    /// there already.
    pub async fn import(&self, certificate: ImportedCertificate) -> Result<CertificateId, StoreError> {
        let actor = self.actor.clone();
        self.database.write(move |transaction| import(transaction, &actor, &certificate)).await
    }

    /// Records that the private key of a certificate leaves the store, if it may. Durable when it returns,
    /// which is before the key goes.
    pub async fn export(&self, id: CertificateId, at: Timestamp) -> Result<(), StoreError> {
        let actor = self.actor.clone();
        self.database.write(move |transaction| export(transaction, &actor, id, at)).await
    }
}

fn import(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    certificate: &ImportedCertificate,
) -> Result<CertificateId, Fault> {
    let fingerprint = sha256_of(&certificate.certificate);
    let Some(mut row) = transaction.change(INSERT, &columns(certificate, fingerprint)?)? else {
        return Err(StoreError::CertificateExists(certificate.serial.clone()).into());
    };
    let id = row.take()?;
    keep_names(transaction, id, &certificate.names)?;
    let kind = match certificate.origin {
        Outside::Imported => "certificate.imported",
        Outside::SelfSigned => "certificate.self_signed",
    };
    let body = json!({
        "serial": certificate.serial,
        "profile": certificate.profile,
        "subject": certificate.subject,
        "names": certificate.names,
        "requester": certificate.requester,
        "replaces": certificate.replaces,
        "with_key": certificate.sealed_key.is_some(),
        "certificate_sha256": hex(&fingerprint),
    });
    transaction.append(actor, certificate.at, kind, body)?;
    Ok(id)
}

fn columns(certificate: &ImportedCertificate, fingerprint: [u8; 32]) -> Result<[Value; 17], Fault> {
    let origin = match certificate.origin {
        Outside::Imported => Origin::Imported,
        Outside::SelfSigned => Origin::SelfSigned,
    };
    Ok(values![
        &certificate.serial,
        origin,
        &certificate.profile,
        &certificate.subject,
        serde_json::to_string(&certificate.names)?,
        &certificate.key_algorithm,
        certificate.key_fingerprint,
        certificate.exportable,
        certificate.not_before,
        certificate.not_after,
        certificate.at,
        certificate.replaces,
        &certificate.requester,
        &certificate.certificate,
        fingerprint,
        &certificate.issuers_pem,
        &certificate.sealed_key,
    ])
}

fn export(
    transaction: &mut Transaction<'_>,
    actor: &Actor,
    id: CertificateId,
    at: Timestamp,
) -> Result<(), Fault> {
    let sql = "UPDATE certificate SET exported_at = $2
               WHERE id = $1 AND exportable = 1 AND sealed_key IS NOT NULL
               RETURNING serial, subject";
    let Some(mut row) = transaction.change(sql, &values![id, at])? else {
        let found = super::find::by_id(transaction, id)?;
        return Err(match found {
            None => StoreError::Missing(format!("certificate with the id {}", id.0)),
            Some(found) => StoreError::State {
                what: format!("the certificate with serial number {}", found.serial),
                is: if found.sealed_key.is_none() { "without its key here" } else { "not exportable" }
                    .to_owned(),
                wanted: "made by a profile that allows its export, with its key here".to_owned(),
            },
        }
        .into());
    };
    let body = json!({ "serial": row.take::<String>()?, "subject": row.take::<String>()? });
    transaction.append(actor, at, "certificate.exported", body)?;
    Ok(())
}
