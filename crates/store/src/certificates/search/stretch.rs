//! A stretch of an index, which makes a page.

use super::{CertificateFilter, Cursor, Order};
use crate::engine::{Dialect, Value};

/// Which way an index is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Newest,
    SoonestExpiry,
    LatestExpiry,
}

impl Direction {
    pub(super) fn of(filter: &CertificateFilter, order: Order) -> Self {
        let is_bounded = filter.expires_before.is_some() || filter.expires_after.is_some();
        match order {
            Order::SoonestExpiry => Self::SoonestExpiry,
            Order::Newest if is_bounded => Self::LatestExpiry,
            Order::Newest => Self::Newest,
        }
    }

    /// The order of the rows of something.
    pub(super) fn order(self, of: &str) -> String {
        match self {
            Self::Newest => format!("{of}.id DESC"),
            Self::SoonestExpiry => format!("{of}.not_after, {of}.id"),
            Self::LatestExpiry => format!("{of}.not_after DESC, {of}.id DESC"),
        }
    }
}

/// A stretch of an index that has in order all certificates of one kind, its ends not included.
#[derive(Debug)]
pub(super) struct Stretch {
    /// The first column of the index, and its value for this kind; `None`: all certificates.
    lead: Option<(&'static str, Value)>,
    /// The columns after it.
    columns: &'static [&'static str],
    low: Vec<Value>,
    high: Vec<Value>,
    is_descending: bool,
}

impl Stretch {
    /// What the filter says of the end, from where another page ended; of those that have `lead`.
    pub(super) fn of(
        filter: &CertificateFilter,
        direction: Direction,
        after: Option<Cursor>,
        lead: Option<(&'static str, Value)>,
    ) -> Self {
        let number = Value::Integer;
        let (columns, mut low, mut high): (&[_], _, _) = match direction {
            Direction::Newest => (&["c.id"], vec![number(i64::MIN)], vec![number(i64::MAX)]),
            Direction::SoonestExpiry | Direction::LatestExpiry => {
                let from = filter.expires_after.map_or(number(i64::MIN), Value::from);
                let to = filter.expires_before.map_or(number(i64::MAX), Value::from);
                // No certificate has the least of all ids.
                (&["c.not_after", "c.id"], vec![from, number(i64::MIN)], vec![to, number(i64::MIN)])
            }
        };
        if let Some(Cursor { not_after, id }) = after {
            match direction {
                Direction::Newest => high = vec![id.into()],
                Direction::SoonestExpiry => low = vec![not_after.into(), id.into()],
                Direction::LatestExpiry => high = vec![not_after.into(), id.into()],
            }
        }
        let is_descending = direction != Direction::SoonestExpiry;
        Self { lead, columns, low, high, is_descending }
    }

    /// The condition that holds in it, with `#` for each of the values; and its order.
    ///
    /// To PostgreSQL, what its first column is is said as a part of both ends. Were it said to equal a value,
    /// that might as well go through all certificates by their id, for it takes those that are looked for to be
    /// anywhere among them; but those of an authority that was replaced are all at one end.
    pub(super) fn told(self, dialect: Dialect) -> (String, Vec<Value>, String) {
        let Self { lead, columns, low, high, is_descending } = self;
        let direction = if is_descending { " DESC" } else { "" };
        let order = |columns: &[&str]| {
            let columns: Vec<_> = columns.iter().map(|column| format!("{column}{direction}")).collect();
            columns.join(", ")
        };
        let ends = |columns: &[&str]| {
            let (row, marks) = (columns.join(", "), vec!["#"; columns.len()].join(", "));
            format!("({row}) > ({marks}) AND ({row}) < ({marks})")
        };
        match (lead, dialect) {
            (None, _) => (ends(columns), [low, high].concat(), order(columns)),
            (Some((column, value)), Dialect::Sqlite) => {
                let values = [vec![value], low, high].concat();
                (format!("{column} = # AND {}", ends(columns)), values, order(columns))
            }
            (Some((column, value)), Dialect::Postgres) => {
                let columns = [&[column], columns].concat();
                let values = [vec![value.clone()], low, vec![value], high].concat();
                (ends(&columns), values, order(&columns))
            }
        }
    }
}
