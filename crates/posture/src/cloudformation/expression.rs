//! Values of a template with their functions worked out.

use std::sync::Arc;

use super::distribute::{distribute, leaves};
use super::stack::Stack;
use super::{for_each, lists, mappings, text};
use crate::span::Span;
use crate::subject::text_of;
use crate::value::{Key, Map, Node, Reference, Unknown, Value};

impl Stack<'_> {
    /// A value with its functions worked out, as far as that can be done before it is deployed.
    pub(super) fn worked_out(&self, value: &Value) -> Value {
        let node = match &value.node {
            Node::Text(text) if text.contains("{{resolve:") => {
                text::pieced(std::slice::from_ref(value), value.at)
            }
            Node::List(elements) => Node::List(self.elements(elements).into()),
            Node::Map(map) => match map.entries.as_slice() {
                [(key, argument)] if is_function(&key.text) => self.function(&key.text, argument, value.at),
                _ => self.map(map),
            },
            node => node.clone(),
        };
        Value::new(node, value.at)
    }

    /// The elements of a list; those that are `AWS::NoValue` are none.
    pub(super) fn elements(&self, elements: &[Value]) -> Vec<Value> {
        let kept = elements.iter().map(|element| (element, self.worked_out(element)));
        kept.filter(|(raw, worked_out)| worked_out.node != Node::Null || raw.node == Node::Null)
            .map(|(_, element)| element)
            .collect()
    }

    fn map(&self, map: &Arc<Map>) -> Node {
        let map = match map.entries.iter().any(|(key, _)| for_each::is_loop(&key.text)) {
            true => for_each::written_out(self, map).0,
            false => Arc::clone(map),
        };
        let entry = |(key, value): &(Key, Value)| match &*key.text {
            // What a macro puts beside the other names, nobody knows.
            "Fn::Transform" => (key.clone(), Value::new(transform(value), value.at)),
            _ => (key.clone(), self.worked_out(value)),
        };
        Node::Map(Arc::new(Map { entries: map.entries.iter().map(entry).collect() }))
    }

    fn function(&self, name: &str, argument: &Value, at: Span) -> Node {
        match name {
            // `AWS::LanguageExtensions` lets a name be worked out, too.
            "Ref" => leaves(&self.worked_out(argument), &|argument| match text_of(argument) {
                Ok(name) => self.named(&name, at),
                Err(_) => unworkable(name),
            }),
            "Fn::GetAtt" => self.attribute(argument, at),
            "Fn::If" => self.chosen(argument),
            "Fn::Sub" => text::sub(self, argument, at),
            "Fn::Join" => text::join(self, argument, at),
            "Fn::Split" => text::split(self, argument, at),
            "Fn::Base64" => text::base64(&self.worked_out(argument)),
            "Fn::ToJsonString" => text::to_json_string(&self.worked_out(argument)),
            "Fn::Select" => lists::select(self, argument, at),
            "Fn::Length" => lists::length(&self.worked_out(argument)),
            "Fn::Cidr" => lists::cidr(self, argument, at),
            "Fn::GetAZs" => looked_up("the Availability Zones of the account"),
            "Fn::FindInMap" => mappings::find(self, argument, at),
            "Fn::ImportValue" => imported(&self.worked_out(argument)),
            "Fn::GetStackOutput" => looked_up("the output of another stack"),
            "Fn::Transform" => transform(argument),
            _ => unworkable(name),
        }
    }

    /// What a `Ref` means: a parameter's value, or the resource of that name.
    pub(super) fn named(&self, name: &Arc<str>, at: Span) -> Node {
        if let Some(value) = self.parameters.value(name) {
            return placed(value, at);
        }
        if self.sections.resources.has(name) {
            return Node::Reference(Reference { part: self.part, name: Arc::clone(name), attribute: None });
        }
        // SAM names what it makes beside a resource so: `Api.Stage`, `Function.Alias`.
        if let Some((resource, made)) = name.split_once('.')
            && self.sections.resources.has(resource)
        {
            return self.attribute_of(resource, made);
        }
        let why = format!("{name} is neither a parameter nor a resource of this template");
        Node::Unknown(Arc::new(Unknown::Because(why.into())))
    }

    /// What `Fn::GetAtt` means, written `A.B` or as a list.
    fn attribute(&self, argument: &Value, at: Span) -> Node {
        match &argument.node {
            Node::Text(text) => match text.split_once('.') {
                Some((name, attribute)) => self.attribute_of(name, attribute),
                None => unworkable("Fn::GetAtt"),
            },
            Node::List(parts) => {
                let parts: Vec<Value> = parts.iter().map(|part| self.worked_out(part)).collect();
                distribute(&parts, at, &|parts| {
                    let texts: Result<Vec<_>, _> = parts.iter().map(text_of).collect();
                    match texts.as_deref() {
                        Ok([name, attribute @ ..]) if !attribute.is_empty() => {
                            self.attribute_of(name, &attribute.join("."))
                        }
                        _ => unworkable("Fn::GetAtt"),
                    }
                })
            }
            _ => unworkable("Fn::GetAtt"),
        }
    }

    pub(super) fn attribute_of(&self, name: &str, attribute: &str) -> Node {
        if !self.sections.resources.has(name) {
            let why = format!("{name} is no resource of this template");
            return Node::Unknown(Arc::new(Unknown::Because(why.into())));
        }
        self.output_of(name, attribute).unwrap_or_else(|| {
            Node::Reference(Reference {
                part: self.part,
                name: name.into(),
                attribute: Some(attribute.into()),
            })
        })
    }

    fn chosen(&self, argument: &Value) -> Node {
        let Node::List(parts) = &argument.node else { return unworkable("Fn::If") };
        let [condition, yes, no] = &**parts else { return unworkable("Fn::If") };
        let Node::Text(name) = &condition.node else { return unworkable("Fn::If") };
        let condition = self.condition(name, condition.at);
        match condition.node {
            Node::Bool(true) => self.worked_out(yes).node,
            Node::Bool(false) => self.worked_out(no).node,
            _ => {
                let (yes, no) = (self.worked_out(yes), self.worked_out(no));
                branches(&condition, &yes, &no).node
            }
        }
    }
}

