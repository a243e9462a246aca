//! HTTP tasks in the definition of a state machine, however deep they are.

use crate::control::Control;
use crate::controls::document::document;
use crate::subject::{Seen, Subject, known_text, text_of};
use crate::test::{Held, begins};
use crate::value::{Map, Node, Value};
use crate::verdict::Judgement;

/// Judges every HTTP task of a state machine.
pub(super) fn judge(_: &Control, machine: &Subject<'_>) -> Judgement {
    let written = match document(machine, path!("Definition")) {
        Seen::Absent(_) => document(machine, path!("DefinitionString")),
        seen => seen,
    };
    written.judge(
        "the definition",
        |definition, _| {
            let substitutions = machine.value(path!("DefinitionSubstitutions")).known();
            below(machine, substitutions, &definition)
        },
        |at| Judgement::unknown("the definition is not in the code", at),
    )
}

/// States may have states of their own, in `Parallel` and in `Map`.
fn below<'v>(machine: &Subject<'v>, substitutions: Option<&'v Value>, value: &'v Value) -> Judgement {
    match &machine.resolve(value).node {
        Node::List(list) => list.iter().map(|value| below(machine, substitutions, value)).collect(),
        Node::Map(map) => {
            let own = match is_http_task(machine, map) {
                true => of_task(machine, substitutions, value),
                false => Judgement::not_applicable(),
            };
            map.entries.iter().fold(own, |all, (_, value)| all.and(below(machine, substitutions, value)))
        }
        _ => Judgement::not_applicable(),
    }
}

/// By the end of the resource, for its partition is often a variable; where that is not known, by an ApiEndpoint, which
/// no other task has.
fn is_http_task<'v>(machine: &Subject<'v>, state: &'v Map) -> bool {
    let Some(resource) = state.entry("Resource").map(|resource| machine.resolve(resource)) else {
        return false;
    };
    if machine.graph.why_unknown(resource).is_some() {
        let inputs = ["Parameters", "Arguments"].into_iter().filter_map(|name| state.entry(name));
        return inputs.into_iter().any(|input| machine.resolve(input).entry("ApiEndpoint").is_some());
    }
    let end = match &resource.node {
        Node::Pieces(pieces) => pieces.last().map_or(resource, |last| machine.resolve(last)),
        _ => resource,
    };
    text_of(end).is_ok_and(|end| end.ends_with("http:invoke"))
}

fn of_task<'v>(machine: &Subject<'v>, substitutions: Option<&'v Value>, task: &'v Value) -> Judgement {
    let paths = [path!("Parameters.ApiEndpoint"), path!("Arguments.ApiEndpoint")];
    let written = paths.map(|path| machine.value_in(task, path));
    let Some(endpoint) = written.into_iter().find(|seen| !matches!(seen, Seen::Absent(_))) else {
        return Judgement::unknown("the ApiEndpoint of an HTTP task is worked out when it runs", task.at);
    };
    let absent = |at| Judgement::unknown("an HTTP task has no ApiEndpoint", at);
    endpoint.judge(
        "the ApiEndpoint of an HTTP task",
        |url, at| of_endpoint(machine, substitutions, url, at),
        absent,
    )
}

fn of_endpoint<'v>(
    machine: &Subject<'v>,
    substitutions: Option<&'v Value>,
    url: &'v Value,
    at: crate::span::Span,
) -> Judgement {
    let written = text_of(url).unwrap_or_default();
    if written.starts_with("$.") || written.starts_with("{%") {
        return Judgement::unknown(format!("ApiEndpoint {written} is worked out when it runs"), at);
    }
    let start = match substituted(&written) {
        Some(name) => substitutions.and_then(|all| machine.resolve(all).entry(name)),
        None => Some(url),
    };
    let Some(start) = start.map(|start| machine.resolve(start)) else {
        return Judgement::unknown(format!("{written} is not among DefinitionSubstitutions"), at);
    };
    match begins(start, &["https://"]) {
        Held::Yes => Judgement::pass("an HTTP task calls by https://", at),
        Held::No => Judgement::fail(format!("an HTTP task does not call by https://: {}", shown(start)), at),
        Held::Unknown(why) => Judgement::unknown(format!("the ApiEndpoint of an HTTP task: {why}"), at),
    }
}

/// The name at the beginning of `${Name}/path`.
fn substituted(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.split_once('}').map(|(name, _)| name)
}

fn shown(value: &Value) -> String {
    known_text(value).unwrap_or_else(|| "what is no text".to_owned())
}
