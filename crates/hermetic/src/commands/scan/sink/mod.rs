//! Where reports go, one after another as they come. However many there are, one is held, but by the page of HTML:
//! it has the worst first, and so all of them.

mod csv;
mod findings;
mod html;
mod json;
mod junit;
mod lines;
mod pages;

use std::ops::ControlFlow;

use hermetic_probe::certificates::KeysMet;
use jiff::Timestamp;

use super::report::Report;
use super::tally::Fate;
use crate::arguments::{Addresses, Scan, ScanFormat};
use crate::exit::Failure;
use findings::Findings;

/// A format that takes reports as they come.
pub trait Sink {
    /// Takes one, and how its target ends; breaks where nobody reads any more.
    fn take(&mut self, report: &Report, fate: Fate) -> Result<ControlFlow<()>, Failure>;

    /// There are no more. By now it is known which keys several targets have.
    fn end(self: Box<Self>, keys: &KeysMet) -> Result<(), Failure>;
}

/// What prints in this format. `many` is whether there may be more than one report: a document of one is an
/// object of its own, and of many a list.
pub fn of(arguments: &Scan, many: bool, at: Timestamp) -> Result<Box<dyn Sink>, Failure> {
    let each_address = arguments.ip == Addresses::All;
    Ok(match arguments.format {
        ScanFormat::Table => Box::new(pages::Pages::default()),
        ScanFormat::Json if many => Box::new(json::List::begin()?),
        ScanFormat::Json => Box::new(json::One),
        ScanFormat::Jsonl => Box::new(lines::Lines),
        ScanFormat::Html => Box::new(html::Html::default()),
        ScanFormat::Csv => Box::new(csv::Csv::default()),
        ScanFormat::Junit => {
            Box::new(junit::Junit { fail_on: arguments.fail_on.map(Into::into), each_address, begun: false })
        }
        ScanFormat::Sarif => Box::new(Findings::sarif(each_address)?),
        ScanFormat::Ocsf => Box::new(Findings::ocsf(at, each_address)?),
        ScanFormat::Asff => Box::new(Findings::asff(
            arguments.aws_account.clone().unwrap_or_default(),
            arguments.aws_region.clone().unwrap_or_default(),
            at,
            each_address,
        )?),
    })
}
