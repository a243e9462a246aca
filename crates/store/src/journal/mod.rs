//! The journal: each entry carries the hash of the one before.
//!
//! An entry's hash is SHA-256 over its canonical text: the JSON object of `at`, `body`, `kind`, `number`
//! and `previous`, keys sorted at every depth and no white space. Anyone can check an exported entry:
//! `jq -cSj 'del(.hash)' entry.json | sha256sum`.
//!
//! The chain shows that nothing before an entry was changed or taken out. That the last entries were
//! not cut off, only a hash of them kept elsewhere can show.

mod chain;
mod once;

pub use chain::{Chain, JournalHead, JournalHeadError};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Store;
use crate::engine::{self, Query, Row, to_the_microsecond, values};
use crate::error::{Fault, StoreError};

/// Adds an entry; its values are those of [`JournalEntry::columns`].
pub(crate) const APPEND: &str =
    "INSERT INTO journal (number, at, kind, body, previous, hash) VALUES ($1, $2, $3, $4, $5, $6)";

/// How many entries are read at once while the chain is followed.
const STRETCH: usize = 1000;

/// What the first entry has in place of a predecessor's hash.
pub(crate) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// An entry is not the one whose hash was kept elsewhere: all from some entry on were made anew.
    #[error("entry {0} has another hash than the one that was kept; it, or one before it, was replaced")]
    Another(u64),
    /// The last entries are missing.
    #[error("the entries from {from} on are missing; entry {expected} was there once")]
    CutOff {
        /// The first that is missing.
        from: u64,
        /// The one that must be there.
        expected: u64,
    },
    /// The entry whose hash was kept comes before all that there is to check.
    #[error("entry {expected} can't be checked here, where entry {first} is the first")]
    Before {
        /// The one that must be there.
        expected: u64,
        /// The first that is there.
        first: u64,
    },
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

    /// The entry as one line of JSON, keys sorted at every depth, as it is exported.
    pub fn line(&self) -> String {
        canonical(&serde_json::json!({
            "number": self.number,
            "at": self.at,
            "kind": self.kind,
            "body": self.body,
            "previous": self.previous,
            "hash": self.hash,
        }))
    }

    /// The entry of such a line; `None` where it is written in any other way, for a key that stands there
    /// twice would hash as one.
    pub fn of_line(line: &str) -> Option<Self> {
        let entry: Self = serde_json::from_str(line).ok()?;
        (entry.line() == line).then_some(entry)
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

/// The end of the journal.
pub(crate) use chain::JournalHead as Head;

impl Head {
    /// The entry that follows.
    pub(crate) fn next(&self, at: Timestamp, kind: &str, body: Value) -> JournalEntry {
        let mut entry = JournalEntry {
            number: self.number + 1,
            at: to_the_microsecond(at),
            kind: kind.to_owned(),
            body,
            previous: self.hash.clone(),
            hash: String::new(),
        };
        entry.hash = entry.digest();
        entry
    }
}

impl JournalEntry {
    /// The end of a journal that ends with this.
    pub(crate) fn head(&self) -> Head {
        Head { number: self.number, hash: self.hash.clone() }
    }

    /// The values of its columns.
    pub(crate) fn columns(&self) -> [engine::Value; 6] {
        values![self.number, self.at, &self.kind, canonical(&self.body), &self.previous, &self.hash]
    }
}

impl Store {
    /// Appends to the journal, with who and from where, and with `result` `done` where the body, an object,
    /// names none. Durable when it returns.
    pub async fn append(&self, at: Timestamp, kind: &str, body: Value) -> Result<JournalEntry, StoreError> {
        let (actor, kind) = (self.actor.clone(), kind.to_owned());
        let work = move |transaction: &mut engine::Transaction<'_>| {
            transaction.append(&actor, at, &kind, body.clone())
        };
        self.database.write(work).await
    }

    /// Reads the journal from `from` on, at most `most` entries.
    pub async fn journal(&self, from: u64, most: usize) -> Result<Vec<JournalEntry>, StoreError> {
        self.database.read(move |reader| entries(reader, from, most)).await
    }

    /// The latest entries of the kinds that are wanted, at most `most`, the oldest first.
    pub async fn latest_entries(
        &self,
        most: usize,
        is_wanted: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.database.read(move |reader| latest(reader, most, &is_wanted)).await
    }

    /// Checks the whole chain of the journal; gives how many entries it has.
    pub async fn verify_journal(&self) -> Result<u64, StoreError> {
        Ok(self.follow_journal(None).await?.number)
    }

    /// Checks the whole chain of the journal, and that it passes the place expected; gives where it ends.
    pub async fn follow_journal(&self, expected: Option<JournalHead>) -> Result<JournalHead, StoreError> {
        self.database.read(move |reader| follow(reader, expected)).await
    }
}

