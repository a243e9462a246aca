//! OCSF events, for collectors: a list whose findings are held until it ends.

use std::ops::ControlFlow;

use hermetic_hop::{Control, Finding, Reported, ocsf};
use hermetic_probe::findings::controls;
use jiff::Timestamp;

use super::sarif::resource;
use super::{Report, Sink};
use crate::exit::Failure;
use crate::output;

/// The findings so far, each with its target.
#[derive(Debug)]
pub struct Ocsf {
    pub at: Timestamp,
    pub found: Vec<(String, Finding)>,
}

impl Sink for Ocsf {
    fn take(&mut self, report: &Report) -> Result<ControlFlow<()>, Failure> {
        let news = report.judged.news().map(|shown| (report.target.clone(), shown.found.finding.clone()));
        self.found.extend(news);
        Ok(ControlFlow::Continue(()))
    }

    fn end(self: Box<Self>) -> Result<(), Failure> {
        let rules: Vec<Control> = controls().collect();
        let reported =
            self.found.iter().map(|(target, finding)| Reported { finding, resource: resource(target) });
        output::print_json(&ocsf::findings(env!("CARGO_PKG_VERSION"), &rules, reported, self.at))
    }
}
