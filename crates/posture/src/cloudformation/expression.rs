//! Values of a template with their functions worked out.

use std::collections::HashSet;
use std::sync::Arc;

use super::map;
use crate::value::{Map, Node, PartId, Reference, Unknown, Value};

/// The names that mean something in a template.
pub(super) struct Names {
    pub(super) part: PartId,
    resources: HashSet<Arc<str>>,
}

impl Names {
    pub(super) fn of(document: &Value, part: PartId) -> Self {
        let resources = map(document.entry("Resources")).into_iter().flat_map(|map| &map.entries);
        Self { part, resources: resources.map(|(key, _)| Arc::clone(&key.text)).collect() }
    }

    pub(super) fn worked_out(&self, value: &Value) -> Value {
        let node = match &value.node {
            Node::List(elements) => {
                Node::List(elements.iter().map(|element| self.worked_out(element)).collect())
            }
            Node::Map(map) => match map.entries.as_slice() {
                [(key, argument)] if key.text.starts_with("Fn::") || &*key.text == "Ref" => {
                    self.function(&key.text, argument)
                }
                entries => {
                    let entries = entries.iter().map(|(key, value)| (key.clone(), self.worked_out(value)));
                    Node::Map(Arc::new(Map { entries: entries.collect() }))
                }
            },
            node => node.clone(),
        };
        Value::new(node, value.at)
    }

    fn function(&self, name: &str, argument: &Value) -> Node {
        let unknown = || Node::Unknown(Arc::new(Unknown::Function(name.into())));
        match (name, &argument.node) {
            ("Ref", Node::Text(name)) => self.named(name, None),
            ("Fn::GetAtt", Node::Text(text)) => match text.split_once('.') {
                Some((name, attribute)) => self.named(name, Some(attribute)),
                None => unknown(),
            },
            ("Fn::GetAtt", Node::List(parts)) => {
                match parts.iter().map(|part| &part.node).collect::<Vec<_>>()[..] {
                    [Node::Text(name), Node::Text(attribute)] => self.named(name, Some(attribute)),
                    _ => unknown(),
                }
            }
            ("Fn::Sub", Node::Text(text)) => self.substituted(text, argument),
            ("Fn::Join", Node::List(parts)) => {
                match parts.iter().map(|part| &part.node).collect::<Vec<_>>()[..] {
                    [Node::Text(between), Node::List(pieces)] => self.joined(between, pieces, argument),
                    _ => unknown(),
                }
            }
            _ => unknown(),
        }
    }

    fn named(&self, name: &str, attribute: Option<&str>) -> Node {
        if self.resources.contains(name) {
            let attribute = attribute.map(Into::into);
            return Node::Reference(Reference { part: self.part, name: name.into(), attribute });
        }
        Node::Unknown(Arc::new(Unknown::Parameter(name.into())))
    }

    fn substituted(&self, text: &str, argument: &Value) -> Node {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, behind)) = after.split_once('}') else { break };
            pieces.push(Value::text(before, argument.at));
            let node = match name.split_once('.') {
                _ if name.starts_with('!') => Node::Text(format!("${{{}}}", &name[1..]).into()),
                Some((name, attribute)) => self.named(name, Some(attribute)),
                None => self.named(name, None),
            };
            pieces.push(Value::new(node, argument.at));
            rest = behind;
        }
        pieces.push(Value::text(rest, argument.at));
        pieced(pieces)
    }

    fn joined(&self, between: &str, pieces: &[Value], argument: &Value) -> Node {
        let mut all = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                all.push(Value::text(between, argument.at));
            }
            all.push(self.worked_out(piece));
        }
        pieced(all)
    }
}

/// Text put together: known where all pieces are.
fn pieced(pieces: Vec<Value>) -> Node {
    let mut text = String::new();
    let mut all = Vec::new();
    let flush = |text: &mut String, all: &mut Vec<Value>, at| {
        if !text.is_empty() {
            all.push(Value::text(std::mem::take(text), at));
        }
    };
    for piece in pieces {
        match crate::subject::text_of(&piece) {
            Ok(known) => text.push_str(&known),
            Err(_) => {
                flush(&mut text, &mut all, piece.at);
                match piece.node {
                    Node::Pieces(inner) => all.extend(inner.iter().cloned()),
                    _ => all.push(piece),
                }
            }
        }
    }
    if all.is_empty() {
        return Node::Text(text.into());
    }
    let at = all.last().map_or(crate::span::FileId::NOWHERE.start(), |piece| piece.at);
    flush(&mut text, &mut all, at);
    Node::Pieces(all.into())
}
