//! Searching the inventory, page by page.
//!
//! A page begins after the last certificate of the one before (keyset pagination), so that the hundredth
//! page takes no longer than the first, and what comes in between shifts nothing.

mod statement;
mod stretch;

use jiff::Timestamp;

use self::statement::Statement;
use super::key_fingerprint::KeyFingerprint;
use super::names::NameFilter;
use super::record::{CertificateId, CertificateRecord, CertificateState, Origin, select};
use crate::Store;
use crate::engine::Query;
use crate::error::{Fault, StoreError};

/// Which certificates to find. Each that is given must hold; without any, all are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFilter {
    /// A name in it.
    pub name: Option<NameFilter>,
    /// The authority of ours that signed, in any of its generations.
    pub authority: Option<String>,
    /// Where it stands.
    pub state: Option<CertificateState>,
    /// Where it comes from.
    pub origin: Option<Origin>,
    /// It runs out before this.
    pub expires_before: Option<Timestamp>,
    /// It runs out at this or later.
    pub expires_after: Option<Timestamp>,
    /// Whether a node uses it.
    pub in_use: Option<bool>,
    /// What it is used as.
    pub subject: Option<String>,
    /// Its key.
    pub key_fingerprint: Option<KeyFingerprint>,
    /// The profile that it was made by.
    pub profile: Option<String>,
    /// SHA-256 of its DER.
    pub fingerprint: Option<[u8; 32]>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first; where the filter says something of the end, what runs out last first. Each of these
    /// is an order that an index has: no certificate is read that is not of the page.
    #[default]
    Newest,
    /// What runs out soonest first.
    SoonestExpiry,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) not_after: Timestamp,
    pub(super) id: CertificateId,
}

/// Some of the certificates that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the order that was asked for.
    pub certificates: Vec<CertificateRecord>,
    /// Where the next page begins; `None` where this is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// A page of at most `most` certificates that the filter finds, after where another ended.
    pub async fn search(
        &self,
        filter: &CertificateFilter,
        order: Order,
        after: Option<Cursor>,
        most: usize,
    ) -> Result<Page, StoreError> {
        let filter = filter.clone();
        self.database.read(move |reader| page(reader, &filter, order, after, most)).await
    }
}

fn page(
    database: &mut dyn Query,
    filter: &CertificateFilter,
    order: Order,
    after: Option<Cursor>,
    most: usize,
) -> Result<Page, Fault> {
    // One more than asked for tells whether there is another page.
    let statement = Statement::of(database, filter, order, after, most.saturating_add(1))?;
    let Some(Statement { sql, values }) = statement else {
        return Ok(Page { certificates: Vec::new(), next: None });
    };
    let mut certificates = select(database, &sql, &values)?;
    let is_last = certificates.len() <= most;
    certificates.truncate(most);
    let next = certificates.last().filter(|_| !is_last);
    let next = next.map(|last| Cursor { not_after: last.not_after, id: last.id });
    Ok(Page { certificates, next })
}

/// The way in which the database goes to a page: what it says of it, line by line.
#[cfg(test)]
pub(crate) fn explained(
    database: &mut dyn Query,
    filter: &CertificateFilter,
    order: Order,
) -> Result<Vec<String>, Fault> {
    let Some(Statement { sql, values }) = Statement::of(database, filter, order, None, 51)? else {
        return Ok(Vec::new());
    };
    let sql = format!("EXPLAIN QUERY PLAN SELECT c.* FROM certificate c {sql}");
    let rows = database.query(&sql, &values)?;
    let detail = |mut row: crate::engine::Row| {
        let (_, _, _): (i64, i64, i64) = (row.take()?, row.take()?, row.take()?);
        row.take()
    };
    rows.into_iter().map(detail).collect()
}
