//! The end of a transaction, sent at once; and what is done where the answer to it is lost.

use std::time::{Duration, Instant};

use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

use super::link::Link;
use super::pipeline::{Sent, all};
use super::{Held, Postgres, value, values};
use crate::engine::{Query, Value};
use crate::error::{Fault, StoreError};
use crate::journal::{JournalEntry, canonical};

/// How long it is looked for whether a commit came through whose answer did not.
const DOUBT: Duration = Duration::from_secs(8);

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(100);

/// Many entries at once.
const APPEND: &str = "
    INSERT INTO journal (number, at, kind, body, previous, hash)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])";

/// What a lost answer is looked up by.
const COUNT: &str = "UPDATE session SET commits = commits + 1 WHERE id = $1";

impl Postgres {
    pub(super) fn commit_and_look(&mut self, entries: &[JournalEntry]) -> Result<(), Fault> {
        let Some(held) = self.session else {
            return Err(StoreError::Database("it was opened for reading only".to_owned()).into());
        };
        let later = std::mem::take(&mut self.later);
        let committed = self.ask(async |link| end(link, later, entries, held).await);
        match committed {
            Ok(()) => {
                self.is_in_transaction = false;
                self.session = Some(Held { commits: held.commits + 1, ..held });
                Ok(())
            }
            Err(Fault::Lost(reason)) => {
                self.is_in_transaction = false;
                self.look_for(held, reason)
            }
            // Where it came as far as COMMIT, the server has rolled it back; where it did not, the turn is still
            // held, and whoever rolls back lets go of it.
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn append_now(&mut self, entries: &[JournalEntry]) -> Result<(), Fault> {
        let entries = Columns::of(entries);
        self.ask(async |link| {
            let append = link.prepared(APPEND).await?;
            link.client().execute(&append, &entries.references()).await.map(drop)
        })
    }

    /// Whether the commit came through after all.
    fn look_for(&mut self, held: Held, reason: String) -> Result<(), Fault> {
        let end = Instant::now() + DOUBT;
        loop {
            match self.commits(held) {
                // What was committed is done, whether or not the next transaction finds a connection.
                Ok(Some(commits)) if commits > held.commits => {
                    let _ = self.open_session();
                    return Ok(());
                }
                Ok(Some(_)) => {
                    self.open_session()?;
                    return Err(Fault::Lost(reason));
                }
                // Another node has swept the session away, and its count: it may have been committed before.
                Ok(None) => {
                    let _ = self.open_session();
                    return Err(Fault::Broken(StoreError::OutcomeUnknown(reason)));
                }
                Err(_) if Instant::now() < end => std::thread::sleep(PAUSE),
                Err(_) => {
                    self.link = None;
                    return Err(Fault::Broken(StoreError::OutcomeUnknown(reason)));
                }
            }
        }
    }

    /// How many transactions the session has committed, once the last of them has come to its end: it has its
    /// turn until then. `None` where the session is gone.
    fn commits(&mut self, held: Held) -> Result<Option<i64>, Fault> {
        self.connect()?;
        let commits = self.begin_turn().and_then(|_| {
            let row = self.first("SELECT commits FROM session WHERE id = $1", &values![held.id])?;
            row.map(|mut row| row.take()).transpose()
        });
        crate::engine::Engine::rollback(self);
        commits
    }
}

/// Sends the rest of a transaction and its commit without waiting in between.
async fn end(
    link: &mut Link,
    later: Vec<(String, Vec<Value>)>,
    entries: &[JournalEntry],
    held: Held,
) -> Result<(), Error> {
    let mut statements = Vec::new();
    for (sql, values) in later {
        statements.push((link.prepared(&sql).await?, values));
    }
    let append = Columns::of(entries);
    let (append_sql, count_sql) = (link.prepared(APPEND).await?, link.prepared(COUNT).await?);
    let (client, id) = (link.client(), Value::from(held.id));
    let mut sent: Vec<Sent<'_, ()>> = Vec::new();
    for (statement, values) in &statements {
        sent.push(Box::pin(
            async move { client.execute(statement, &value::references(values)).await.map(drop) },
        ));
    }
    if !entries.is_empty() {
        sent.push(Box::pin(async { client.execute(&append_sql, &append.references()).await.map(drop) }));
    }
    sent.push(Box::pin(async { client.execute(&count_sql, &[&id]).await.map(drop) }));
    sent.push(Box::pin(async { client.batch_execute("COMMIT").await }));
    all(sent).await.map(drop)
}

/// Entries of the journal, column by column.
struct Columns {
    numbers: Vec<i64>,
    ats: Vec<i64>,
    texts: [Vec<String>; 4],
}

impl Columns {
    fn of(entries: &[JournalEntry]) -> Self {
        let text = |of: fn(&JournalEntry) -> String| entries.iter().map(of).collect();
        Self {
            numbers: entries.iter().map(|entry| i64::try_from(entry.number).unwrap_or(i64::MAX)).collect(),
            ats: entries.iter().map(|entry| entry.at.as_microsecond()).collect(),
            texts: [
                text(|entry| entry.kind.clone()),
                text(|entry| canonical(&entry.body)),
                text(|entry| entry.previous.clone()),
                text(|entry| entry.hash.clone()),
            ],
        }
    }

    fn references(&self) -> Vec<&(dyn ToSql + Sync)> {
        let numbers = [&self.numbers as &(dyn ToSql + Sync), &self.ats];
        numbers.into_iter().chain(self.texts.iter().map(|texts| texts as _)).collect()
    }
}
