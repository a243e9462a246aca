//! The statement that finds a page.
//!
//! It goes to the certificates of the page in two steps: which they are, an index tells; only they are then
//! read. What is not of the page, or would have to be put in order first, is never read.

use super::stretch::{Direction, Stretch};
use super::{CertificateFilter, CertificateState, Cursor, Order};
use crate::certificates::names::NameFilter;
use crate::certificates::record::Origin;
use crate::engine::{Dialect, Query, Value, values};
use crate::error::Fault;

/// Up to this many certificates are looked up by name. Where more have it, it is quicker to go through all
/// in order and look at their names.
const FEW: u64 = 5_000;

/// What finds a page: the end of a selection of records, with its values.
#[derive(Debug)]
pub(super) struct Statement {
    /// From `WHERE` on.
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Statement {
    /// One that finds `most` certificates; `None` where there can be none.
    pub(super) fn of(
        database: &mut dyn Query,
        filter: &CertificateFilter,
        order: Order,
        after: Option<Cursor>,
        most: usize,
    ) -> Result<Option<Self>, Fault> {
        let direction = Direction::of(filter, order);
        let generations = match &filter.authority {
            None => Vec::new(),
            Some(name) => match generations(database, name)?.as_slice() {
                [] => return Ok(None),
                generations => generations.to_vec(),
            },
        };
        let mut conditions = Conditions::default();
        let are_few = filter.add_what_few_have(&mut conditions, direction, database)?;
        let lead = filter.add_the_rest(&mut conditions, direction);
        let leads: Vec<_> = match lead {
            None if !are_few && !generations.is_empty() => {
                // Each generation has a stretch of its own, and so a page of its own.
                generations.iter().map(|id| Some(("c.authority_id", Value::from(*id)))).collect()
            }
            lead => {
                let ids: Vec<_> = generations.iter().map(i64::to_string).collect();
                if !ids.is_empty() {
                    conditions.and(&format!("c.authority_id IN ({})", ids.join(", ")), []);
                }
                vec![lead]
            }
        };
        let dialect = database.dialect();
        let stretches = leads.into_iter().map(|lead| Stretch::of(filter, direction, after, lead));
        let pages: Vec<_> = stretches.map(|stretch| conditions.page(stretch, dialect, most)).collect();
        let found = match pages.as_slice() {
            [page] => page.clone(),
            pages => {
                let limit = conditions.number([most.into()]);
                let pages: Vec<_> =
                    pages.iter().map(|page| format!("SELECT * FROM ({page}) AS page")).collect();
                let (pages, order) = (pages.join(" UNION ALL "), direction.order("pages"));
                format!("SELECT * FROM ({pages}) AS pages ORDER BY {order} LIMIT ${limit}")
            }
        };
        let order = direction.order("c");
        let sql = format!("WHERE c.id IN (SELECT id FROM ({found}) AS found) ORDER BY {order}");
        Ok(Some(Self { sql, values: conditions.values }))
    }
}

impl CertificateFilter {
    /// What only some certificates have, so few that they may be looked up and put in order. Gives whether
    /// the filter says any of it.
    fn add_what_few_have(
        &self,
        conditions: &mut Conditions,
        direction: Direction,
        database: &mut dyn Query,
    ) -> Result<bool, Fault> {
        let mut are_few =
            self.key_fingerprint.is_some() || self.fingerprint.is_some() || self.in_use == Some(true);
        // Those of a subject have an index with one order, and are few enough to be put in the other.
        are_few |= self.subject.is_some() && direction != Direction::Newest;
        if let Some(name) = &self.name {
            are_few |= named(database, name, conditions)?;
        }
        if let Some(key) = self.key_fingerprint {
            conditions.and("c.key_fingerprint = #", [key.into()]);
        }
        if let Some(fingerprint) = self.fingerprint {
            conditions.and("c.fingerprint = #", [fingerprint.into()]);
        }
        match self.in_use {
            None => {}
            Some(true) => conditions.and("c.id IN (SELECT certificate_id FROM certificate_use)", []),
            Some(false) => conditions.and("c.id NOT IN (SELECT certificate_id FROM certificate_use)", []),
        }
        Ok(are_few)
    }

    /// What else it says, but for the authority and the end. Gives the column, and its value, of an index that
    /// has in order all that have it. With what is said of the origin and the state, the indexes are found of
    /// those that are not simply issued here.
    fn add_the_rest(
        &self,
        conditions: &mut Conditions,
        direction: Direction,
    ) -> Option<(&'static str, Value)> {
        let mut lead = None;
        let mut has =
            |conditions: &mut Conditions, column: &'static str, value: Value, has_index: bool| match lead {
                None if has_index => lead = Some((column, value)),
                _ => conditions.and(&format!("{column} = #"), [value]),
            };
        if let Some(subject) = &self.subject {
            has(conditions, "c.subject", subject.into(), direction == Direction::Newest);
        }
        if let Some(origin) = self.origin {
            let is_outside = origin != Origin::Issued;
            has(conditions, "c.origin", origin.into(), is_outside);
            if is_outside {
                conditions.and("c.origin <> 'issued'", []);
            }
        }
        if let Some(state) = self.state {
            let is_unusual = state != CertificateState::Issued;
            has(conditions, "c.state", state.into(), is_unusual);
            if is_unusual {
                conditions.and("c.state <> 'issued'", []);
            }
        }
        if let Some(profile) = &self.profile {
            has(conditions, "c.profile", profile.into(), true);
        }
        lead
    }
}

/// The generations of an authority: few, and told by number they find their index.
fn generations(database: &mut dyn Query, name: &str) -> Result<Vec<i64>, Fault> {
    let rows = database.query("SELECT id FROM authority WHERE name = $1 ORDER BY id", &values![name])?;
    rows.into_iter().map(|mut row| row.take()).collect()
}

/// Gives whether few have such a name.
fn named(database: &mut dyn Query, name: &NameFilter, conditions: &mut Conditions) -> Result<bool, Fault> {
    let (condition, values) = name.condition(1);
    let named = format!("SELECT 1 FROM certificate_name n WHERE {condition} LIMIT {}", FEW + 1);
    let count = database.first(&format!("SELECT count(*) FROM ({named}) AS named"), &values)?;
    let are_few = count.map_or(Ok(0), |mut row| row.take::<u64>())? <= FEW;
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
    Ok(are_few)
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
        let text = self.numbered(condition, values);
        self.all.push(text);
    }

    /// The ids of a page, and what they are put in order by: those in the stretch for which all holds.
    fn page(&mut self, stretch: Stretch, dialect: Dialect, most: usize) -> String {
        let (ends, values, order) = stretch.told(dialect);
        let ends = self.numbered(&ends, values);
        let all: Vec<_> = std::iter::once(&ends).chain(&self.all).map(String::as_str).collect();
        let all = all.join(" AND ");
        let limit = self.number([most.into()]);
        format!("SELECT c.id, c.not_after FROM certificate c WHERE {all} ORDER BY {order} LIMIT ${limit}")
    }

    /// Adds values that stand in what is added without `#`; gives the number of the last.
    fn number(&mut self, values: impl IntoIterator<Item = Value>) -> usize {
        self.values.extend(values);
        self.values.len()
    }

    fn numbered(&mut self, text: &str, values: impl IntoIterator<Item = Value>) -> String {
        let mut numbered = String::new();
        let mut next = self.values.len();
        for character in text.chars() {
            match character {
                '#' => {
                    next += 1;
                    numbered.push_str(&format!("${next}"));
                }
                other => numbered.push(other),
            }
        }
        self.values.extend(values);
        numbered
    }
}
