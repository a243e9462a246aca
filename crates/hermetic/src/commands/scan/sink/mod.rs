//! Where reports go, one after another as they come, so that however many there are, one is held.

mod asff;
mod csv;
mod html;
mod json;
mod junit;
mod lines;
mod ocsf;
mod pages;
mod sarif;

use std::ops::ControlFlow;

use jiff::Timestamp;

use super::report::Report;
use crate::arguments::{Scan, ScanFormat};
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
pub fn of(arguments: &Scan, many: bool, at: Timestamp) -> Result<Box<dyn Sink>, Failure> {
    Ok(match arguments.format {
        ScanFormat::Table => Box::new(pages::Pages::default()),
        ScanFormat::Json if many => Box::new(json::List::begin()?),
        ScanFormat::Json => Box::new(json::One),
        ScanFormat::Jsonl => Box::new(lines::Lines),
        ScanFormat::Html => Box::new(html::Html::default()),
        ScanFormat::Csv => Box::new(csv::Csv::default()),
        ScanFormat::Junit => Box::new(junit::Junit::default()),
        ScanFormat::Sarif => Box::new(sarif::Sarif::default()),
        ScanFormat::Ocsf => Box::new(ocsf::Ocsf { at, found: Vec::new() }),
        ScanFormat::Asff => Box::new(asff::Asff {
            account: arguments.aws_account.clone().unwrap_or_default(),
            region: arguments.aws_region.clone().unwrap_or_default(),
            at,
            found: Vec::new(),
        }),
    })
}
