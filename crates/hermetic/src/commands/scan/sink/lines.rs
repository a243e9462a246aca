//! JSON lines: a report a line, for what reads them as they come.

use std::ops::ControlFlow;

use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output;

/// A report a line.
#[derive(Debug)]
pub struct Lines;

impl Sink for Lines {
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        let line = serde_json::to_string(report)
            .map_err(|error| Failure::unable(format!("the result can't be written as JSON: {error}")))?;
        output::print_while_read(&(line + "\n"))
    }

    fn end(self: Box<Self>, _: &KeysMet) -> Result<(), Failure> {
        Ok(())
    }
}
