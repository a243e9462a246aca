//! Nested stacks whose template is a file beside that of their parent: parameters go down, outputs come up.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::document::document;
use super::given::Given;
use super::stack::Stack;
use super::surroundings::Surroundings;
use crate::read_error::ReadError;
use crate::value::{Node, Unknown, Value};

/// The type of a nested stack.
const STACK: &str = "AWS::CloudFormation::Stack";

/// Stacks in stacks are followed this deep, and no more than so many of them for one template.
const DEEPEST: usize = 16;
const MOST: usize = 500;

/// What all stacks of one template share.
pub(super) struct Reader<'r> {
    pub(super) given: &'r Given,
    pub(super) surroundings: &'r dyn Surroundings,
    left: Cell<usize>,
    /// The templates that were read as nested stacks.
    pub(super) nested: RefCell<Vec<PathBuf>>,
}

/// A nested stack as far as it is known.
#[derive(Clone)]
pub(super) enum Child<'r> {
    /// What is passed to it is being worked out: whoever asks for its outputs now goes in a circle.
    Begun,
    /// Its template is nowhere here.
    Elsewhere,
    Here(Rc<Stack<'r>>),
}

/// Where a template is.
#[derive(Clone, Default)]
pub(super) struct Location {
    pub(super) path: PathBuf,
    /// The templates in whose stacks it is nested.
    above: Vec<PathBuf>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(given: &'r Given, surroundings: &'r dyn Surroundings) -> Self {
        Self { given, surroundings, left: Cell::new(MOST), nested: RefCell::default() }
    }
}

impl Location {
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), above: Vec::new() }
    }

    /// A path that a template names is one from where the template is.
    fn beside(&self, named: &str) -> PathBuf {
        let mut path = self.path.parent().map(Path::to_owned).unwrap_or_default();
        for step in Path::new(named).components() {
            match step {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir if path.file_name().is_some() => {
                    path.pop();
                }
                step => path.push(step),
            }
        }
        path
    }
}

impl<'r> Stack<'r> {
    /// The nested stack of that name, where its template is here.
    pub(super) fn child(&self, name: &Arc<str>, declared: &Value) -> Child<'r> {
        if let Some(child) = self.children.borrow().get(name) {
            return child.clone();
        }
        self.children.borrow_mut().insert(Arc::clone(name), Child::Begun);
        let child = self.open(name, declared).map_or(Child::Elsewhere, |stack| Child::Here(Rc::new(stack)));
        self.children.borrow_mut().insert(Arc::clone(name), child.clone());
        child
    }

    /// An output of a nested stack: `Fn::GetAtt` of `Outputs.Name`.
    pub(super) fn output_of(&self, name: &str, output: &str) -> Option<Node> {
        let output = output.strip_prefix("Outputs.")?;
        let (key, declared) = self.sections.resources.named(name)?;
        match self.child(&key.text, declared) {
            Child::Elsewhere => None,
            Child::Begun => {
                let why = format!("{name} passes itself its own output {output}");
                Some(Node::Unknown(Arc::new(Unknown::Because(why.into()))))
            }
            Child::Here(stack) => Some(stack.output(output, name)),
        }
    }

    fn output(&self, output: &str, name: &str) -> Node {
        let declared = self.sections.outputs.entry(output).and_then(|output| output.entry("Value"));
        declared.map(|value| self.worked_out(value).node).unwrap_or_else(|| {
            let why = format!("the template of {name} has no output {output}");
            Node::Unknown(Arc::new(Unknown::Because(why.into())))
        })
    }

    fn open(&self, name: &Arc<str>, declared: &Value) -> Option<Stack<'r>> {
        let is_stack =
            matches!(declared.entry("Type"), Some(Value { node: Node::Text(kind), .. }) if **kind == *STACK);
        if !is_stack {
            return None;
        }
        let path = self.template_of(declared)?;
        let mut above = self.location.above.clone();
        above.push(self.location.path.clone());
        if above.contains(&path) || above.len() > DEEPEST {
            let what = format!("{name} nests the template that it is in");
            self.problem(ReadError::new(declared.at, what, "break the circle"));
            return None;
        }
        let left = self.reader.left.get().checked_sub(1)?;
        self.reader.left.set(left);
        let (file, text) = self.reader.surroundings.file(&path)?;
        let document = document(&text, file).inspect_err(|problem| self.problem(problem.clone())).ok()?;
        self.reader.nested.borrow_mut().push(path.clone());
        let passed = self.passed(declared);
        let there = self.exists(name, declared);
        let part = self.reader.surroundings.part();
        Some(Stack::new(&document, part, self.reader, Location { path, above }, Some((passed, there))))
    }

    /// The CDK says in the metadata which of its files it is; else it is what was written before a deployment tool put
    /// it into a bucket.
    fn template_of(&self, declared: &Value) -> Option<PathBuf> {
        let asset = declared.entry("Metadata").and_then(|metadata| metadata.entry("aws:asset:path"));
        let url = declared.entry("Properties").and_then(|properties| properties.entry("TemplateURL"));
        match self.worked_out(asset.or(url)?).node {
            Node::Text(named) if !named.contains("://") && !named.is_empty() => {
                Some(self.location.beside(&named))
            }
            _ => None,
        }
    }

    fn passed(&self, declared: &Value) -> HashMap<Arc<str>, Value> {
        let parameters = declared.entry("Properties").and_then(|properties| properties.entry("Parameters"));
        let worked_out = parameters.map(|parameters| self.worked_out(parameters));
        let Some(Value { node: Node::Map(map), .. }) = worked_out else { return HashMap::new() };
        let there = map.entries.iter().filter(|(_, value)| value.node != Node::Null);
        there.map(|(key, value)| (Arc::clone(&key.text), value.clone())).collect()
    }
}
