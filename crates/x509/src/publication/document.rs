//! Something signed that is handed out as it is.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use jiff::Timestamp;

/// Bytes to hand out, and until when they hold. Clones share them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub(super) der: Bytes,
    pub(super) dates: Option<Dates>,
    /// Its entity tag: made once, for a list may have megabytes.
    pub(super) tag: String,
}

/// From when until when a list or an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// When it was made.
    pub this_update: Timestamp,
    /// From when on it is stale.
    pub next_update: Timestamp,
}

impl Document {
    /// A list or an answer.
    pub fn dated(der: impl Into<Bytes>, dates: Dates) -> Self {
        Self { dates: Some(dates), ..Self::undated(der) }
    }

    /// A certificate. Its own dates bind whoever reads it, not whoever hands it out.
    pub fn undated(der: impl Into<Bytes>) -> Self {
        let der = der.into();
        let hash: String =
            digest(&SHA256, &der).as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { der, dates: None, tag: format!("\"{hash}\"") }
    }

    /// The bytes.
    pub fn der(&self) -> &Bytes {
        &self.der
    }

    /// Since when it is stale; `None` where it is not. In whole seconds, as it says so itself.
    pub(super) fn stale_since(&self, now: Timestamp) -> Option<Timestamp> {
        let over = |next_update: &Timestamp| next_update.as_second() <= now.as_second();
        self.dates.map(|dates| dates.next_update).filter(over)
    }
}

impl Dates {
    /// How many seconds are left.
    pub(super) fn left(&self, now: Timestamp) -> i64 {
        self.next_update.as_second().saturating_sub(now.as_second()).max(0)
    }
}
