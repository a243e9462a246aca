//! SQLite: a file in the data folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::value::writable;
use super::{Dialect, Engine, Query, Row, Value, values};
use crate::error::{Fault, StoreError};
use crate::folder;
use crate::journal::{self, Head, JournalEntry};
use crate::schema::sqlite as schema;
use crate::session::{SessionFile, SessionId};

/// How long to wait for another process's hold on the database, such as a backup's.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many pages of 4 KiB the write-ahead log has before it is brought into the file.
const LOG: u32 = 8_192;

/// How many pages are kept in memory while writing.
const CACHE: u32 = 4_096;

/// How many statements are kept prepared; the house has fewer.
const PREPARED: usize = 128;

/// A connection to the file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    /// The data folder.
    data: PathBuf,
    /// Of one that writes. Last, so that it ends after the connection.
    session: Option<SessionFile>,
}

/// What becomes of tables that an older version made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    /// They are brought up to date.
    BroughtUpToDate,
    /// They stay, and can't be used.
    LeftAsTheyAre,
}

impl Sqlite {
    /// One that writes. Brings the tables up to date, unless another process may be using them as they are.
    pub(crate) fn writer(data: &Path, node: &str, tables: Tables) -> Result<Self, Fault> {
        let mut connection = open(data, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // With WAL only FULL makes a commit wait for the disk; NORMAL would lose the last ones with the power.
        connection.pragma_update(None, "synchronous", "full")?;
        // Serial numbers and hashes of keys are of chance, so each commit touches pages all over the indexes. The
        // longer the log, the more commits a page is written into the file for only once: with SQLite's 1,000
        // pages, half as many certificates are issued a second.
        connection.pragma_update(None, "wal_autocheckpoint", LOG)?;
        // What one group commit touches must fit, or it is written to the log, and read again, in its midst.
        connection.pragma_update(None, "cache_size", CACHE)?;
        // macOS answers an ordinary fsync before the disk has it; elsewhere this changes nothing.
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is deleted is overwritten: keys of session tickets must not outlive their tickets.
        connection.pragma_update(None, "secure_delete", true)?;
        match tables {
            Tables::BroughtUpToDate => schema::migrate(&mut connection)?,
            Tables::LeftAsTheyAre => schema::check(&connection)?,
        }
        let session = SessionFile::open(data)?;
        let insert = "INSERT INTO session (id, node) VALUES ($1, $2)";
        let id = session.id();
        let mut sqlite = Self { connection, data: data.to_owned(), session: Some(session) };
        sqlite.execute(insert, &values![id, node])?;
        Ok(sqlite)
    }

    /// One that reads.
    pub(crate) fn reader(data: &Path) -> Result<Self, Fault> {
        let connection = open(data, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        schema::check(&connection)?;
        Ok(Self { connection, data: data.to_owned(), session: None })
    }
}

fn open(data: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    let path = folder::database(data);
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

impl Query for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        writable(values)?;
        let mut statement = self.connection.prepare_cached(&numbered(sql))?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let columns = (0..width).map(|index| row.get_ref(index).map(owned));
            found.push(Row::new(columns.collect::<Result<_, _>>()?));
        }
        Ok(found)
    }
}

impl Engine for Sqlite {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Fault> {
        writable(values)?;
        let mut statement = self.connection.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(params_from_iter(values))? as u64)
    }

    fn later(&mut self, sql: &str, values: &[Value]) -> Result<(), Fault> {
        self.execute(sql, values).map(drop)
    }

    fn session(&self) -> SessionId {
        self.session.as_ref().map(SessionFile::id).unwrap_or_default()
    }

    fn is_gone(&mut self, session: SessionId) -> Result<bool, Fault> {
        SessionFile::is_gone(&self.data, session)
    }

    fn begin(&mut self) -> Result<Head, Fault> {
        // Immediate: what is read in it is not changed by another process before it is written.
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        journal::head(self)
    }

    fn append(&mut self, entries: &[JournalEntry]) -> Result<(), Fault> {
        entries.iter().try_for_each(|entry| self.execute(journal::APPEND, &entry.columns()).map(drop))
    }

    fn commit(&mut self, entries: &[JournalEntry]) -> Result<(), Fault> {
        self.append(entries)?;
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    fn rollback(&mut self) {
        // A full disk has rolled it back already; then there is none, which is what was wanted.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// The statement as SQLite numbers its values.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        // The tables are STRICT: there is no real number in them. A text that is no UTF-8 was put there by
        // hand, and is then not what anybody looks for.
        ValueRef::Real(number) => Value::Text(number.to_string()),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let reason = error.to_string();
        Self::Broken(match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full(reason),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Unavailable(reason),
            _ => StoreError::Database(reason),
        })
    }
}
