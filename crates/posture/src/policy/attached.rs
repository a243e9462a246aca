//! Which policies are for which resource: by reference, by name, by ARN, or perhaps.

use crate::subject::Subject;
use crate::value::Value;

use super::names::{Place, naming_of};
use super::render::{Renderer, UNKNOWN};

/// A type of resource that is the policy of another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyOf {
    /// The type of the policy.
    pub(crate) kind: &'static str,
    /// What it is for.
    pub(crate) target: &'static str,
    /// Its document.
    pub(crate) document: &'static str,
}

/// Whether a policy is for a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meant {
    No,
    Perhaps,
    Yes,
}

/// The policies of a type that are for a resource, or perhaps are.
pub(crate) fn policies<'g>(subject: &Subject<'g>, of: &PolicyOf) -> Vec<(Subject<'g>, Meant)> {
    let policies = subject.graph.of_kind(of.kind).filter_map(|(id, _)| subject.of(id));
    let meant = policies.map(|policy| (policy, meant(&policy, of, subject)));
    meant.filter(|(_, meant)| *meant != Meant::No).collect()
}

/// The ARNs of what a policy is for, but for resources of the graph of these types; by its name alone, it is of that
/// type.
pub(crate) fn outside(
    policy: &Subject<'_>,
    of: &PolicyOf,
    kinds: &[&str],
    by_name: &str,
    place: &Place,
) -> Vec<String> {
    let renderer = Renderer::new(*policy, place.clone());
    let is_inside = |target: &&Value| {
        let mut resources = kinds.iter().flat_map(|kind| policy.graph.of_kind(kind));
        resources.any(|(id, _)| policy.of(id).is_some_and(|it| is_it(policy, target, &it) == Meant::Yes))
    };
    let arn = |target| {
        let text = renderer.text(target);
        let name = text.rsplit('/').next().unwrap_or(&text);
        if text.starts_with("arn:") { text } else { naming_of(by_name).arn_of(name, place) }
    };
    policy.written(of.target).into_iter().filter(|target| !is_inside(target)).map(arn).collect()
}

fn meant<'g>(policy: &Subject<'g>, of: &PolicyOf, resource: &Subject<'g>) -> Meant {
    let targets = policy.written(of.target);
    let best = targets.into_iter().map(|target| is_it(policy, target, resource)).max();
    match (policy.exists(), best.unwrap_or(Meant::No)) {
        (Some(false), _) => Meant::No,
        (None, Meant::Yes) => Meant::Perhaps,
        (_, best) => best,
    }
}

fn is_it<'g>(policy: &Subject<'g>, target: &'g Value, resource: &Subject<'g>) -> Meant {
    let referred = policy.target(target).map(|target| target.id);
    if referred == Some(resource.id) {
        return Meant::Yes;
    }
    let renderer = Renderer::new(*resource, Place::default());
    let (text, name) = (renderer.text(target), renderer.name(resource.resource));
    let is_named = renderer.is_named(resource.resource);
    let last = text.rsplit(['/', ':']).next().unwrap_or_default();
    if (is_named && (text == name || last == name)) || text == renderer.arn(resource.resource) {
        return Meant::Yes;
    }
    let elsewhere = policy.resource.part != resource.resource.part;
    match (referred, text.contains(UNKNOWN) || name.contains(UNKNOWN)) {
        // Within one template nobody can name by a parameter what the template leaves without a name.
        (None, true) if elsewhere || is_named => Meant::Perhaps,
        _ => Meant::No,
    }
}
