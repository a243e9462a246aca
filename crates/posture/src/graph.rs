//! One graph of resources, whatever they came from. Its model is CloudFormation's: a type, and its properties.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::policy::WrittenNames;
use crate::scenario::Scenario;
use crate::settled::Settled;
use crate::span::{Files, Span};
use crate::value::{Node, PartId, Reference, Unknown, Value};

/// The place of a resource in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(usize);

/// A resource as infrastructure code declares it.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The part that declares it.
    pub part: PartId,
    /// Its logical id, or its address in Terraform.
    pub name: Arc<str>,
    /// The CloudFormation type, such as `AWS::S3::Bucket`.
    pub kind: Arc<str>,
    /// Its properties, in the shape of the CloudFormation schema.
    pub properties: Value,
    /// Whether it is there at all: a Bool, or a Switch between them, or Unknown.
    pub exists: Value,
    /// What else the code says of it, such as CloudFormation's `Metadata`.
    pub metadata: Option<Value>,
    /// Which language declares it.
    pub origin: Origin,
    /// Where it begins.
    pub at: Span,
}

/// What a resource was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A CloudFormation or SAM template.
    CloudFormation,
    /// A template that the CDK wrote, with the path in its tree where it says one.
    Cdk(Option<Arc<str>>),
    /// A Terraform plan or state, with the type in Terraform.
    Terraform(Arc<str>),
}

/// What one reader gives: resources with their own names.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// What is declared.
    pub resources: Vec<Resource>,
    /// What is exported to other parts, by name.
    pub exports: Vec<(Arc<str>, Value)>,
    /// The nested stacks whose templates were read, too, by the parts and names of their resources.
    pub opened: Vec<(PartId, Arc<str>)>,
}

/// All resources of an audit.
#[derive(Debug, Default)]
pub struct Graph {
    /// The files they come from.
    pub files: Files,
    /// The instant at which they are judged; certificates in the code have ended by then, or not. Without one nobody
    /// can tell.
    pub judged_at: Option<Timestamp>,
    resources: Vec<Resource>,
    by_name: HashMap<PartId, HashMap<Arc<str>, ResourceId>>,
    by_kind: HashMap<Arc<str>, Vec<ResourceId>>,
    exports: HashMap<Arc<str>, Value>,
    opened: HashSet<(PartId, Arc<str>)>,
    referring: HashMap<ResourceId, Vec<ResourceId>>,
    written_names: OnceLock<WrittenNames>,
    settled: Settled,
}

impl Graph {
    /// Puts the parts together.
    pub fn new(files: Files, parts: Vec<Part>) -> Self {
        let mut graph = Self { files, ..Self::default() };
        for part in parts {
            graph.exports.extend(part.exports);
            graph.opened.extend(part.opened);
            for resource in part.resources {
                let id = ResourceId(graph.resources.len());
                graph.by_name.entry(resource.part).or_default().insert(Arc::clone(&resource.name), id);
                graph.by_kind.entry(Arc::clone(&resource.kind)).or_default().push(id);
                graph.resources.push(resource);
            }
        }
        graph.link();
        graph
    }

    /// All resources, in the order in which they were read.
    pub fn resources(&self) -> impl Iterator<Item = (ResourceId, &Resource)> {
        self.resources.iter().enumerate().map(|(index, resource)| (ResourceId(index), resource))
    }

    /// A resource of this graph.
    pub fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.get(id.0)
    }

    /// Whether what is nested in a resource was read with it.
    pub fn is_opened(&self, resource: &Resource) -> bool {
        self.opened.contains(&(resource.part, Arc::clone(&resource.name)))
    }

    /// All resources of a CloudFormation type.
    pub fn of_kind<'g>(&'g self, kind: &str) -> impl Iterator<Item = (ResourceId, &'g Resource)> + use<'g> {
        let ids = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| Some((*id, self.resource(*id)?)))
    }

    /// The resource that a reference points at.
    pub fn target(&self, reference: &Reference) -> Option<ResourceId> {
        self.by_name.get(&reference.part)?.get(&reference.name).copied()
    }

    /// The names of resources and of what policies are for, as they are written.
    pub(crate) fn written_names(&self) -> &WrittenNames {
        self.written_names.get_or_init(|| WrittenNames::of(self))
    }

    /// The judgements that hang on no choice.
    pub(crate) fn settled(&self) -> &Settled {
        &self.settled
    }

    /// The resources that refer to this one anywhere in their properties.
    pub fn referring(&self, id: ResourceId) -> impl Iterator<Item = (ResourceId, &Resource)> {
        let ids = self.referring.get(&id).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| Some((*id, self.resource(*id)?)))
    }

    /// A value in a scenario: never a Switch, and an Import only where nothing exports that name.
    pub fn resolve<'g>(&'g self, scenario: &Scenario, value: &'g Value) -> &'g Value {
        let mut value = value;
        // Exports that import each other would go round for ever.
        for _ in 0..64 {
            let next = match &value.node {
                Node::Switch(switch) => switch.arms.get(scenario.arm(&switch.choice)),
                Node::Import(name) => self.exports.get(name),
                _ => None,
            };
            match next {
                Some(next) => value = next,
                None => break,
            }
        }
        value
    }

    /// Whether a resource is there in a scenario; unknown where nobody can tell.
    pub fn exists(&self, scenario: &Scenario, resource: &Resource) -> Option<bool> {
        match self.resolve(scenario, &resource.exists).node {
            Node::Bool(exists) => Some(exists),
            _ => None,
        }
    }

    /// Why a value is not known, where that is so. A reference is not: it is known what it points at.
    pub fn why_unknown(&self, value: &Value) -> Option<Arc<Unknown>> {
        match &value.node {
            Node::Unknown(why) => Some(Arc::clone(why)),
            Node::Import(name) => Some(Arc::new(Unknown::Imported(Arc::clone(name)))),
            _ => None,
        }
    }

    fn link(&mut self) {
        let mut referring: HashMap<ResourceId, Vec<ResourceId>> = HashMap::new();
        for (id, resource) in self.resources() {
            let mut targets = Vec::new();
            self.references(&resource.properties, &mut targets);
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                referring.entry(target).or_default().push(id);
            }
        }
        self.referring = referring;
    }

    fn references(&self, value: &Value, targets: &mut Vec<ResourceId>) {
        match &value.node {
            Node::Reference(reference) => targets.extend(self.target(reference)),
            Node::Base64(value) => self.references(value, targets),
            Node::Pieces(values) | Node::List(values) => {
                values.iter().for_each(|value| self.references(value, targets));
            }
            Node::Map(map) => map.entries.iter().for_each(|(_, value)| self.references(value, targets)),
            Node::Switch(switch) => switch.arms.iter().for_each(|value| self.references(value, targets)),
            Node::Import(name) => {
                if let Some(value) = self.exports.get(name) {
                    self.references_of_export(value, targets);
                }
            }
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Unknown(_) => {}
        }
    }

    /// One step only: exports that import each other would go round for ever.
    fn references_of_export(&self, value: &Value, targets: &mut Vec<ResourceId>) {
        if !matches!(value.node, Node::Import(_)) {
            self.references(value, targets);
        }
    }
}
