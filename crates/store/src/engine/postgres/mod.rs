//! PostgreSQL: one database for many nodes.
//!
//! One node writes at a time: a transaction begins by waiting for its turn at the journal, which is one
//! chain over all nodes. So what a piece of work sees is what there is, and no two wait for each other.

mod commit;
mod failure;
mod link;
mod migrate;
mod pipeline;
mod server;
mod value;
mod wire;

use std::sync::Arc;

use tokio_postgres::SimpleQueryMessage;

use super::value::writable;
use super::{Dialect, Engine, Query, Row, Statement, Value, values};
use crate::error::{Fault, StoreError};
use crate::journal::{BEGINNING, Head, JournalEntry};
use crate::session::{self, SessionId};
use link::{Link, Waiting};
pub(crate) use server::Server;

/// How many statements wait for the end of a transaction at most.
const AT_ONCE: usize = 1_000;

/// Begins, waits for its turn, and reads the end of the journal as it is then.
const BEGIN: &str = "
    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SELECT 1 FROM journal_turn FOR UPDATE;
    SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1";

/// A connection to a server, made anew where it is lost.
pub(crate) struct Postgres {
    runtime: Waiting,
    server: Arc<Server>,
    /// Of one that writes, the session is open on it.
    link: Option<Link>,
    /// Of one that writes.
    session: Option<Held>,
    /// The name of this node.
    node: String,
    is_in_transaction: bool,
    /// Statements of the transaction that nobody waits for before its end.
    later: Vec<(String, Vec<Value>)>,
}

/// A session that is held, or was until the connection was lost.
#[derive(Clone, Copy, Debug)]
struct Held {
    id: SessionId,
    /// How many transactions it has committed.
    commits: i64,
}

impl Postgres {
    /// One that writes. Brings the tables up to date.
    pub(crate) fn writer(server: Arc<Server>, node: &str) -> Result<Self, Fault> {
        let mut postgres = Self::new(server, node)?;
        postgres.connect()?;
        postgres.migrate()?;
        postgres.open_session()?;
        Ok(postgres)
    }

    /// One that reads.
    pub(crate) fn reader(server: Arc<Server>) -> Result<Self, Fault> {
        let mut postgres = Self::new(server, "")?;
        postgres.connect()?;
        postgres.check()?;
        Ok(postgres)
    }

    fn new(server: Arc<Server>, node: &str) -> Result<Self, Fault> {
        Ok(Self {
            runtime: Waiting::new()?,
            server,
            link: None,
            session: None,
            node: node.to_owned(),
            is_in_transaction: false,
            later: Vec::new(),
        })
    }

    /// Opens a session on a connection that is new, in the place of the one before: what was in use, and the
    /// renewals that were begun, are its own now. Open intents are not, for the answer to one of them may
    /// have been lost; they are presumed issued when somebody sweeps.
    fn open_session(&mut self) -> Result<(), Fault> {
        let outcome = self.try_to_open_session();
        if outcome.is_err() {
            self.link = None;
            self.is_in_transaction = false;
        }
        outcome
    }

    fn try_to_open_session(&mut self) -> Result<(), Fault> {
        let id = session::new_id()?;
        self.begin_turn()?;
        self.query("SELECT 1 FROM (SELECT pg_advisory_lock($1)) AS held", &values![id])?;
        let insert = "INSERT INTO session (id, node) VALUES ($1, $2)";
        self.execute(insert, &values![id, self.node.as_str()])?;
        if let Some(before) = self.session {
            for table in ["certificate_use", "renewal"] {
                let sql = format!("UPDATE {table} SET session = $1 WHERE session = $2");
                self.execute(&sql, &values![id, before.id])?;
            }
        }
        self.statement("COMMIT")?;
        self.is_in_transaction = false;
        self.session = Some(Held { id, commits: 0 });
        Ok(())
    }

    fn begin_turn(&mut self) -> Result<Head, Fault> {
        // What follows BEGIN may fail, such as the wait for the turn, and leaves a transaction that only ROLLBACK
        // ends.
        self.is_in_transaction = true;
        let told = self.ask(async |link| link.client().simple_query(BEGIN).await)?;
        let rows = told.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) if row.len() == 2 => Some(row),
            _ => None,
        });
        let Some(last) = rows.last() else { return Ok(Head { number: 0, hash: BEGINNING.to_owned() }) };
        let number = last.get(0).and_then(|number| number.parse().ok());
        match (number, last.get(1)) {
            (Some(number), Some(hash)) => Ok(Head { number, hash: hash.to_owned() }),
            _ => Err(StoreError::Database("the end of the journal can't be read".to_owned()).into()),
        }
    }

    /// Runs a statement that has no values and gives no rows.
    fn statement(&mut self, sql: &str) -> Result<(), Fault> {
        self.ask(async |link| link.client().batch_execute(sql).await)
    }

    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        self.ask(async |link| {
            let statement = link.prepared(sql).await?;
            let rows = link.client().query(&statement, &value::references(values)).await?;
            rows.iter().map(value::row).collect()
        })
    }
}

impl Query for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        writable(values)?;
        if self.is_in_transaction {
            return self.rows(sql, values);
        }
        // Alone, a question can be asked again.
        if self.link.is_some() {
            match self.rows(sql, values) {
                Err(Fault::Lost(_)) => {}
                answer => return answer,
            }
        }
        self.connect()?;
        self.rows(sql, values)
    }
}

impl Engine for Postgres {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Fault> {
        writable(values)?;
        self.ask(async |link| {
            let statement = link.prepared(sql).await?;
            link.client().execute(&statement, &value::references(values)).await
        })
    }

    fn queries(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        self.rows_of_each(statements)
    }

    fn later(&mut self, sql: &str, values: &[Value]) -> Result<(), Fault> {
        writable(values)?;
        self.later.push((sql.to_owned(), values.to_vec()));
        if self.later.len() < AT_ONCE {
            return Ok(());
        }
        let later = std::mem::take(&mut self.later);
        later.iter().try_for_each(|(sql, values)| self.execute(sql, values).map(drop))
    }

    fn session(&self) -> SessionId {
        self.session.map(|held| held.id).unwrap_or_default()
    }

    fn is_gone(&mut self, session: SessionId) -> Result<bool, Fault> {
        let sql = "SELECT pg_try_advisory_xact_lock($1)";
        let taken = self.first(sql, &values![session])?;
        taken.map_or(Ok(false), |mut row| row.take())
    }

    fn begin(&mut self) -> Result<Head, Fault> {
        if self.link.is_none() {
            self.connect()?;
            self.open_session()?;
        }
        self.begin_turn()
    }

    fn append(&mut self, entries: &[JournalEntry]) -> Result<(), Fault> {
        self.append_now(entries)
    }

    fn commit(&mut self, entries: &[JournalEntry]) -> Result<(), Fault> {
        self.commit_and_look(entries)
    }

    fn rollback(&mut self) {
        self.later.clear();
        if std::mem::take(&mut self.is_in_transaction)
            && self.link.is_some()
            && self.statement("ROLLBACK").is_err()
        {
            // One that can't even be rolled back is of no use.
            self.link = None;
        }
    }
}
