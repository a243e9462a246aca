//! Renewals: which node does each, and how those stand that failed.

use jiff::Timestamp;

use crate::Store;
use crate::engine::{Query, Row, Transaction, values};
use crate::error::{Fault, StoreError};

/// How the renewal of a subject's certificate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalRecord {
    /// What the certificate is used as.
    pub subject: String,
    /// The node that renews it now, by its host's name.
    pub node: Option<String>,
    /// Until when that node alone may.
    pub lease_until: Option<Timestamp>,
    /// How many attempts have failed since the last that did not.
    pub failures: u32,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// When it is tried again.
    pub next_attempt: Option<Timestamp>,
}

/// Taken where nobody has it, its time is over, or we have it ourselves; the row count decides.
const LEASE: &str = "
    INSERT INTO renewal (subject, session, lease_until) VALUES ($1, $2, $3)
    ON CONFLICT (subject) DO UPDATE SET session = excluded.session, lease_until = excluded.lease_until
    WHERE renewal.lease_until IS NULL OR renewal.lease_until <= $4 OR renewal.session = excluded.session";

impl Store {
    /// Takes the renewal of a subject's certificate upon this process until then, or longer than before.
    /// Gives whether it did: of several nodes one renews. Should it be late, another takes over; look once
    /// more for a certificate that is new after taking it.
    pub async fn lease(&self, subject: &str, until: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
        let subject = subject.to_owned();
        let work = move |transaction: &mut Transaction<'_>| {
            let session = transaction.session();
            Ok(transaction.execute(LEASE, &values![&subject, session, until, now])? == 1)
        };
        self.database.write(work).await
    }

    /// Gives the renewal of a subject's certificate up after it was done, with what failed before.
    pub async fn renewed(&self, subject: &str) -> Result<(), StoreError> {
        let subject = subject.to_owned();
        let work = move |transaction: &mut Transaction<'_>| {
            transaction.execute("DELETE FROM renewal WHERE subject = $1", &values![&subject]).map(drop)
        };
        self.database.write(work).await
    }

    /// Gives the renewal of a subject's certificate up after it failed; gives how often it did in a row.
    pub async fn renewal_failed(
        &self,
        subject: &str,
        reason: &str,
        next_attempt: Timestamp,
    ) -> Result<u32, StoreError> {
        let (subject, reason) = (subject.to_owned(), reason.to_owned());
        let work = move |transaction: &mut Transaction<'_>| {
            let sql = "INSERT INTO renewal (subject, failures, reason, next_attempt) VALUES ($1, 1, $2, $3)
                       ON CONFLICT (subject) DO UPDATE SET session = NULL, lease_until = NULL,
                           failures = renewal.failures + 1, reason = excluded.reason,
                           next_attempt = excluded.next_attempt
                       RETURNING failures";
            let row = transaction.change(sql, &values![&subject, &reason, next_attempt])?;
            row.map_or(Ok(1), |mut row| row.take())
        };
        self.database.write(work).await
    }

    /// The renewals that somebody does now, or that failed last, by subject. What else is done under a lease,
    /// such as to tell a hook (`hook/…`), is no renewal.
    pub async fn renewals(&self) -> Result<Vec<RenewalRecord>, StoreError> {
        self.database.read(all).await
    }
}

fn all(database: &mut dyn Query) -> Result<Vec<RenewalRecord>, Fault> {
    let sql = "SELECT r.subject, s.node, r.lease_until, r.failures, r.reason, r.next_attempt
               FROM renewal r LEFT JOIN session s ON s.id = r.session
               WHERE r.subject NOT LIKE 'hook/%' ORDER BY r.subject";
    let record = |mut row: Row| {
        Ok(RenewalRecord {
            subject: row.take()?,
            node: row.take()?,
            lease_until: row.take()?,
            failures: row.take()?,
            reason: row.take()?,
            next_attempt: row.take()?,
        })
    };
    database.query(sql, &[])?.into_iter().map(record).collect()
}
