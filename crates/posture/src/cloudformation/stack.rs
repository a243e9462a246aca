//! One template, and what its names mean: its parameters, conditions, mappings, resources and outputs.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::compared::Compared;
use super::conditions::Progress;
use super::document::section;
use super::for_each;
use super::given::Given;
use super::parameters::Parameters;
use crate::graph::{Origin, Part, Resource};
use crate::read_error::ReadError;
use crate::value::{Key, Map, Node, PartId, Unknown, Value};

/// One template, and what its names mean.
pub(super) struct Stack<'g> {
    pub(super) part: PartId,
    pub(super) sections: Sections,
    pub(super) parameters: Parameters,
    pub(super) conditions: RefCell<HashMap<Arc<str>, Progress>>,
    problems: RefCell<Vec<ReadError>>,
    left_to_write: Cell<usize>,
    _given: std::marker::PhantomData<&'g Given>,
}

/// Loops in loops write out no more values than this.
const MOST_WRITTEN: usize = 200_000;

/// The sections of a template, with all loops written out.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) mappings: Arc<Map>,
    pub(super) conditions: Arc<Map>,
    pub(super) resources: Arc<Map>,
    pub(super) outputs: Arc<Map>,
    /// In which cases of a loop a resource is there, where that hangs on a choice.
    pub(super) looped: HashMap<Arc<str>, Value>,
}

impl<'g> Stack<'g> {
    pub(super) fn new(
        document: &Value,
        part: PartId,
        given: &'g Given,
        passed: Option<&HashMap<Arc<str>, Value>>,
    ) -> Self {
        let compared = Compared::of(document);
        let declared = section(document, "Parameters");
        let nowhere = document.at;
        let parameters = Parameters::of(&declared, passed, given, &compared, part, nowhere);
        let mappings = section(document, "Mappings");
        let mut stack = Self {
            part,
            sections: Sections { mappings, ..Sections::default() },
            parameters,
            conditions: RefCell::default(),
            problems: RefCell::default(),
            left_to_write: Cell::new(MOST_WRITTEN),
            _given: std::marker::PhantomData,
        };
        // The names of all resources are known first: a loop may refer to them.
        stack.sections.resources = section(document, "Resources");
        stack.sections.conditions = for_each::written_out(&stack, &section(document, "Conditions")).0;
        let (resources, looped) = for_each::written_out(&stack, &section(document, "Resources"));
        (stack.sections.resources, stack.sections.looped) = (resources, looped);
        stack.sections.outputs = for_each::written_out(&stack, &section(document, "Outputs")).0;
        stack
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

    /// All that is declared, worked out, and what was wrong with some of it.
    pub(super) fn read(self) -> (Part, Vec<ReadError>) {
        let mut part = Part::default();
        for (name, declared) in &self.sections.resources.entries {
            if name.text.starts_with("Fn::") {
                self.left_aside(name);
                continue;
            }
            match self.resource(name, declared) {
                Ok(resource) => part.resources.push(resource),
                Err(problem) => self.problem(problem),
            }
        }
        part.exports = self.exports();
        (part, self.problems.into_inner())
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
            exists: self.exists(name, declared),
            metadata: declared.entry("Metadata").cloned(),
            origin: Origin::CloudFormation,
            at: name.at,
        })
    }

    fn exists(&self, name: &Key, declared: &Value) -> Value {
        let always = Value::new(Node::Bool(true), name.at);
        let looped = self.sections.looped.get(&name.text).cloned().unwrap_or(always);
        match declared.entry("Condition").map(|condition| (&condition.node, condition.at)) {
            Some((Node::Text(condition), at)) => {
                let holds = self.condition(condition, at);
                Value::new(super::conditions::all(&[looped, holds], at), at)
            }
            Some((_, at)) => Value::unknown(Unknown::Because("its Condition is no name".into()), at),
            None => looped,
        }
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
