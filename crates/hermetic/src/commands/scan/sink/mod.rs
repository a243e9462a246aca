//! Where reports go, one after another as they come, so that however many there are, one is held.

mod json;
mod lines;
mod pages;

use std::ops::ControlFlow;

use super::report::Report;
use crate::arguments::ScanFormat;
use crate::exit::Failure;

/// A format that takes reports as they come.
pub trait Sink {
    /// Takes one; breaks where nobody reads any more.
    fn take(&mut self, report: &Report) -> Result<ControlFlow<()>, Failure>;

    /// There are no more.
    fn end(self: Box<Self>) -> Result<(), Failure>;
}

/// What prints in this format. `many` is whether there may be more than one report: a document of one is an
/// object of its own, and of many a list.
pub fn of(format: ScanFormat, many: bool) -> Result<Box<dyn Sink>, Failure> {
    Ok(match format {
        ScanFormat::Table => Box::new(pages::Pages::default()),
        ScanFormat::Json if many => Box::new(json::List::begin()?),
        ScanFormat::Json => Box::new(json::One),
        ScanFormat::Jsonl => Box::new(lines::Lines),
    })
}
