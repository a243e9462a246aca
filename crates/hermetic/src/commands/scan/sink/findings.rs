//! Findings alone, in formats of others: SARIF 2.1.0 for code scanning, the AWS Security Finding Format for Security
//! Hub, and OCSF events for collectors. Each is printed as it comes.

use std::ops::ControlFlow;

use hermetic_hop::asff::{self, Account};
use hermetic_hop::{Control, Reported, Resource, ocsf, sarif};
use hermetic_probe::findings::controls;
use jiff::Timestamp;
use serde_json::Value;

use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output::JsonList;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A document whose list is the findings.
pub struct Findings {
    list: JsonList,
    /// What stands behind the list.
    tail: String,
    written: Box<dyn Fn(&Reported<'_>) -> Value>,
    /// Whether a target has a resource for each of its addresses.
    each_address: bool,
}

impl Findings {
    /// A log of one run.
    pub fn sarif(each_address: bool) -> Result<Self, Failure> {
        const RESULTS: &str = "\"results\": [";
        let rules = rules();
        let empty = serde_json::to_string_pretty(&sarif::log(VERSION, &rules, []))
            .map_err(|error| Failure::unable(format!("the log can't be written as JSON: {error}")))?;
        let (head, tail) = empty.split_once(&format!("{RESULTS}]")).unwrap_or((&empty, ""));
        let written = Box::new(move |reported: &Reported<'_>| sarif::result(&rules, reported));
        let list = JsonList::open(&format!("{head}{RESULTS}"))?;
        Ok(Self { list, tail: format!("{tail}\n"), written, each_address })
    }

    /// A list for one account and region.
    pub fn asff(account: String, region: String, at: Timestamp, each_address: bool) -> Result<Self, Failure> {
        let rules = rules();
        let written = Box::new(move |reported: &Reported<'_>| {
            asff::finding(Account { id: &account, region: &region }, &rules, reported, at)
        });
        Ok(Self { list: JsonList::open("[")?, tail: "\n".to_owned(), written, each_address })
    }

    /// A list of events.
    pub fn ocsf(at: Timestamp, each_address: bool) -> Result<Self, Failure> {
        let rules = rules();
        let written = Box::new(move |reported: &Reported<'_>| ocsf::finding(VERSION, &rules, reported, at));
        Ok(Self { list: JsonList::open("[")?, tail: "\n".to_owned(), written, each_address })
    }
}

impl Sink for Findings {
    /// What a baseline knows is left out, as the host of the log would show it again.
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        let place = report.place(self.each_address);
        let resource =
            || Resource { kind: "endpoint", id: &place, name: &place, details: Vec::new(), place: None };
        let news = report.judged.news().map(|shown| &shown.found.finding);
        let written = news.map(|finding| (self.written)(&Reported { finding, resource: resource() }));
        self.list.page(written)
    }

    fn end(self: Box<Self>, _: &KeysMet) -> Result<(), Failure> {
        self.list.close(&self.tail)
    }
}

fn rules() -> Vec<Control> {
    controls().collect()
}
