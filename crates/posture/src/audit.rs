//! Every control over every resource of its types, in every scenario that it tells apart.

use std::collections::HashMap;

use hermetic_hop::Severity;

use crate::control::Control;
use crate::graph::{Graph, Resource, ResourceId};
use crate::scenario::{Scenario, Taken};
use crate::side_by_side;
use crate::span::Span;
use crate::subject::Subject;
use crate::verdict::{Judgement, Standing};
use crate::when::When;

/// How the types of modules end, by which controls name all of them.
const MODULE: &str = "::MODULE";

/// What a control says of a resource over all scenarios.
#[derive(Clone, Debug)]
pub struct Finding<'c> {
    /// The control.
    pub control: &'c Control,
    /// The resource.
    pub resource: ResourceId,
    /// How it stands: the worst of all scenarios.
    pub standing: Standing,
    /// What was seen.
    pub message: String,
    /// How bad it is: what the control says, unless what was seen weighs otherwise.
    pub severity: Severity,
    /// In which scenarios it stands so; none where it is so in all.
    pub when: Option<When>,
    /// Where in the code.
    pub at: Span,
}

/// Judges all resources of a graph by these controls. Findings come in the order of the resources.
pub fn audit<'c>(graph: &Graph, controls: &[&'c Control]) -> Vec<Finding<'c>> {
    audit_telling(graph, controls, &|| ())
}

/// The same, and tells of each resource that is done, from several threads.
pub fn audit_telling<'c>(
    graph: &Graph,
    controls: &[&'c Control],
    done: &(dyn Fn() + Sync),
) -> Vec<Finding<'c>> {
    let mut of_kind: HashMap<&str, Vec<&'c Control>> = HashMap::new();
    for control in controls.iter().filter(|control| control.shown_by_code()) {
        for kind in &control.types {
            of_kind.entry(kind).or_default().push(control);
        }
    }
    let resources: Vec<(ResourceId, &Resource)> = graph.resources().collect();
    let judged = side_by_side::each(
        &resources,
        || (),
        |(), _, (id, resource)| {
            let controls = of_kind.get(kind_of(resource)).map_or(&[][..], Vec::as_slice);
            let findings: Vec<_> =
                controls.iter().map(|control| judge(graph, *id, resource, control)).collect();
            done();
            findings
        },
    );
    judged.into_iter().flatten().collect()
}

/// The type that controls name. A module's own says whose it is, and nothing of what it is made of.
fn kind_of(resource: &Resource) -> &str {
    let kind = &*resource.kind;
    if kind.ends_with(MODULE) { MODULE } else { kind }
}

/// Judges one resource by one control in all scenarios.
pub fn judge<'c>(graph: &Graph, id: ResourceId, resource: &Resource, control: &'c Control) -> Finding<'c> {
    let explored = Scenario::explore(|scenario| control.judge(&Subject { graph, scenario, id, resource }));
    let (judgement, when) = match explored {
        Ok(results) => worst(results),
        Err(_) => {
            let why = "it hangs on more combinations of conditions than are followed";
            (Judgement::unknown(why, resource.at), None)
        }
    };
    let at = judgement.grounds.first().map_or(resource.at, |ground| ground.at);
    let message = message(&judgement);
    let weighed = judgement.grounds.iter().map(|ground| ground.severity.unwrap_or(control.severity));
    let severity = weighed.max().unwrap_or(control.severity);
    Finding { control, resource: id, standing: judgement.standing, message, severity, when, at }
}

/// The worst judgement, and when it is so; no condition where it is so in every scenario.
fn worst(results: Vec<(Judgement, Vec<Taken>)>) -> (Judgement, Option<When>) {
    let standing =
        results.iter().map(|(judgement, _)| judgement.standing).max().unwrap_or(Standing::NotApplicable);
    let all = results.len();
    let (judgements, taken): (Vec<_>, Vec<_>) =
        results.into_iter().filter(|(judgement, _)| judgement.standing == standing).unzip();
    let when = (taken.len() < all).then(|| When::any_of(taken));
    let mut grounds = Vec::new();
    for ground in judgements.into_iter().flat_map(|judgement| judgement.grounds) {
        if !grounds.contains(&ground) {
            grounds.push(ground);
        }
    }
    (Judgement { standing, grounds }, when)
}

/// At most this many grounds are told in one message.
const TOLD: usize = 3;

fn message(judgement: &Judgement) -> String {
    let mut messages: Vec<&str> = Vec::new();
    for ground in &judgement.grounds {
        if !messages.contains(&ground.message.as_str()) {
            messages.push(&ground.message);
        }
    }
    let more = messages.len().saturating_sub(TOLD);
    let mut text = messages.into_iter().take(TOLD).collect::<Vec<_>>().join("; ");
    if more > 0 {
        text.push_str(&format!("; and {more} more"));
    }
    text
}
