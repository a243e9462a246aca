//! What the store keeps of certificates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::key_fingerprint::KeyFingerprint;
use super::revoke::RevocationReason;
use crate::authorities::{AuthorityId, Generation};
use crate::engine::{Query, Row, Taken, Value};
use crate::error::Fault;
use crate::words::words;

/// The identity of a certificate in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CertificateId(pub i64);

words! {
    /// Where a certificate comes from.
    pub enum Origin {
        /// An authority of ours signed it.
        Issued = "issued",
        /// It was made elsewhere.
        Imported = "imported",
        /// It vouches for itself, for tests.
        SelfSigned = "self_signed",
    }
}

words! {
    /// Where a certificate stands. That it has expired, its end says.
    pub enum CertificateState {
        /// About to be signed.
        Intended = "intended",
        /// Signed and recorded.
        Issued = "issued",
        /// A crash came between intent and record: perhaps signed, never handed out.
        PresumedIssued = "presumed_issued",
        /// Taken back before its end.
        Revoked = "revoked",
    }
}

/// A certificate as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateRecord {
    /// Which one it is.
    pub id: CertificateId,
    /// The serial number in hex.
    pub serial: String,
    /// Which authority of ours signed; `None` where it was made elsewhere.
    pub authority: Option<Issuer>,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it stands.
    pub state: CertificateState,
    /// When and why it was revoked.
    pub revocation: Option<Revocation>,
    /// The profile it was made by.
    pub profile: String,
    /// What it is used as, such as a listener's name.
    pub subject: String,
    /// The names in it, as text.
    pub names: Vec<String>,
    /// The kind of its key.
    pub key_algorithm: String,
    /// What its key is known by; `None` where that is not known.
    pub key_fingerprint: Option<KeyFingerprint>,
    /// The revocation list that it would stand on.
    pub shard: u32,
    /// Whether its key may leave the store.
    pub exportable: bool,
    /// When its key left the store last.
    pub exported_at: Option<Timestamp>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// When it was signed or imported; when it was intended, where it is not signed.
    pub at: Timestamp,
    /// The certificate in whose place it came.
    pub replaces: Option<CertificateId>,
    /// Who asked for it.
    pub requester: String,
    /// The certificate in DER; `None` where only the intent is known.
    #[serde(skip)]
    pub certificate: Option<Vec<u8>>,
    /// The certificates above it as PEM, its issuer first; empty where there are none.
    #[serde(skip)]
    pub issuers_pem: String,
    /// The private key, sealed; `None` where the requester has it.
    #[serde(skip)]
    pub sealed_key: Option<Vec<u8>>,
}

/// The authority that signed a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// Which one it is.
    pub id: AuthorityId,
    /// Its name and generation.
    #[serde(flatten)]
    pub generation: Generation,
}

/// When and why a certificate was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

impl From<CertificateId> for Value {
    fn from(id: CertificateId) -> Self {
        Self::Integer(id.0)
    }
}

impl Taken for CertificateId {
    const KIND: &'static str = "certificate";

    fn taken(value: Value) -> Option<Self> {
        i64::taken(value).map(Self)
    }
}

/// The records that a filter finds; what stands in it is `c` for the certificate and `a` for its authority.
pub(super) fn select(
    database: &mut dyn Query,
    filter: &str,
    values: &[Value],
) -> Result<Vec<CertificateRecord>, Fault> {
    let sql = format!(
        "SELECT c.id, c.serial, a.id, a.name, a.generation, c.origin, c.state, c.revoked_at, c.reason,
             c.profile, c.subject, c.names, c.key_algorithm, c.key_fingerprint, c.shard, c.exportable,
             c.exported_at, c.not_before, c.not_after, c.at, c.replaces, c.requester, c.certificate,
             COALESCE(c.chain_pem, a.chain_pem, ''), c.sealed_key
         FROM certificate c LEFT JOIN authority a ON a.id = c.authority_id {filter}"
    );
    database.query(&sql, values)?.into_iter().map(record).collect()
}

fn record(mut row: Row) -> Result<CertificateRecord, Fault> {
    Ok(CertificateRecord {
        id: row.take()?,
        serial: row.take()?,
        authority: issuer(&mut row)?,
        origin: row.take()?,
        state: row.take()?,
        revocation: revocation(&mut row)?,
        profile: row.take()?,
        subject: row.take()?,
        names: serde_json::from_str(&row.take::<String>()?)?,
        key_algorithm: row.take()?,
        key_fingerprint: row.take()?,
        shard: row.take()?,
        exportable: row.take()?,
        exported_at: row.take()?,
        not_before: row.take()?,
        not_after: row.take()?,
        at: row.take()?,
        replaces: row.take()?,
        requester: row.take()?,
        certificate: row.take()?,
        issuers_pem: row.take()?,
        sealed_key: row.take()?,
    })
}

fn issuer(row: &mut Row) -> Result<Option<Issuer>, Fault> {
    let (id, name, generation): (Option<_>, Option<_>, Option<_>) = (row.take()?, row.take()?, row.take()?);
    let (Some(id), Some(name), Some(generation)) = (id, name, generation) else { return Ok(None) };
    Ok(Some(Issuer { id, generation: Generation { name, generation } }))
}

fn revocation(row: &mut Row) -> Result<Option<Revocation>, Fault> {
    let (at, reason): (Option<_>, Option<_>) = (row.take()?, row.take()?);
    Ok(at.zip(reason).map(|(at, reason)| Revocation { at, reason }))
}
