//! Functions of text: `Fn::Sub`, `Fn::Join`, `Fn::Split`, `Fn::ToJsonString`, and dynamic references.

use std::sync::Arc;

use super::distribute::{distribute, hoisted, leaves};
use super::expression::unworkable;
use super::lists::present;
use super::stack::Stack;
use crate::span::Span;
use crate::subject::text_of;
use crate::value::{Map, Node, Reference, Unknown, Value};

/// `Fn::Sub`: text with names in it.
pub(super) fn sub(stack: &Stack<'_>, argument: &Value, at: Span) -> Node {
    let (text, own) = match &argument.node {
        Node::Text(text) => (text, None),
        Node::List(parts) => match &**parts {
            [Value { node: Node::Text(text), .. }] => (text, None),
            [Value { node: Node::Text(text), .. }, own] => (text, Some(own)),
            _ => return unworkable("Fn::Sub"),
        },
        _ => return unworkable("Fn::Sub"),
    };
    let mean = |name: &str| match own.and_then(|own| own.entry(name)) {
        Some(value) => stack.worked_out(value).node,
        None => match name.split_once('.') {
            Some((resource, attribute)) => stack.attribute_of(resource, attribute),
            None => stack.named(&name.into(), at),
        },
    };
    let pieces: Vec<Value> = substituted(text, &mean).into_iter().map(|node| Value::new(node, at)).collect();
    distribute(&pieces, at, &|pieces| pieced(pieces, at))
}

fn substituted(text: &str, mean: &dyn Fn(&str) -> Node) -> Vec<Node> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        pieces.push(Node::Text(before.into()));
        pieces.push(match name.strip_prefix('!') {
            Some(literal) => Node::Text(format!("${{{literal}}}").into()),
            None => mean(name.trim()),
        });
        rest = behind;
    }
    pieces.push(Node::Text(rest.into()));
    pieces
}

/// `Fn::Join`: a list put together with something between.
pub(super) fn join(stack: &Stack<'_>, argument: &Value, at: Span) -> Node {
    let Node::List(parts) = &argument.node else { return unworkable("Fn::Join") };
    let [between, list] = &**parts else { return unworkable("Fn::Join") };
    let arguments = [stack.worked_out(between), present(stack.worked_out(list))];
    distribute(&arguments, at, &|arguments| match arguments {
        [between, Value { node: Node::List(elements), .. }] => {
            let mut pieces = Vec::with_capacity(elements.len() * 2);
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    pieces.push(between.clone());
                }
                pieces.push(element.clone());
            }
            distribute(&pieces, at, &|pieces| pieced(pieces, at))
        }
        // All of what another resource has, put together.
        [_, list @ Value { node: Node::Reference(_), .. }] => Node::Pieces(Arc::new([list.clone()])),
        [_, Value { node: node @ (Node::Unknown(_) | Node::Text(_) | Node::Pieces(_)), .. }] => node.clone(),
        _ => unworkable("Fn::Join"),
    })
}

/// `Fn::Split`: text taken apart.
pub(super) fn split(stack: &Stack<'_>, argument: &Value, at: Span) -> Node {
    let Node::List(parts) = &argument.node else { return unworkable("Fn::Split") };
    let parts: Vec<Value> = parts.iter().map(|part| stack.worked_out(part)).collect();
    distribute(&parts, at, &|parts| {
        let [between, text] = parts else { return unworkable("Fn::Split") };
        let Ok(between) = text_of(between) else { return unworkable("Fn::Split") };
        taken_apart(&between, text, at)
    })
}

/// Text taken apart, as far as it is known where its parts begin.
pub(super) fn taken_apart(between: &str, text: &Value, at: Span) -> Node {
    if between.is_empty() {
        return unworkable("Fn::Split");
    }
    match (&text.node, text_of(text)) {
        (_, Ok(text)) => Node::List(text.split(between).map(|element| Value::text(element, at)).collect()),
        // No id and no ARN has a comma in it.
        (Node::Pieces(pieces), _) if between == "," && pieces.iter().all(is_text_or_reference) => {
            listed(between, pieces, at)
        }
        // A part of what a resource says of itself still points at it.
        (Node::Reference(_), _) => Node::Pieces(Arc::new([text.clone()])),
        (Node::Unknown(why), _) => Node::Unknown(Arc::clone(why)),
        _ => unworkable("Fn::Split of text that is known only in part"),
    }
}

fn is_text_or_reference(value: &Value) -> bool {
    matches!(value.node, Node::Text(_) | Node::Reference(_))
}

fn listed(between: &str, pieces: &[Value], at: Span) -> Node {
    let mut elements: Vec<Vec<Value>> = vec![Vec::new()];
    for piece in pieces {
        let Node::Text(text) = &piece.node else {
            elements.last_mut().into_iter().for_each(|element| element.push(piece.clone()));
            continue;
        };
        for (index, part) in text.split(between).enumerate() {
            if index > 0 {
                elements.push(Vec::new());
            }
            elements.last_mut().into_iter().for_each(|element| element.push(Value::text(part, at)));
        }
    }
    Node::List(elements.iter().map(|element| Value::new(pieced(element, at), at)).collect())
}

