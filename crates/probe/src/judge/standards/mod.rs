//! Whether an endpoint meets what standards demand of it: met, not met, or not to be told, with what decides it.
//!
//! Each standard is a file. A standard says more than can be seen on the wire, of keys in drawers and reviews
//! in calendars; what is judged is what is seen, and a `met` says no more than that.

mod cnsa;
mod mozilla;
mod nist;
mod pci;
mod ruling;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::Scanned;
use ruling::{Ruling, View};

/// A standard, or a level or clause of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Standard {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
}

/// How an endpoint stands to a standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Which.
    #[serde(flatten)]
    pub standard: Standard,
    /// Whether it is met.
    pub answer: Answer,
    /// What decides it: each thing that speaks against it, or what was not to be seen.
    pub because: Vec<String>,
    /// How far the endpoint has come, of standards with several steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
}

/// Whether a standard is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing that is seen speaks against it, and all that it asks for was seen.
    Met,
    /// Something speaks against it.
    NotMet,
    /// Nothing that is seen speaks against it, and not all was to be seen.
    CouldNotTell,
}

/// All that an endpoint is held against, in the order of reports.
pub fn standings(scanned: &Scanned) -> Vec<Standing> {
    let view = View::of(scanned);
    [mozilla::standings(&view), pci::standings(&view), nist::standings(&view), cnsa::standings(&view)]
        .concat()
}

impl Answer {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::CouldNotTell => "could not tell",
        }
    }
}