/// Where the journal ends.
pub(crate) fn head(database: &mut dyn Query) -> Result<Head, Fault> {
    let last = database.first("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1", &[])?;
    match last {
        Some(mut row) => Ok(Head { number: row.take()?, hash: row.take()? }),
        None => Ok(Head::beginning()),
    }
}

/// The entries from `from` on, at most `most`.
fn entries(database: &mut dyn Query, from: u64, most: usize) -> Result<Vec<JournalEntry>, Fault> {
    let sql = "SELECT number, at, kind, body, previous, hash FROM journal
               WHERE number >= $1 ORDER BY number LIMIT $2";
    database.query(sql, &values![from, most])?.into_iter().map(entry).collect()
}

/// Follows the chain from its beginning. What is appended meanwhile is followed, too.
pub(crate) fn follow(database: &mut dyn Query, expected: Option<JournalHead>) -> Result<JournalHead, Fault> {
    let mut chain = Chain::from_the_beginning(expected);
    // From the lowest there is, be it one that was never given out.
    let mut from = i64::MIN;
    loop {
        let sql = "SELECT number, at, kind, body, previous, hash FROM journal
                   WHERE number >= $1 ORDER BY number LIMIT $2";
        let stretch = database.query(sql, &values![from, STRETCH])?;
        if stretch.is_empty() {
            return Ok(chain.end().map_err(StoreError::Journal)?);
        }
        for row in stretch {
            let entry = entry(row)?;
            chain.follow(&entry).map_err(StoreError::Journal)?;
        }
        from = i64::try_from(chain.next()).unwrap_or(i64::MAX);
    }
}

/// Looks back from the end, for there is no index of kinds.
fn latest(
    database: &mut dyn Query,
    most: usize,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<JournalEntry>, Fault> {
    let mut before = i64::MAX;
    let mut found = Vec::new();
    while found.len() < most {
        let sql = "SELECT number, at, kind, body, previous, hash FROM journal
                   WHERE number < $1 ORDER BY number DESC LIMIT $2";
        let stretch = database.query(sql, &values![before, STRETCH])?;
        if stretch.is_empty() {
            break;
        }
        for row in stretch {
            let entry = entry(row)?;
            before = i64::try_from(entry.number).unwrap_or(i64::MAX);
            if found.len() < most && is_wanted(&entry.kind) {
                found.push(entry);
            }
        }
    }
    found.reverse();
    Ok(found)
}

fn entry(mut row: Row) -> Result<JournalEntry, Fault> {
    // A number below 1 was never given out; the chain's first entry is then not where it should be.
    let number: i64 = row.take()?;
    let number = u64::try_from(number).map_err(|_| StoreError::Journal(JournalProblem::Gap(1)))?;
    let altered = || Fault::from(StoreError::Journal(JournalProblem::Altered(number)));
    let at = row.take().map_err(|_| altered())?;
    let mut text = || row.take::<String>().map_err(|_| altered());
    let (kind, written, previous, hash) = (text()?, text()?, text()?, text()?);
    let body: Value = serde_json::from_str(&written).map_err(|_| altered())?;
    // Other white space or order would hash the same; but it is not what was written.
    if canonical(&body) != written {
        return Err(altered());
    }
    Ok(JournalEntry { number, at, kind, body, previous, hash })
}

/// JSON with sorted keys and no white space.
pub(crate) fn canonical(value: &Value) -> String {
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
    hex(&sha256_of(bytes))
}

/// SHA-256.
pub(crate) fn sha256_of(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
