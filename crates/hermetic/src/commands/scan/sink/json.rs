//! JSON: the report of one target, or a document with the reports of many.

use std::ops::ControlFlow;

use serde_json::json;

use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output::{self, JsonList};

/// The report of one target.
#[derive(Debug)]
pub struct One;

/// `hermetic.scans/1`: the reports of many.
#[derive(Debug)]
pub struct List {
    scans: JsonList,
    count: u64,
}

impl Sink for One {
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        output::print_json(report)?;
        Ok(ControlFlow::Continue(()))
    }

    fn end(self: Box<Self>, _: &KeysMet) -> Result<(), Failure> {
        Ok(())
    }
}

impl List {
    /// Prints the head of the document.
    pub fn begin() -> Result<Self, Failure> {
        Ok(Self { scans: JsonList::begin("hermetic.scans/1", "scans")?, count: 0 })
    }
}

impl Sink for List {
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        self.count += 1;
        self.scans.page([report])
    }

    fn end(self: Box<Self>, keys: &KeysMet) -> Result<(), Failure> {
        self.scans.end([
            ("count", json!(self.count)),
            ("shared_keys", json!(keys.shared())),
            ("keys_forgotten", json!(keys.forgotten())),
        ])
    }
}
