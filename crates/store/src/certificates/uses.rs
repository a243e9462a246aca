//! Which certificates are in use: by which process, and as what.

use jiff::Timestamp;

use super::record::CertificateId;
use crate::Store;
use crate::engine::{Query, Transaction, values};
use crate::error::{Fault, StoreError};

/// A certificate in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateUse {
    /// The node that uses it: a host's name.
    pub node: String,
    /// As what.
    pub subject: String,
    /// The certificate.
    pub certificate: CertificateId,
    /// When the node said so last.
    pub seen_at: Timestamp,
}

impl Store {
    /// Says which certificates this process uses, and as what; whatever it used before and is not among them
    /// it uses no more.
    pub async fn use_certificates(
        &self,
        uses: Vec<(String, CertificateId)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.database.write(move |transaction| put(transaction, &uses, now)).await
    }

    /// Where a certificate is in use.
    pub async fn uses(&self, certificate: CertificateId) -> Result<Vec<CertificateUse>, StoreError> {
        self.database.read(move |reader| of_certificate(reader, certificate)).await
    }
}

fn put(
    transaction: &mut Transaction<'_>,
    uses: &[(String, CertificateId)],
    now: Timestamp,
) -> Result<(), Fault> {
    let session = transaction.session();
    transaction.execute("DELETE FROM certificate_use WHERE session = $1", &values![session])?;
    for (subject, certificate) in uses {
        let sql = "INSERT INTO certificate_use (session, subject, certificate_id, seen_at)
                   VALUES ($1, $2, $3, $4)
                   ON CONFLICT (session, subject) DO UPDATE SET certificate_id = excluded.certificate_id";
        transaction.execute(sql, &values![session, subject, *certificate, now])?;
    }
    Ok(())
}

fn of_certificate(
    database: &mut dyn Query,
    certificate: CertificateId,
) -> Result<Vec<CertificateUse>, Fault> {
    let sql = "SELECT COALESCE(s.node, ''), u.subject, u.certificate_id, u.seen_at
               FROM certificate_use u LEFT JOIN session s ON s.id = u.session
               WHERE u.certificate_id = $1 ORDER BY 1, 2";
    let read = |mut row: crate::engine::Row| {
        Ok(CertificateUse {
            node: row.take()?,
            subject: row.take()?,
            certificate: row.take()?,
            seen_at: row.take()?,
        })
    };
    database.query(sql, &values![certificate])?.into_iter().map(read).collect()
}
