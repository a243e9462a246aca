//! OCSP answers, signed ahead.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::backup::refuse_unless_reconciled;
use crate::certificates::{CertificateId, CertificateState};
use crate::engine::{Query, Row, Transaction, values};
use crate::error::{Fault, StoreError};

/// A signed answer about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspAnswerRecord {
    /// The certificate.
    pub certificate: CertificateId,
    /// When the answer was made.
    pub this_update: Timestamp,
    /// Until when it is good.
    pub next_update: Timestamp,
    /// The answer.
    pub der: Vec<u8>,
}

/// An answer that was just signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOcspAnswer {
    /// The answer.
    pub answer: OcspAnswerRecord,
    /// How its certificate stood when it was made.
    pub state: CertificateState,
}

/// Whoever signed first is done last at times. An answer of the same instant comes over another, for the clock
/// may stand in between.
const PUT: &str = "
    INSERT INTO ocsp_answer (certificate_id, this_update, next_update, der) VALUES ($1, $2, $3, $4)
    ON CONFLICT (certificate_id) DO UPDATE SET this_update = excluded.this_update,
        next_update = excluded.next_update, der = excluded.der
    WHERE ocsp_answer.this_update <= excluded.this_update";

impl Store {
    /// Keeps answers, each in place of the one before unless that is newer, and enters in the journal that
    /// they were signed. Durable when it returns. Gives the certificates that stand otherwise by now: no answer
    /// about them is kept, whatever the clocks of those say who signed it and who revoked.
    pub async fn put_ocsp_answers(
        &self,
        answers: Vec<SignedOcspAnswer>,
        at: Timestamp,
    ) -> Result<Vec<CertificateId>, StoreError> {
        let actor = self.actor.clone();
        let work = move |transaction: &mut Transaction<'_>| {
            refuse_unless_reconciled(transaction)?;
            let (mut outdated, mut signed) = (Vec::new(), BTreeMap::<_, Vec<String>>::new());
            for SignedOcspAnswer { answer, state } in &answers {
                let OcspAnswerRecord { certificate, this_update, next_update, der } = answer;
                let Some(mut row) = transaction.first(ABOUT, &values![*certificate])? else {
                    outdated.push(*certificate);
                    continue;
                };
                let (stands, serial) = (row.take::<CertificateState>()?, row.take::<String>()?);
                signed.entry((row.take::<String>()?, row.take::<u32>()?)).or_default().push(serial);
                if stands == *state {
                    transaction.execute(PUT, &values![*certificate, *this_update, *next_update, der])?;
                } else {
                    outdated.push(*certificate);
                }
            }
            for ((authority, generation), serials) in signed {
                // Whose key made the signatures.
                let key = json!({ "generation": generation });
                let body = json!({ "authority": authority, "key": key, "serials": serials });
                transaction.append(&actor, at, "ocsp.signed", body)?;
            }
            Ok(outdated)
        };
        self.database.write(work).await
    }

    /// Forgets the answer about a certificate, such as when it has run out.
    pub async fn drop_ocsp_answer(&self, certificate: CertificateId) -> Result<(), StoreError> {
        let work = move |transaction: &mut Transaction<'_>| {
            let sql = "DELETE FROM ocsp_answer WHERE certificate_id = $1";
            transaction.execute(sql, &values![certificate]).map(drop)
        };
        self.database.write(work).await
    }

    /// The answer about a certificate.
    pub async fn ocsp_answer(
        &self,
        certificate: CertificateId,
    ) -> Result<Option<OcspAnswerRecord>, StoreError> {
        let filter = "WHERE certificate_id = $1";
        let work = move |reader: &mut dyn Query| {
            let sql = format!("{SELECT} {filter}");
            reader.first(&sql, &values![certificate])?.map(record).transpose()
        };
        self.database.read(work).await
    }

    /// The answers that are good only until `before`, at most `most`, the first to end first.
    pub async fn stale_ocsp_answers(
        &self,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<OcspAnswerRecord>, StoreError> {
        let work = move |reader: &mut dyn Query| {
            let sql = format!("{SELECT} WHERE next_update < $1 ORDER BY next_update LIMIT $2");
            reader.query(&sql, &values![before, most])?.into_iter().map(record).collect()
        };
        self.database.read(work).await
    }
}

const ABOUT: &str = "
    SELECT certificate.state, serial, name, generation FROM certificate
    JOIN authority ON authority.id = authority_id WHERE certificate.id = $1";

const SELECT: &str = "SELECT certificate_id, this_update, next_update, der FROM ocsp_answer";

fn record(mut row: Row) -> Result<OcspAnswerRecord, Fault> {
    Ok(OcspAnswerRecord {
        certificate: row.take()?,
        this_update: row.take()?,
        next_update: row.take()?,
        der: row.take()?,
    })
}
