//! How a finding becomes a line: its severity and whether it counts, and what exceptions there are from it.

use std::collections::HashMap;
use std::sync::Arc;

use super::remedy::{self, Remedy};
use super::{FindingLine, Status, Terms};
use crate::audit::Finding;
use crate::exception::{self, Accepted, Written};
use crate::graph::{Graph, ResourceId};
use crate::read_error::ReadError;

/// What findings are measured by.
pub(super) struct Measure<'a> {
    graph: &'a Graph,
    terms: &'a Terms<'a>,
    /// The exceptions beside the resources.
    beside: HashMap<ResourceId, Vec<Accepted>>,
    /// What is wrong with some of them.
    pub(super) problems: Vec<ReadError>,
}

impl<'a> Measure<'a> {
    pub(super) fn new(graph: &'a Graph, terms: &'a Terms<'a>) -> Self {
        let mut measure = Self { graph, terms, beside: HashMap::new(), problems: Vec::new() };
        for (id, resource) in graph.resources().filter(|(_, resource)| resource.metadata.is_some()) {
            for written in exception::beside(resource) {
                match written {
                    Ok(accepted) => measure.beside.entry(id).or_default().push(accepted),
                    Err(problem) => measure.problems.push(problem),
                }
            }
        }
        measure
    }

    pub(super) fn line(&self, finding: &Finding<'static>) -> Option<FindingLine> {
        let mut line = self.as_judged(finding)?;
        if line.status > Status::Unknown {
            return Some(line);
        }
        let last = self.last_exception(finding);
        let in_source = last.is_some_and(|accepted| matches!(accepted.written, Written::Beside(_)));
        match last.map(|accepted| &accepted.exception) {
            Some(exception) if exception.holds_at(self.terms.now) => {
                line.status = Status::Excepted;
                line.exception = Some(exception.clone());
                line.excepted_in_source = in_source;
            }
            Some(exception) => {
                line.message.push_str(&format!(
                    "; the exception of {} ended with {}",
                    exception.owner, exception.until
                ));
            }
            None => {}
        }
        Some(line)
    }

    /// The exceptions beside the resources, in the order of these.
    pub(super) fn beside(&self) -> impl Iterator<Item = &Accepted> {
        self.graph.resources().filter_map(|(id, _)| self.beside.get(&id)).flatten()
    }

    /// The exception from it that counts the longest, or did.
    fn last_exception(&self, finding: &Finding<'static>) -> Option<&Accepted> {
        let resource = self.graph.resource(finding.resource)?;
        let beside = self.beside.get(&finding.resource).into_iter().flatten();
        let about = |accepted: &&Accepted| accepted.is_about(finding.control, resource);
        self.terms.accepted.iter().chain(beside).filter(about).max_by_key(|accepted| accepted.exception.until)
    }

    fn as_judged(&self, finding: &Finding<'static>) -> Option<FindingLine> {
        let resource = self.graph.resource(finding.resource)?;
        let control = finding.control;
        let severity = self.terms.requirements.severity(control).unwrap_or(finding.severity);
        Some(FindingLine {
            control: &control.id,
            title: &control.title,
            ids: control.ids.clone(),
            status: Status::from(finding.standing),
            severity,
            resource: Arc::clone(&resource.name),
            kind: Arc::clone(&resource.kind),
            file: self.graph.files.path(finding.at.file).display().to_string(),
            line: finding.at.line,
            column: finding.at.column,
            message: finding.message.clone(),
            when: finding.when.as_ref().map(ToString::to_string),
            remedy: remedy::words(control, resource),
            write: Remedy::of(control, resource, self.graph),
            hop: Arc::clone(&control.hop),
            exception: None,
            excepted_in_source: false,
            known: None,
            falls_short: false,
            counts: self.terms.requirements.count(control, severity),
        })
    }
}
