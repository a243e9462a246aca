//! The tables of a server, brought up to date.

use super::Postgres;
use crate::engine::Query;
use crate::error::{Fault, StoreError};
use crate::schema::postgres as schema;

impl Postgres {
    /// Brings the tables up to date, in one transaction; of several nodes that start at once, one does.
    pub(super) fn migrate(&mut self) -> Result<(), Fault> {
        self.statement(schema::BEGIN).map_err(with_remedy)?;
        self.is_in_transaction = true;
        self.must_be_utf_8()?;
        let done = self.done()?;
        for (index, step) in schema::steps().iter().enumerate().skip(done) {
            self.statement(step).map_err(with_remedy)?;
            self.statement(&format!("UPDATE schema_step SET done = {}", index + 1))?;
        }
        self.statement("COMMIT")?;
        self.is_in_transaction = false;
        Ok(())
    }

    /// Refuses tables that this version can't read as they are.
    pub(super) fn check(&mut self) -> Result<(), Fault> {
        let exists = self.first("SELECT to_regclass('schema_step') IS NOT NULL", &[])?;
        let exists = exists.map_or(Ok(false), |mut row| row.take())?;
        if !exists || self.done()? < schema::steps().len() {
            let reason = "there is nothing of this version here yet; start `hermetic up` with it once";
            return Err(StoreError::Database(reason.to_owned()).into());
        }
        Ok(())
    }

    fn done(&mut self) -> Result<usize, Fault> {
        let done = self.first("SELECT done FROM schema_step", &[])?;
        let done: u32 = done.map_or(Ok(0), |mut row| row.take())?;
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        if done > schema::steps().len() {
            let reason = "made by a newer version; use that version on all nodes";
            return Err(StoreError::Database(reason.to_owned()).into());
        }
        Ok(done)
    }

    fn must_be_utf_8(&mut self) -> Result<(), Fault> {
        let told = self.first("SELECT current_setting('server_encoding')", &[])?;
        let encoding: String = told.map_or(Ok(String::new()), |mut row| row.take())?;
        if encoding != "UTF8" {
            let reason = format!("the database has the encoding {encoding}; make one with ENCODING 'UTF8'");
            return Err(StoreError::Database(reason).into());
        }
        Ok(())
    }
}

/// Since PostgreSQL 15, only a database's owner may make tables in it.
fn with_remedy(fault: Fault) -> Fault {
    match fault {
        Fault::Broken(StoreError::Database(reason)) if reason.contains("permission denied") => {
            let remedy = "make the database with the user as its owner: CREATE DATABASE … OWNER …";
            Fault::Broken(StoreError::Database(format!("{reason}; {remedy}")))
        }
        other => other,
    }
}
