//! A document that stands in a property: as an object, or as JSON or YAML text, of which parts may be unknown.

use std::sync::Arc;

use crate::json;
use crate::path::Path;
use crate::span::{FileId, Span};
use crate::subject::{Seen, Subject};
use crate::value::{Map, Node, Unknown, Value};
use crate::yaml;

/// Around the number of an unknown piece while the text that it is in is read. No document has these characters:
/// they are for private use.
const BEFORE: char = '\u{e000}';
const AFTER: char = '\u{e001}';

/// The document at a path. All of what stood in a text has that text's place.
pub(super) fn document(subject: &Subject<'_>, path: &Path) -> Seen<Value> {
    subject.value(path).and_then(|value| match &value.node {
        Node::Map(_) | Node::List(_) => Ok(value.clone()),
        Node::Text(text) => read(text, &[], value.at),
        Node::Pieces(pieces) => {
            let resolved: Vec<Value> = pieces.iter().map(|piece| subject.resolve(piece).clone()).collect();
            read(&marked(&resolved), &resolved, value.at)
        }
        _ => Err(because("it is no document, or one that is not known here")),
    })
}

fn marked(pieces: &[Value]) -> String {
    let mark = |(index, piece): (usize, &Value)| match &piece.node {
        Node::Text(text) => text.to_string(),
        _ => format!("{BEFORE}{index}{AFTER}"),
    };
    pieces.iter().enumerate().map(mark).collect()
}

fn read(text: &str, pieces: &[Value], at: Span) -> Result<Value, Arc<Unknown>> {
    let file = FileId::NOWHERE;
    // JSON is nearly all YAML, and a piece that stands for a number makes of JSON what only YAML takes.
    let value = json::read(text, file).or_else(|_| yaml::read(text, file));
    value
        .map(|value| restored(&value, pieces, at))
        .map_err(|error| because(&format!("it can't be read: {error}")))
}

/// The same value at its place, with the pieces put back.
fn restored(value: &Value, pieces: &[Value], at: Span) -> Value {
    let node = match &value.node {
        Node::List(list) => Node::List(list.iter().map(|value| restored(value, pieces, at)).collect()),
        Node::Map(map) => {
            let mut entries = Vec::with_capacity(map.entries.len());
            for (key, value) in &map.entries {
                let mut key = key.clone();
                key.at = at;
                entries.push((key, restored(value, pieces, at)));
            }
            Node::Map(Arc::new(Map { entries }))
        }
        Node::Text(text) if text.contains(BEFORE) => taken_apart(text, pieces, at),
        node => node.clone(),
    };
    Value::new(node, at)
}

fn taken_apart(text: &str, pieces: &[Value], at: Span) -> Node {
    let mut parts = Vec::new();
    for part in text.split(BEFORE) {
        let (piece, text) = match part.split_once(AFTER) {
            Some((index, text)) => (index.parse().ok().and_then(|index: usize| pieces.get(index)), text),
            None => (None, part),
        };
        parts.extend(piece.cloned());
        if !text.is_empty() {
            parts.push(Value::text(text, at));
        }
    }
    match parts.as_slice() {
        [only] => only.node.clone(),
        _ => Node::Pieces(parts.into()),
    }
}

fn because(why: &str) -> Arc<Unknown> {
    Arc::new(Unknown::Because(why.into()))
}
