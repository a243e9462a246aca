//! Searching the inventory, page by page.
//!
//! A page begins after the last certificate of the one before (keyset pagination), so that the hundredth
//! page takes no longer than the first, and what comes in between shifts nothing.

use jiff::Timestamp;

use super::key_fingerprint::KeyFingerprint;
use super::names::NameFilter;
use super::record::{CertificateId, CertificateRecord, CertificateState, Origin, select};
use crate::Store;
use crate::engine::{Query, Value, values};
use crate::error::{Fault, StoreError};

/// Up to this many certificates are looked up by name. Where more have it, it is quicker to go through all
/// in order and look at their names.
const FEW: usize = 5_000;

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
    /// The newest first.
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

impl Store {
    /// All certificates, newest first. Reads them all into memory; [`Store::search`] gives pages.
    pub async fn certificates(&self) -> Result<Vec<CertificateRecord>, StoreError> {
        self.database.read(|reader| select(reader, "ORDER BY c.id DESC", &[])).await
    }
}

fn page(
    database: &mut dyn Query,
    filter: &CertificateFilter,
    order: Order,
    after: Option<Cursor>,
    most: usize,
) -> Result<Page, Fault> {
    let mut conditions = Conditions::default();
    filter.add_to(&mut conditions, database)?;
    let order = match order {
        Order::Newest => {
            if let Some(Cursor { id, .. }) = after {
                conditions.and("c.id < #", [id.into()]);
            }
            "c.id DESC"
        }
        Order::SoonestExpiry => {
            if let Some(Cursor { not_after, id }) = after {
                conditions.and("(c.not_after, c.id) > (#, #)", [not_after.into(), id.into()]);
            }
            "c.not_after, c.id"
        }
    };
    // One more than asked for tells whether there is another page.
    let limit = conditions.number([Value::from(most.saturating_add(1))]);
    let sql = format!("{} ORDER BY {order} LIMIT ${limit}", conditions.text());
    let mut certificates = select(database, &sql, &conditions.values)?;
    let is_last = certificates.len() <= most;
    certificates.truncate(most);
    let next = certificates.last().filter(|_| !is_last);
    let next = next.map(|last| Cursor { not_after: last.not_after, id: last.id });
    Ok(Page { certificates, next })
}

impl CertificateFilter {
    fn add_to(&self, conditions: &mut Conditions, database: &mut dyn Query) -> Result<(), Fault> {
        if let Some(name) = &self.authority {
            of_authority(database, name, conditions)?;
        }
        if let Some(name) = &self.name {
            named(database, name, conditions)?;
        }
        let outside = self.origin.filter(|origin| *origin != Origin::Issued);
        let plain: [(&str, Option<Value>); 8] = [
            ("c.state = #", self.state.map(Into::into)),
            // With what it says, the index of the few that were not issued here is found.
            ("c.origin <> 'issued' AND c.origin = #", outside.map(Into::into)),
            ("c.origin = #", self.origin.filter(|_| outside.is_none()).map(Into::into)),
            ("c.not_after < #", self.expires_before.map(Into::into)),
            ("c.not_after >= #", self.expires_after.map(Into::into)),
            ("c.subject = #", self.subject.as_deref().map(Into::into)),
            ("c.profile = #", self.profile.as_deref().map(Into::into)),
            ("c.fingerprint = #", self.fingerprint.map(Into::into)),
        ];
        for (condition, value) in plain {
            value.into_iter().for_each(|value| conditions.and(condition, [value]));
        }
        if let Some(key) = self.key_fingerprint {
            conditions.and("c.key_fingerprint = #", [key.into()]);
        }
        match self.in_use {
            None => {}
            Some(true) => conditions.and("c.id IN (SELECT certificate_id FROM certificate_use)", []),
            Some(false) => conditions.and("c.id NOT IN (SELECT certificate_id FROM certificate_use)", []),
        }
        Ok(())
    }
}

/// An authority's generations are few, and told by number they find their index.
fn of_authority(database: &mut dyn Query, name: &str, conditions: &mut Conditions) -> Result<(), Fault> {
    let rows = database.query("SELECT id FROM authority WHERE name = $1 ORDER BY id", &values![name])?;
    let ids: Vec<i64> = rows.into_iter().map(|mut row| row.take()).collect::<Result<_, _>>()?;
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    let condition = match ids.as_slice() {
        [] => "c.authority_id IS NULL AND c.authority_id IS NOT NULL".to_owned(),
        ids => format!("c.authority_id IN ({})", ids.join(", ")),
    };
    conditions.and(&condition, []);
    Ok(())
}

fn named(database: &mut dyn Query, name: &NameFilter, conditions: &mut Conditions) -> Result<(), Fault> {
    let (condition, values) = name.condition(1);
    let probe = format!("SELECT 1 FROM certificate_name n WHERE {condition} LIMIT {}", FEW + 1);
    let are_few = database.query(&probe, &values)?.len() <= FEW;
    let first = conditions.values.len() + 1;
    let (condition, values) = name.condition(first);
    conditions.number(values);
    let condition = match are_few {
        true => format!("c.id IN (SELECT n.certificate_id FROM certificate_name n WHERE {condition})"),
        false => {
            format!("EXISTS (SELECT 1 FROM certificate_name n WHERE n.certificate_id = c.id AND {condition})")
        }
    };
    conditions.and(&condition, []);
    Ok(())
}

/// Conditions that must all hold, and their values.
#[derive(Default)]
struct Conditions {
    all: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds one, in which each `#` stands for the next of its values.
    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        let mut text = String::new();
        let mut next = self.values.len();
        for character in condition.chars() {
            match character {
                '#' => {
                    next += 1;
                    text.push_str(&format!("${next}"));
                }
                other => text.push(other),
            }
        }
        self.values.extend(values);
        self.all.push(text);
    }

    /// Adds values that stand in what is added without `#`; gives the number of the last.
    fn number(&mut self, values: impl IntoIterator<Item = Value>) -> usize {
        self.values.extend(values);
        self.values.len()
    }

    fn text(&self) -> String {
        if self.all.is_empty() { String::new() } else { format!("WHERE {}", self.all.join(" AND ")) }
    }
}