/// The condition's tree with a value at each of its leaves: each keeps its own place.
fn branches(condition: &Value, yes: &Value, no: &Value) -> Value {
    match &condition.node {
        Node::Bool(true) => yes.clone(),
        Node::Bool(false) => no.clone(),
        Node::Switch(switch) => {
            let arms = switch.arms.iter().map(|arm| branches(arm, yes, no)).collect();
            let choice = Arc::clone(&switch.choice);
            Value::new(Node::Switch(Arc::new(crate::value::Switch { choice, arms })), yes.at)
        }
        _ => condition.clone(),
    }
}

/// A value as it stands where it is referred to.
fn placed(value: &Value, at: Span) -> Node {
    leaves(&Value { at, ..value.clone() }, &|leaf| match &leaf.node {
        Node::List(elements) => {
            Node::List(elements.iter().map(|element| Value { at, ..element.clone() }).collect())
        }
        node => node.clone(),
    })
}

fn imported(name: &Value) -> Node {
    leaves(name, &|name| match text_of(name) {
        Ok(name) => Node::Import(name),
        Err(why) => Node::Unknown(why),
    })
}

fn transform(argument: &Value) -> Node {
    let macro_name = argument.entry("Name").and_then(|name| text_of(name).ok());
    unworkable(&macro_name.map_or("Fn::Transform".to_owned(), |name| format!("Fn::Transform {name}")))
}

fn is_function(name: &str) -> bool {
    name == "Ref" || (name.starts_with("Fn::") && !for_each::is_loop(name))
}

/// A function that is not known, or not written as it has to be.
pub(super) fn unworkable(function: &str) -> Node {
    Node::Unknown(Arc::new(Unknown::Function(function.into())))
}

fn looked_up(what: &str) -> Node {
    Node::Unknown(Arc::new(Unknown::LookedUp(what.into())))
}
