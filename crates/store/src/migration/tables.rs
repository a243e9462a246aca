//! What is taken along, table by table.

use crate::engine::{Dialect, Engine, Query, Value};
use crate::error::Fault;

/// How many rows are taken at a time. The values of a statement are numbered, and the databases count to
/// about 32,000.
const ROWS: usize = 500;

/// A table, as it is taken along.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Its columns, of which the first ones are its key.
    columns: &'static [&'static str],
    key: usize,
}

/// All tables but those about processes that have the store open. What refers to another row comes after it.
pub(super) const TABLES: [Table; 9] = [
    Table { name: "setting", columns: &["key", "value"], key: 1 },
    Table {
        name: "authority",
        columns: &[
            "id",
            "name",
            "generation",
            "state",
            "stage",
            "parent_id",
            "subject",
            "key_algorithm",
            "sealed_key",
            "token_key",
            "csr",
            "chain_pem",
            "crl_shards",
            "policy",
            "not_before",
            "not_after",
            "state_before",
            "restorable_until",
            "at",
        ],
        key: 1,
    },
    Table {
        name: "certificate",
        columns: &[
            "id",
            "serial",
            "authority_id",
            "origin",
            "state",
            "profile",
            "subject",
            "names",
            "key_algorithm",
            "key_fingerprint",
            "shard",
            "exportable",
            "exported_at",
            "not_before",
            "not_after",
            "at",
            "revoked_at",
            "reason",
            "replaces",
            "requester",
            "to_be_signed",
            "certificate",
            "fingerprint",
            "chain_pem",
            "sealed_key",
        ],
        key: 1,
    },
    Table { name: "certificate_name", columns: &["name", "certificate_id"], key: 2 },
    Table {
        name: "revocation_list",
        columns: &["authority_id", "shard", "number", "this_update", "next_update", "der"],
        key: 2,
    },
    Table { name: "ocsp_answer", columns: &["certificate_id", "this_update", "next_update", "der"], key: 1 },
    Table { name: "renewal", columns: &["subject", "failures", "reason", "next_attempt"], key: 1 },
    Table { name: "ticket_key", columns: &["starts", "sealed_secret", "at"], key: 1 },
    Table { name: "journal", columns: &["number", "at", "kind", "body", "previous", "hash"], key: 1 },
];

impl Table {
    /// Takes all rows along; gives how many there were.
    pub(super) fn take(&self, from: &mut dyn Query, to: &mut dyn Engine) -> Result<u64, Fault> {
        let mut count = 0;
        let mut last: Option<Vec<Value>> = None;
        loop {
            let rows = self.stretch(from, last.as_deref())?;
            let Some(end) = rows.last() else { return Ok(count) };
            last = Some(end.iter().take(self.key).cloned().collect());
            count += rows.len() as u64;
            let values: Vec<Value> = rows.iter().flatten().cloned().collect();
            to.execute(&self.insert(rows.len()), &values)?;
        }
    }

    /// How many rows there are.
    pub(super) fn count(&self, database: &mut dyn Query) -> Result<u64, Fault> {
        let count = database.first(&format!("SELECT count(*) FROM {}", self.name), &[])?;
        count.map_or(Ok(0), |mut row| row.take())
    }

    /// Lets the database go on counting after the ids that were given.
    pub(super) fn go_on_counting(&self, database: &mut dyn Engine) -> Result<(), Fault> {
        let name = self.name;
        if database.dialect() == Dialect::Postgres && self.columns.first() == Some(&"id") {
            let last = format!("(SELECT COALESCE(max(id), 0) + 1 FROM {name})");
            let sql = format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last}, false)");
            database.query(&sql, &[])?;
        }
        Ok(())
    }

    fn stretch(&self, from: &mut dyn Query, after: Option<&[Value]>) -> Result<Vec<Vec<Value>>, Fault> {
        let (columns, name) = (self.columns.join(", "), self.name);
        let key: Vec<_> = self.columns.iter().take(self.key).copied().collect();
        let key = key.join(", ");
        let condition = match after {
            None => String::new(),
            Some(_) => format!("WHERE ({key}) > ({})", numbers(1, self.key)),
        };
        let sql = format!("SELECT {columns} FROM {name} {condition} ORDER BY {key} LIMIT {ROWS}");
        let rows = from.query(&sql, after.unwrap_or_default())?;
        Ok(rows.into_iter().map(|row| row.rest()).collect())
    }

    fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let rows: Vec<_> = (0..rows).map(|row| format!("({})", numbers(1 + row * width, width))).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name, self.columns.join(", "), rows.join(", "))
    }
}

/// So many numbered values: `$4, $5, $6`.
fn numbers(first: usize, count: usize) -> String {
    let numbers: Vec<_> = (first..first + count).map(|number| format!("${number}")).collect();
    numbers.join(", ")
}
