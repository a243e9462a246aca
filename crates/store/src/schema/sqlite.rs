//! SQLite's tables, as a list of steps: a database at step N has run the first N of them.

use rusqlite::TransactionBehavior::Immediate;
use rusqlite::{Connection, Transaction};

use super::tables::TABLES;
use super::{carry, indexes, released};
use crate::error::{Fault, StoreError};

/// What brings a database from one step to the next.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// Statements.
    Sql(&'static str),
    /// What statements alone can't do.
    Work(fn(&Transaction<'_>) -> Result<(), Fault>),
}

/// Never edit a step that has been released: add one.
const STEPS: &[Step] = &[
    released::FIRST,
    released::TICKETS,
    Step::Work(generations),
    Step::Sql(indexes::INDEXES),
    Step::Sql(indexes::EXPECTED),
];

/// Authorities get generations, and certificates what is known of them beside their bytes.
fn generations(transaction: &Transaction<'_>) -> Result<(), Fault> {
    transaction.execute_batch(
        "ALTER TABLE certificate RENAME TO certificate_before;
         ALTER TABLE authority RENAME TO authority_before;
         DROP INDEX certificate_by_subject;
         DROP INDEX certificate_open;",
    )?;
    transaction.execute_batch(TABLES)?;
    carry::over(transaction)?;
    transaction.execute_batch("DROP TABLE certificate_before; DROP TABLE authority_before;")?;
    transaction.execute("INSERT INTO setting (key, value) VALUES ('identity', randomblob(16))", [])?;
    transaction.execute("INSERT INTO setting (key, value) VALUES ('epoch', CAST('1' AS BLOB))", [])?;
    Ok(())
}

/// Brings a database up to the last step, each in a transaction of its own.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    up_to(connection, STEPS.len())
}

fn up_to(connection: &mut Connection, last: usize) -> Result<(), Fault> {
    for (index, step) in STEPS.iter().enumerate().take(last) {
        let transaction = connection.transaction_with_behavior(Immediate)?;
        // Looked at inside, for another process may be at it, too.
        if done(&transaction)? > index {
            continue;
        }
        match step {
            Step::Sql(sql) => transaction.execute_batch(sql)?,
            Step::Work(work) => work(&transaction)?,
        }
        transaction.pragma_update(None, "user_version", index + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a database that this version can't read as it is.
pub(crate) fn check(connection: &Connection) -> Result<(), Fault> {
    if done(connection)? < STEPS.len() {
        let reason = "made by an older version, or not finished; stop that version, and start `hermetic up` on it once";
        return Err(StoreError::Database(reason.to_owned()).into());
    }
    Ok(())
}

fn done(connection: &Connection) -> Result<usize, Fault> {
    let done: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done > STEPS.len() {
        let reason = "made by a newer version; use that version, or a copy from before it ran";
        return Err(StoreError::Database(reason.to_owned()).into());
    }
    Ok(done)
}

/// A database as the first release made it.
#[cfg(test)]
pub(crate) fn as_first_released(connection: &mut Connection) {
    up_to(connection, 2).unwrap();
}
