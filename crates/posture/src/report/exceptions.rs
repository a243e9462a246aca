//! What became of each exception: one that covers nothing any more is as good as forgotten, unless it is told.

use std::collections::HashSet;

use hermetic_hop::Exception;
use serde::Serialize;

use super::Terms;
use crate::audit::Finding;
use crate::control::Control;
use crate::exception::{Accepted, Written};
use crate::graph::{Graph, ResourceId};
use crate::verdict::Standing;

/// An exception, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExceptionLine {
    /// The control, as the exception calls it.
    pub control: String,
    /// The resources that it is for.
    pub resource: String,
    /// Why, by whose leave, and until when.
    #[serde(flatten)]
    pub exception: Exception,
    /// The file that it is written in.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// What became of it.
    pub state: State,
}

/// What became of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It counts, and something is covered by it.
    Holds,
    /// Its last day is over: what it was for counts again.
    Ended,
    /// Nothing that it names needs it.
    CoversNothing,
    /// Its control was not asked for.
    NotJudged,
}

/// All exceptions, those of the configuration first.
pub(super) fn lines<'a>(
    graph: &Graph,
    findings: &[Finding<'static>],
    terms: &'a Terms<'_>,
    beside: impl Iterator<Item = &'a Accepted>,
) -> Vec<ExceptionLine> {
    let open: Vec<(&Control, ResourceId)> = findings
        .iter()
        .filter(|it| it.standing > Standing::Pass)
        .map(|it| (it.control, it.resource))
        .collect();
    let judged: HashSet<&str> = terms.judged.iter().flat_map(|control| control.names()).collect();
    let is_judged =
        |accepted: &Accepted| judged.iter().any(|name| name.eq_ignore_ascii_case(&accepted.control));
    let covers_some = |accepted: &Accepted| {
        let is_about = |resource: ResourceId, control: &Control| {
            graph.resource(resource).is_some_and(|resource| accepted.is_about(control, resource))
        };
        open.iter().any(|(control, resource)| is_about(*resource, control))
    };
    let state = |accepted: &Accepted| match accepted.exception.holds_at(terms.now) {
        false => State::Ended,
        true if !is_judged(accepted) => State::NotJudged,
        true if covers_some(accepted) => State::Holds,
        true => State::CoversNothing,
    };
    let written: &'a [Accepted] = terms.accepted;
    written.iter().chain(beside).map(|accepted| line(graph, accepted, state(accepted))).collect()
}

fn line(graph: &Graph, accepted: &Accepted, state: State) -> ExceptionLine {
    let (file, line, column) = match &accepted.written {
        Written::Beside(at) => (graph.files.path(at.file).display().to_string(), at.line, at.column),
        Written::Configuration { file, line, column } => (file.to_string(), *line, *column),
    };
    ExceptionLine {
        control: accepted.control.to_string(),
        resource: accepted.resource.to_string(),
        exception: accepted.exception.clone(),
        file,
        line,
        column,
        state,
    }
}
