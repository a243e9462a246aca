//! What a piece of work is given to do its work with.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::value::writable;
use super::{Dialect, Engine, Query, Row, Statement, Value, values};
use crate::actor::Actor;
use crate::error::Fault;
use crate::journal::{Head, JournalEntry};
use crate::session::SessionId;

/// How many entries of the journal wait for the commit at most.
const AT_ONCE: usize = 1_000;

/// A transaction that writes. What is appended to the journal in it goes to the disk with the rest.
pub(crate) struct Transaction<'a> {
    engine: &'a mut dyn Engine,
    head: Head,
    changed: u64,
    entries: Vec<JournalEntry>,
}

impl<'a> Transaction<'a> {
    /// Begins it.
    pub(crate) fn begin(engine: &'a mut dyn Engine) -> Result<Self, Fault> {
        let head = engine.begin()?;
        Ok(Self { engine, head, changed: 0, entries: Vec::new() })
    }

    /// How many rows a statement changed.
    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Fault> {
        let changed = self.engine.execute(sql, values)?;
        self.changed += changed;
        Ok(changed)
    }

    /// The rows that a statement which changes something gives, one for each row that it changes.
    pub(crate) fn changes(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let rows = self.engine.query(sql, values)?;
        self.changed += rows.len() as u64;
        Ok(rows)
    }

    /// The same for one that changes at most one row.
    pub(crate) fn change(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, Fault> {
        Ok(self.changes(sql, values)?.into_iter().next())
    }

    /// What each of these, which change something, gives; see [`Transaction::opened`].
    pub(crate) fn open(&mut self, openings: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        if openings.is_empty() { Ok(Vec::new()) } else { self.engine.queries(openings) }
    }

    /// Takes note of what the opening of the next piece of work has changed.
    pub(crate) fn opened(&mut self, rows: &[Row]) {
        self.changed += rows.len() as u64;
    }

    /// Adds to what was changed before, and so has no outcome of its own.
    pub(crate) fn later(&mut self, sql: &str, values: &[Value]) -> Result<(), Fault> {
        self.changed += 1;
        self.engine.later(sql, values)
    }

    /// The session that this process has with the database.
    pub(crate) fn session(&self) -> SessionId {
        self.engine.session()
    }

    /// Whether the process of another session is gone.
    pub(crate) fn is_gone(&mut self, session: SessionId) -> Result<bool, Fault> {
        self.engine.is_gone(session)
    }

    /// Appends to the journal what the actor did.
    pub(crate) fn append(
        &mut self,
        actor: &Actor,
        at: Timestamp,
        kind: &str,
        body: Json,
    ) -> Result<JournalEntry, Fault> {
        // Here, for at the commit it would be everybody's failure.
        writable(&values![kind])?;
        let entry = self.head.next(at, kind, actor.signed(body));
        self.head = entry.head();
        self.changed += 1;
        self.entries.push(entry.clone());
        if self.entries.len() >= AT_ONCE {
            self.engine.append(&self.entries)?;
            self.entries.clear();
        }
        Ok(entry)
    }

    /// How much was changed so far; grows with each change.
    pub(crate) fn changed(&self) -> u64 {
        self.changed
    }

    /// Brings everything to the disk; gives the new end of the journal.
    pub(crate) fn commit(self) -> Result<Head, Fault> {
        self.engine.commit(&self.entries)?;
        Ok(self.head)
    }
}

impl Query for Transaction<'_> {
    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        self.engine.query(sql, values)
    }
}
