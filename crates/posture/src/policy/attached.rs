//! Which policies are for which resource: by reference, by name, by ARN, or perhaps.

use crate::graph::ResourceId;
use crate::subject::Subject;
use crate::value::{Node, Value};

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
    let named = Named::of(subject);
    let referring = subject.graph.referring(subject.id).map(|(id, _)| id);
    let written = subject.graph.written_names();
    let by_text = [&named.name, &named.arn].into_iter().flat_map(|text| written.policies(of.kind, text));
    let loose = written.loose(subject.resource.part, of.kind);
    // What is called by something unknown may be called anything.
    let any = named.is_called_whatever().then(|| subject.graph.of_kind(of.kind).map(|(id, _)| id));
    let any = any.into_iter().flatten();
    let mut ids: Vec<ResourceId> = referring.chain(by_text).chain(loose).chain(any).collect();
    ids.sort_unstable();
    ids.dedup();
    let candidates = ids.into_iter().filter_map(|id| subject.of(id));
    let of_kind = candidates.filter(|policy| &*policy.resource.kind == of.kind);
    let meant = of_kind.map(|policy| (policy, named.is_meant_by(&policy, of)));
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
        let candidates = candidates(policy, target, kinds).into_iter().filter_map(|id| policy.of(id));
        let mut of_kinds = candidates.filter(|it| kinds.contains(&&*it.resource.kind));
        of_kinds.any(|it| Named::of(&it).is_it(policy, target) == Meant::Yes)
    };
    let targets = policy.written(of.target).into_iter().filter(|target| !is_inside(target));
    targets.map(|target| arn(&renderer, target, by_name, place)).collect()
}

/// The ARN of a target; by its name alone, it is of this type.
fn arn<'g>(renderer: &Renderer<'g>, target: &'g Value, kind: &str, place: &Place) -> String {
    let text = renderer.text(target);
    let name = last(&text);
    if text.starts_with("arn:") { text } else { naming_of(kind).arn_of(name, place) }
}

/// The ARN of what a policy is for by its own words, where that is only perhaps this resource: its statements go by the
/// same words.
pub(crate) fn perhaps_for(
    subject: &Subject<'_>,
    policy: &Subject<'_>,
    of: &PolicyOf,
    place: &Place,
) -> Option<String> {
    let named = Named::of(subject);
    let mut targets = policy.written(of.target).into_iter();
    let target = targets.find(|target| named.is_it(policy, target) == Meant::Perhaps)?;
    Some(arn(&Renderer::new(*policy, place.clone()), target, &subject.resource.kind, place))
}

/// What a target may be of these types: what it refers to, what is called so, or anything of the same part.
fn candidates(policy: &Subject<'_>, target: &Value, kinds: &[&str]) -> Vec<ResourceId> {
    match &target.node {
        Node::Reference(reference) => policy.graph.target(reference).into_iter().collect(),
        Node::Text(text) => {
            let written = policy.graph.written_names();
            kinds.iter().flat_map(|kind| written.resources(kind, last(text))).collect()
        }
        _ => {
            let all = kinds.iter().flat_map(|kind| policy.graph.of_kind(kind));
            all.filter(|(_, it)| it.part == policy.resource.part).map(|(id, _)| id).collect()
        }
    }
}

/// What an ARN or a URL ends in.
pub(super) fn last(text: &str) -> &str {
    text.rsplit(['/', ':']).next().unwrap_or(text)
}

/// A resource by its names.
struct Named<'s, 'g> {
    resource: &'s Subject<'g>,
    renderer: Renderer<'g>,
    name: String,
    arn: String,
    /// Whether the code says what it is called.
    is_named: bool,
}

impl<'s, 'g> Named<'s, 'g> {
    fn of(resource: &'s Subject<'g>) -> Self {
        let renderer = Renderer::new(*resource, Place::default());
        let (name, arn) = (renderer.name(resource.resource), renderer.arn(resource.resource));
        let is_named = renderer.is_named(resource.resource);
        Self { resource, renderer, name, arn, is_named }
    }

    fn is_meant_by(&self, policy: &Subject<'g>, of: &PolicyOf) -> Meant {
        let best = policy.written(of.target).into_iter().map(|target| self.is_it(policy, target)).max();
        match (policy.exists(), best.unwrap_or(Meant::No)) {
            (Some(false), _) => Meant::No,
            (None, Meant::Yes) => Meant::Perhaps,
            (_, best) => best,
        }
    }

    fn is_it(&self, policy: &Subject<'g>, target: &'g Value) -> Meant {
        if let Some(referred) = policy.target(target) {
            return if referred.id == self.resource.id { Meant::Yes } else { Meant::No };
        }
        let text = self.renderer.text(target);
        if (self.is_named && (text == self.name || last(&text) == self.name)) || text == self.arn {
            return Meant::Yes;
        }
        // Nobody can name by a parameter what the template leaves without a name; and a stray policy of another
        // template excuses no resource of this one.
        let is_unknown = text.contains(UNKNOWN) || self.is_called_whatever();
        let may_be = is_unknown && self.is_named && policy.resource.part == self.resource.resource.part;
        if may_be && !self.is_anothers(&text) { Meant::Perhaps } else { Meant::No }
    }

    /// Whether it has a name of its own, and nobody knows which.
    fn is_called_whatever(&self) -> bool {
        self.is_named && self.name.contains(UNKNOWN)
    }

    /// Whether another of its type is called so in writing: no two have one name.
    fn is_anothers(&self, text: &str) -> bool {
        let Subject { graph, resource, id, .. } = self.resource;
        graph.written_names().resources(&resource.kind, last(text)).any(|other| other != *id)
    }
}
