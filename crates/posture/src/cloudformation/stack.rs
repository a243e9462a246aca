//! One template, and what its names mean: its parameters, conditions, mappings, resources and outputs.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::compared::Compared;
use super::conditions::Progress;
use super::document::section;
use super::for_each;
use super::nested::{Child, Location, Reader};
use super::parameters::Parameters;
use super::sam;
use crate::graph::{Origin, Part, Resource};
use crate::read_error::ReadError;
use crate::value::{Key, Map, Node, PartId, Unknown, Value};

/// One template, and what its names mean.
pub(super) struct Stack<'r> {
    pub(super) reader: &'r Reader<'r>,
    pub(super) location: Location,
    pub(super) part: PartId,
    pub(super) sections: Sections,
    pub(super) parameters: Parameters,
    pub(super) conditions: RefCell<HashMap<Arc<str>, Progress>>,
    problems: RefCell<Vec<ReadError>>,
    left_to_write: Cell<usize>,
    pub(super) children: RefCell<HashMap<Arc<str>, Child<'r>>>,
    /// Whether the stack itself is there.
    there: Value,
}

/// The resources, and where each stands among them: a large template asks for thousands by name.
#[derive(Default)]
pub(super) struct Resources {
    map: Arc<Map>,
    places: HashMap<Arc<str>, usize>,
}

impl Resources {
    fn new(map: Arc<Map>) -> Self {
        let name = |(place, (key, _)): (usize, &(Key, Value))| (Arc::clone(&key.text), place);
        let places = map.entries.iter().enumerate().map(name).collect();
        Self { map, places }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    pub(super) fn named(&self, name: &str) -> Option<&(Key, Value)> {
        self.map.entries.get(*self.places.get(name)?)
    }
}

/// Loops in loops write out no more values than this.
const MOST_WRITTEN: usize = 200_000;

/// The sections of a template, with all loops written out.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) mappings: Arc<Map>,
    pub(super) conditions: Arc<Map>,
    pub(super) resources: Resources,
    pub(super) outputs: Arc<Map>,
    /// In which cases of a loop a resource is there, where that hangs on a choice.
    pub(super) looped: HashMap<Arc<str>, Value>,
}

/// What a parent stack passes, and whether the nested one is there.
pub(super) type FromParent = (HashMap<Arc<str>, Value>, Value);

impl<'r> Stack<'r> {
    pub(super) fn new(
        document: &Value,
        part: PartId,
        reader: &'r Reader<'r>,
        location: Location,
        from_parent: Option<FromParent>,
    ) -> Self {
        let (passed, there) = from_parent.unzip();
        let compared = Compared::of(document);
        let declared = section(document, "Parameters");
        let parameters =
            Parameters::of(&declared, passed.as_ref(), reader.given, &compared, part, document.at);
        let mappings = section(document, "Mappings");
        let mut stack = Self {
            reader,
            location,
            part,
            sections: Sections { mappings, ..Sections::default() },
            parameters,
            conditions: RefCell::default(),
            problems: RefCell::default(),
            left_to_write: Cell::new(MOST_WRITTEN),
            children: RefCell::default(),
            there: there.unwrap_or(Value::new(Node::Bool(true), document.at)),
        };
        // The names of all resources are known first: a loop may refer to them.
        stack.sections.resources = Resources::new(section(document, "Resources"));
        stack.sections.conditions = for_each::written_out(&stack, &section(document, "Conditions")).0;
        let (resources, looped) = for_each::written_out(&stack, &section(document, "Resources"));
        (stack.sections.resources, stack.sections.looped) = (Resources::new(resources), looped);
        if sam::is_sam(document) {
            stack.transform(document.entry("Globals"));
        }
        stack.sections.outputs = for_each::written_out(&stack, &section(document, "Outputs")).0;
        stack
    }

    /// What SAM makes of a resource is there where that resource is.
    fn transform(&mut self, globals: Option<&Value>) {
        let expanded = sam::expanded(&self.sections.resources.map, globals);
        self.sections.resources = Resources::new(Arc::new(expanded.resources));
        for (made, from) in expanded.made_from {
            if let Some(there) = self.sections.looped.get(&from).cloned() {
                self.sections.looped.insert(made, there);
            }
        }
    }

