//! Finding one certificate, or those of one subject.

use jiff::Timestamp;

use super::key_fingerprint::KeyFingerprint;
use super::record::{CertificateId, CertificateRecord, select};
use crate::Store;
use crate::authorities::AuthorityId;
use crate::engine::{Query, values};
use crate::error::{Fault, StoreError};

impl Store {
    /// The certificate of this id.
    pub async fn certificate_by_id(
        &self,
        id: CertificateId,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.database.read(move |reader| by_id(reader, id)).await
    }

    /// The certificate whose serial number is, or begins with, `serial` (hex); an error where several do.
    pub async fn certificate(&self, serial: &str) -> Result<Option<CertificateRecord>, StoreError> {
        let prefix = serial.to_ascii_lowercase();
        self.database.read(move |reader| by_serial(reader, &prefix)).await
    }

    /// The certificate of an authority that has exactly this serial number (hex).
    pub async fn certificate_of(
        &self,
        authority: AuthorityId,
        serial: &str,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        let serial = serial.to_ascii_lowercase();
        let filter = "WHERE c.serial = $1 AND c.authority_id = $2";
        self.database.read(move |reader| Ok(select(reader, filter, &values![serial, authority])?.pop())).await
    }

    /// The issued certificates of a subject that have not run out at `now`, newest first.
    pub async fn unexpired(
        &self,
        subject: &str,
        now: Timestamp,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let subject = subject.to_owned();
        let filter = "WHERE c.subject = $1 AND c.state = 'issued' AND c.not_after > $2 ORDER BY c.id DESC";
        self.database.read(move |reader| select(reader, filter, &values![subject, now])).await
    }

    /// Whether a certificate has, or was to have, the key of this fingerprint.
    pub async fn key_seen(&self, fingerprint: KeyFingerprint) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM certificate WHERE key_fingerprint = $1 LIMIT 1";
        self.database.read(move |reader| Ok(reader.first(sql, &values![fingerprint])?.is_some())).await
    }
}

pub(super) fn by_id(database: &mut dyn Query, id: CertificateId) -> Result<Option<CertificateRecord>, Fault> {
    Ok(select(database, "WHERE c.id = $1", &values![id])?.pop())
}

fn by_serial(database: &mut dyn Query, prefix: &str) -> Result<Option<CertificateRecord>, Fault> {
    // A whole serial number names one certificate, though another may begin with it.
    let mut found = select(database, "WHERE c.serial = $1 LIMIT 2", &values![prefix])?;
    if found.is_empty() {
        // `g` comes after every hex digit.
        let filter = "WHERE c.serial >= $1 AND c.serial < $2 LIMIT 2";
        found = select(database, filter, &values![prefix, format!("{prefix}g")])?;
    }
    if found.len() > 1 {
        return Err(StoreError::Ambiguous(prefix.to_owned()).into());
    }
    Ok(found.pop())
}
