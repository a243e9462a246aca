//! SARIF 2.1.0, for code scanning: a log of one run, whose findings are held until it ends.

use std::ops::ControlFlow;

use hermetic_hop::{Control, Finding, Reported, Resource, sarif};
use hermetic_probe::findings::controls;

use super::{Report, Sink};
use crate::exit::Failure;
use crate::output;

/// The findings so far, each with its target.
#[derive(Debug, Default)]
pub struct Sarif {
    found: Vec<(String, Finding)>,
}

impl Sink for Sarif {
    fn take(&mut self, report: &Report) -> Result<ControlFlow<()>, Failure> {
        // What a baseline knows is left out, as the host of the log would show it again.
        let news = report.judged.news().map(|shown| (report.target.clone(), shown.found.finding.clone()));
        self.found.extend(news);
        Ok(ControlFlow::Continue(()))
    }

    fn end(self: Box<Self>) -> Result<(), Failure> {
        let rules: Vec<Control> = controls().collect();
        let reported =
            self.found.iter().map(|(target, finding)| Reported { finding, resource: resource(target) });
        output::print_json(&sarif::log(env!("CARGO_PKG_VERSION"), &rules, reported))
    }
}

pub fn resource(target: &str) -> Resource<'_> {
    Resource { kind: "endpoint", id: target, name: target, details: Vec::new(), place: None }
}
