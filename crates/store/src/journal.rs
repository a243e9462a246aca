//! The journal: each entry carries the hash of the one before.
//!
//! An entry's hash is SHA-256 over its canonical text: the JSON object of `at`, `body`, `kind`, `number`
//! and `previous`, keys sorted at every depth and no white space. Anyone can check an exported entry:
//! `jq -cSj 'del(.hash)' entry.json | sha256sum`.
//!
//! The chain shows that nothing before an entry was changed or taken out. That the last entries were
//! not cut off, only a hash of them kept elsewhere can show.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Fault, StoreError};
use crate::instant::Instant;

/// What the first entry has in place of a predecessor's hash.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When, to the microsecond.
    pub at: Timestamp,
    /// What kind of thing happened, such as `certificate.issued`.
    pub kind: String,
    /// What happened.
    pub body: Value,
    /// The hash of the entry before, in hex.
    pub previous: String,
    /// SHA-256 over all of the above, in hex.
    pub hash: String,
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalProblem {
    /// An entry is missing.
    #[error("entry {0} is missing")]
    Gap(u64),
    /// An entry's content does not match its hash, or its predecessor's.
    #[error("entry {0} does not match its hash")]
    Altered(u64),
}

impl JournalEntry {
    /// The hash that this content must have, in hex.
    pub fn digest(&self) -> String {
        let text = format!(
            r#"{{"at":"{}","body":{},"kind":{},"number":{},"previous":{}}}"#,
            self.at,
            canonical(&self.body),
            Value::from(self.kind.as_str()),
            self.number,
            Value::from(self.previous.as_str()),
        );
        sha256(text.as_bytes())
    }

    fn follows(&self, number: u64, previous: &str) -> Result<(), JournalProblem> {
        if self.number != number {
            return Err(JournalProblem::Gap(number));
        }
        if self.previous != previous || self.hash != self.digest() {
            return Err(JournalProblem::Altered(number));
        }
        Ok(())
    }
}

/// Appends, in the transaction of what it tells about.
pub(crate) fn append(
    connection: &Connection,
    at: Timestamp,
    kind: &str,
    body: Value,
) -> Result<JournalEntry, Fault> {
    let last: Option<(u64, String)> = connection
        .query_row("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (number, previous) = last.unwrap_or((0, BEGINNING.to_owned()));
    let mut entry = JournalEntry {
        number: number + 1,
        at: Instant::of(at).0,
        kind: kind.to_owned(),
        body,
        previous,
        hash: String::new(),
    };
    entry.hash = entry.digest();
    connection.execute(
        "INSERT INTO journal (number, at, kind, body, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            entry.number,
            Instant(entry.at),
            entry.kind,
            canonical(&entry.body),
            entry.previous,
            entry.hash
        ],
    )?;
    Ok(entry)
}

/// The entries from `from` on, at most `most`.
pub(crate) fn entries(connection: &Connection, from: u64, most: usize) -> Result<Vec<JournalEntry>, Fault> {
    let mut statement =
        connection.prepare("SELECT * FROM journal WHERE number >= ?1 ORDER BY number LIMIT ?2")?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![from, most])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

/// Follows the chain from its beginning; gives how many entries it has.
pub(crate) fn verify(connection: &Connection) -> Result<u64, Fault> {
    let mut statement = connection.prepare("SELECT * FROM journal ORDER BY number")?;
    let mut rows = statement.query([])?;
    let (mut count, mut previous) = (0, BEGINNING.to_owned());
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        entry.follows(count + 1, &previous).map_err(StoreError::Journal)?;
        (count, previous) = (entry.number, entry.hash);
    }
    Ok(count)
}

fn entry(row: &Row<'_>) -> Result<JournalEntry, Fault> {
    let number: i64 = row.get("number")?;
    // A number below 1 was never given out; the chain's first entry is then not where it should be.
    let number = u64::try_from(number).map_err(|_| StoreError::Journal(JournalProblem::Gap(1)))?;
    let altered = || Fault::from(StoreError::Journal(JournalProblem::Altered(number)));
    let text = |column: &str| row.get::<_, String>(column).map_err(|_| altered());
    let written = text("body")?;
    let body: Value = serde_json::from_str(&written).map_err(|_| altered())?;
    // Other white space or order would hash the same; but it is not what was written.
    if canonical(&body) != written {
        return Err(altered());
    }
    Ok(JournalEntry {
        number,
        at: row.get::<_, Instant>("at").map_err(|_| altered())?.0,
        kind: text("kind")?,
        body,
        previous: text("previous")?,
        hash: text("hash")?,
    })
}

/// JSON with sorted keys and no white space.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            // serde_json keeps either sorted or insertion order, as any crate of the build may choose.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| key.as_str());
            let members: Vec<_> = members
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
