//! The database behind the store: what each of them can do, and what is asked of them in common.
//!
//! A statement is written once, with `$1`, `$2` … for its values, and means the same to each.

pub(crate) mod group;
mod postgres;
mod sqlite;
mod transaction;
mod value;

pub(crate) use postgres::{Postgres, Server};
pub(crate) use sqlite::{Sqlite, Tables};
pub(crate) use transaction::Transaction;
pub(crate) use value::{Row, Taken, Value, to_the_microsecond, values};

use crate::error::Fault;
use crate::journal::{Head, JournalEntry};
use crate::session::SessionId;

/// Whose planner reads a statement: a few are put as it takes them best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

/// A statement with its values.
#[derive(Debug)]
pub(crate) struct Statement {
    /// With `$1`, `$2` … for the values.
    pub(crate) sql: &'static str,
    /// In their order.
    pub(crate) values: Vec<Value>,
}

/// Whatever answers questions: a transaction that writes, or a connection that only reads.
pub(crate) trait Query {
    /// Whose planner reads what is asked.
    fn dialect(&self) -> Dialect;

    /// The rows that a statement gives.
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault>;

    /// The first of them.
    fn first(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, Fault> {
        Ok(self.query(sql, values)?.into_iter().next())
    }
}

/// A connection to a database. Every call blocks.
pub(crate) trait Engine: Query + Send {
    /// How many rows a statement changed.
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Fault>;

    /// The rows that each of these gives, done in their order. Nothing waits for an answer before the last of
    /// them is sent, where the database is far. The first failure is everybody's.
    fn queries(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        statements.iter().map(|Statement { sql, values }| self.query(sql, values)).collect()
    }

    /// Runs a statement whose outcome nobody waits for; it fails the transaction, not the piece of work.
    fn later(&mut self, sql: &str, values: &[Value]) -> Result<(), Fault>;

    /// The session that this process has with the database.
    fn session(&self) -> SessionId;

    /// Whether the process of another session is gone. Until the transaction ends, it does not come back.
    fn is_gone(&mut self, session: SessionId) -> Result<bool, Fault>;

    /// Begins a transaction that writes, alone until it ends, and gives the end of the journal.
    fn begin(&mut self) -> Result<Head, Fault>;

    /// Adds these to the journal now: there are too many to keep them all until the commit.
    fn append(&mut self, entries: &[JournalEntry]) -> Result<(), Fault>;

    /// Adds these to the journal, and commits the transaction to the disk.
    fn commit(&mut self, entries: &[JournalEntry]) -> Result<(), Fault>;

    /// Leaves nothing of the transaction, if there is one.
    fn rollback(&mut self);
}