    pub(super) fn problem(&self, problem: ReadError) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Whether a loop may write out one more value.
    pub(super) fn write_one(&self) -> bool {
        let left = self.left_to_write.get().checked_sub(1);
        left.inspect(|left| self.left_to_write.set(*left)).is_some()
    }

    /// All that is declared here and in nested stacks, worked out, and what was wrong with some of it.
    pub(super) fn read(&self, part: &mut Part, problems: &mut Vec<ReadError>) {
        for (name, declared) in &self.sections.resources.map.entries {
            if name.text.starts_with("Fn::") {
                self.left_aside(name);
                continue;
            }
            match self.resource(name, declared) {
                Ok(resource) => part.resources.push(resource),
                Err(problem) => self.problem(problem),
            }
            if let Child::Here(stack) = self.child(&name.text, declared) {
                part.opened.push((self.part, Arc::clone(&name.text)));
                stack.read(part, problems);
            }
        }
        part.exports.extend(self.exports());
        problems.append(&mut self.problems.borrow_mut());
    }

    fn left_aside(&self, name: &Key) {
        if &*name.text == "Fn::Transform" {
            let remedy = "give the template that it makes: what it adds is not judged";
            self.problem(ReadError::new(name.at, "a macro adds resources here", remedy));
        }
    }

    fn resource(&self, name: &Key, declared: &Value) -> Result<Resource, ReadError> {
        let kind = declared.entry("Type");
        let Some(Node::Text(kind)) = kind.map(|kind| &kind.node) else {
            let at = kind.map_or(name.at, |kind| kind.at);
            let what = match kind {
                None => format!("{} has no Type", name.text),
                Some(_) => format!("the Type of {} is no text", name.text),
            };
            return Err(ReadError::new(at, what, "write a type such as AWS::S3::Bucket"));
        };
        let properties = match declared.entry("Properties") {
            Some(properties) => self.worked_out(properties),
            None => Value::new(Node::Null, name.at),
        };
        let properties = match properties.node {
            Node::Null => Value::new(Node::Map(Arc::default()), properties.at),
            Node::Map(_) | Node::Switch(_) | Node::Unknown(_) => properties,
            _ => {
                let what = format!("the Properties of {} are no map", name.text);
                return Err(ReadError::new(properties.at, what, "write them by name"));
            }
        };
        Ok(Resource {
            part: self.part,
            name: Arc::clone(&name.text),
            kind: Arc::clone(kind),
            properties,
            exists: self.exists(&name.text, declared),
            metadata: declared.entry("Metadata").cloned(),
            origin: origin(declared),
            at: name.at,
        })
    }

    pub(super) fn exists(&self, name: &Arc<str>, declared: &Value) -> Value {
        let at = declared.at;
        let looped = self.sections.looped.get(name).cloned();
        let holds = declared.entry("Condition").map(|condition| match &condition.node {
            Node::Text(named) => self.condition(named, condition.at),
            _ => Value::unknown(Unknown::Because("its Condition is no name".into()), condition.at),
        });
        let all: Vec<Value> = [Some(self.there.clone()), looped, holds].into_iter().flatten().collect();
        Value::new(super::conditions::all(&all, at), at)
    }

    fn exports(&self) -> Vec<(Arc<str>, Value)> {
        let export = |output: &Value| -> Option<(Arc<str>, Value)> {
            let name = self.worked_out(output.entry("Export")?.entry("Name")?);
            let Node::Text(name) = name.node else { return None };
            Some((name, self.worked_out(output.entry("Value")?)))
        };
        self.sections.outputs.entries.iter().filter_map(|(_, output)| export(output)).collect()
    }
}

/// The CDK writes the path in its tree into the metadata.
fn origin(declared: &Value) -> Origin {
    let path = declared.entry("Metadata").and_then(|metadata| metadata.entry("aws:cdk:path"));
    match path.map(|path| &path.node) {
        Some(Node::Text(path)) => Origin::Cdk(Some(Arc::clone(path))),
        _ => Origin::CloudFormation,
    }
}