/// Text put together of pieces none of which is a Switch. What is looked up in a store when it is deployed becomes a
/// piece that is not known.
pub(super) fn pieced(pieces: &[Value], at: Span) -> Node {
    let mut text = Text { at, known: String::new(), opened: None, store: None, pieces: Vec::new() };
    pieces.iter().for_each(|piece| text.push(piece));
    text.finished()
}

/// How a dynamic reference begins.
const RESOLVE: &str = "{{resolve:";

struct Text {
    at: Span,
    known: String,
    /// A dynamic reference whose end is not there yet.
    opened: Option<String>,
    /// The secret or parameter that it names, where the template declares that.
    store: Option<Reference>,
    pieces: Vec<Value>,
}

impl Text {
    fn push(&mut self, piece: &Value) {
        match (&piece.node, text_of(piece)) {
            (_, Ok(text)) => self.push_text(&text),
            (Node::Null, _) => {}
            (Node::Pieces(inner), _) => inner.iter().for_each(|piece| self.push(piece)),
            _ => match &mut self.opened {
                Some(opened) => {
                    opened.push('…');
                    if let Node::Reference(store) = &piece.node {
                        self.store.get_or_insert(store.clone());
                    }
                }
                None => {
                    self.flush();
                    self.pieces.push(match piece.node {
                        Node::List(_) | Node::Map(_) => no_text(piece.at),
                        _ => piece.clone(),
                    });
                }
            },
        }
    }

    fn push_text(&mut self, text: &str) {
        let mut rest = text;
        loop {
            if let Some(opened) = &mut self.opened {
                let Some((within, behind)) = rest.split_once("}}") else {
                    opened.push_str(rest);
                    return;
                };
                let what = format!("{opened}{within}}}}}").into();
                self.opened = None;
                self.flush();
                let why = match self.store.take() {
                    Some(store) => Unknown::LookedUpIn { what, store },
                    None => Unknown::LookedUp(what),
                };
                self.pieces.push(Value::unknown(why, self.at));
                rest = behind;
            }
            let Some((before, behind)) = rest.split_once(RESOLVE) else {
                self.known.push_str(rest);
                return;
            };
            self.known.push_str(before);
            self.opened = Some(RESOLVE.to_owned());
            rest = behind;
        }
    }

    fn flush(&mut self) {
        if !self.known.is_empty() {
            self.pieces.push(Value::text(std::mem::take(&mut self.known), self.at));
        }
    }

    fn finished(mut self) -> Node {
        // What was opened and is never closed is text like any other.
        if let Some(opened) = self.opened.take() {
            self.known.push_str(&opened);
        }
        if self.pieces.is_empty() {
            return Node::Text(self.known.into());
        }
        self.flush();
        match self.pieces.as_slice() {
            [whole] => whole.node.clone(),
            _ => Node::Pieces(self.pieces.into()),
        }
    }
}

fn no_text(at: Span) -> Value {
    Value::unknown(Unknown::Because("a list or a map stands where text should be".into()), at)
}

/// `Fn::Base64`: what an instance decodes, and nobody else.
pub(super) fn base64(value: &Value) -> Node {
    leaves(value, &|value| match &value.node {
        Node::Null | Node::Unknown(_) => value.node.clone(),
        _ => Node::Base64(Arc::new(value.clone())),
    })
}

/// `Fn::ToJsonString`: a value told as JSON.
pub(super) fn to_json_string(value: &Value) -> Node {
    hoisted(value, &|value| {
        let mut pieces = Vec::new();
        tell(value, &mut pieces);
        pieced(&pieces, value.at)
    })
}

fn tell(value: &Value, pieces: &mut Vec<Value>) {
    let at = value.at;
    let known = |text: String| Value::text(text, at);
    match &value.node {
        Node::Null => pieces.push(known("null".to_owned())),
        Node::Bool(is) => pieces.push(known(is.to_string())),
        Node::Number(number) => pieces.push(known(number.to_string())),
        Node::Text(text) => pieces.push(known(serde_json::Value::from(&**text).to_string())),
        // What is null was `AWS::NoValue`: CloudFormation takes no other.
        Node::List(elements) => {
            let mut opening = "[";
            for element in elements.iter().filter(|element| element.node != Node::Null) {
                pieces.push(known(opening.to_owned()));
                tell(element, pieces);
                opening = ",";
            }
            pieces.push(known(if opening == "[" { "[]" } else { "]" }.to_owned()));
        }
        Node::Map(map) => tell_map(map, at, pieces),
        _ => {
            pieces.push(known("\"".to_owned()));
            pieces.push(value.clone());
            pieces.push(known("\"".to_owned()));
        }
    }
}

fn tell_map(map: &Map, at: Span, pieces: &mut Vec<Value>) {
    let there = map.entries.iter().filter(|(_, value)| value.node != Node::Null);
    let mut opening = "{";
    for (key, value) in there {
        let name = serde_json::Value::from(&*key.text);
        pieces.push(Value::text(format!("{opening}{name}:"), at));
        tell(value, pieces);
        opening = ",";
    }
    pieces.push(Value::text(if opening == "{" { "{}" } else { "}" }, at));
}
