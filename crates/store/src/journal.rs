//! The journal: each entry carries the hash of the one before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing happened, such as `certificate.issued`.
    pub kind: String,
    /// What happened.
    pub body: serde_json::Value,
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
