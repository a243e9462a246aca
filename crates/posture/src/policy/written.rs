//! Names as they are written in a graph, so that a policy is found by what it is for without looking at all of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::{Graph, Resource, ResourceId};
use crate::value::{Node, PartId, Value};

use super::attached::last;
use super::names::naming_of;

/// Names as they are written.
#[derive(Debug, Default)]
pub(crate) struct WrittenNames {
    /// Policies by their type and a text that they have, whole and by its end.
    policies: HashMap<Arc<str>, HashMap<Arc<str>, Vec<ResourceId>>>,
    /// Policies that have something else than text.
    loose: HashMap<(PartId, Arc<str>), Vec<ResourceId>>,
    /// Resources by their type and name.
    resources: HashMap<Arc<str>, HashMap<Arc<str>, Vec<ResourceId>>>,
}

impl WrittenNames {
    /// Looks through a graph.
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut names = Self::default();
        for (id, resource) in graph.resources() {
            names.add_name(id, resource);
            if resource.kind.ends_with("Policy") {
                names.add_policy(id, resource);
            }
        }
        names
    }

    /// The policies of a type that have this text.
    pub(super) fn policies<'n>(
        &'n self,
        kind: &str,
        text: &str,
    ) -> impl Iterator<Item = ResourceId> + use<'n> {
        found(&self.policies, kind, text)
    }

    /// The policies of a type in a part that have something else than text.
    pub(super) fn loose<'n>(
        &'n self,
        part: PartId,
        kind: &str,
    ) -> impl Iterator<Item = ResourceId> + use<'n> {
        self.loose.get(&(part, kind.into())).into_iter().flatten().copied()
    }

    /// The resources of a type that are called so.
    pub(super) fn resources<'n>(
        &'n self,
        kind: &str,
        name: &str,
    ) -> impl Iterator<Item = ResourceId> + use<'n> {
        found(&self.resources, kind, name)
    }

    fn add_name(&mut self, id: ResourceId, resource: &Resource) {
        let name = resource.properties.entry(naming_of(&resource.kind).name);
        if let Some(Value { node: Node::Text(name), .. }) = name {
            let of_kind = self.resources.entry(Arc::clone(&resource.kind)).or_default();
            of_kind.entry(Arc::clone(name)).or_default().push(id);
        }
    }

    fn add_policy(&mut self, id: ResourceId, resource: &Resource) {
        let Node::Map(map) = &resource.properties.node else {
            return self.add_loose(id, resource);
        };
        for (_, value) in &map.entries {
            match &value.node {
                Node::List(elements) => elements.iter().for_each(|it| self.add_target(id, resource, it)),
                Node::Map(_) => {}
                _ => self.add_target(id, resource, value),
            }
        }
    }

    fn add_target(&mut self, id: ResourceId, resource: &Resource, target: &Value) {
        match &target.node {
            Node::Text(text) => {
                let of_kind = self.policies.entry(Arc::clone(&resource.kind)).or_default();
                for text in [&**text, last(text)] {
                    of_kind.entry(text.into()).or_default().push(id);
                }
            }
            Node::Reference(_) | Node::Map(_) | Node::Null | Node::Bool(_) | Node::Number(_) => {}
            _ => self.add_loose(id, resource),
        }
    }

    fn add_loose(&mut self, id: ResourceId, resource: &Resource) {
        self.loose.entry((resource.part, Arc::clone(&resource.kind))).or_default().push(id);
    }
}

fn found<'n>(
    names: &'n HashMap<Arc<str>, HashMap<Arc<str>, Vec<ResourceId>>>,
    kind: &str,
    text: &str,
) -> impl Iterator<Item = ResourceId> + use<'n> {
    names.get(kind).and_then(|of_kind| of_kind.get(text)).into_iter().flatten().copied()
}
