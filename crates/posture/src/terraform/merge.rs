//! Properties put together: at their paths, and from several resources of Terraform that are one in CloudFormation.

use std::sync::Arc;

use super::table::Rule;
use crate::path::{Path, Step};
use crate::value::{Key, Map, Node, Value};

/// Puts a value where a path leads to. A list on the way has one element.
pub(super) fn at(out: &mut Map, path: &Path, value: Option<Value>) {
    let Some(value) = value else { return };
    let wrapped = path.steps().iter().skip(1).rev().fold(value, |inner, step| {
        let at = inner.at;
        let node = match step {
            Step::Each => Node::List([inner].into()),
            Step::Name(name) => {
                let key = Key { text: Arc::clone(name), at };
                Node::Map(Arc::new(Map { entries: vec![(key, inner)] }))
            }
        };
        Value::new(node, at)
    });
    if let Some(Step::Name(name)) = path.steps().first() {
        put(out, name, wrapped);
    }
}

/// Puts a value under a name.
pub(super) fn at_name(out: &mut Map, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        put(out, name, value);
    }
}

/// Adds all properties of one map to another.
pub(super) fn merge(out: &mut Map, more: Map) {
    for (key, value) in more.entries {
        put(out, &key.text, value);
    }
}

/// A list of names and values as a map.
pub(super) fn pairs(list: Value) -> Value {
    let Node::List(elements) = &list.node else { return list };
    let pair = |element: &Value| {
        let name = element.entry("name").or_else(|| element.entry("key"))?;
        let Node::Text(text) = &name.node else { return None };
        Some((Key { text: Arc::clone(text), at: name.at }, element.entry("value")?.clone()))
    };
    let entries = elements.iter().filter_map(pair).collect();
    Value::new(Node::Map(Arc::new(Map { entries })), list.at)
}

/// A map as CloudFormation's list of keys and values.
pub(super) fn keys_and_values(map: Value) -> Value {
    let Node::Map(entries) = &map.node else { return map };
    let pairs = entries.entries.iter().map(|(key, value)| pair(&key.text, value.clone()));
    Value::new(Node::List(pairs.collect()), map.at)
}

/// A value as its rule says: by CloudFormation's word for it, and under its key.
pub(super) fn by_rule(value: Value, rule: &Rule) -> Value {
    let word = match &value.node {
        Node::Text(text) => rule.values.get(&**text),
        Node::Bool(known) => rule.values.get(if *known { "true" } else { "false" }),
        _ => None,
    };
    let value = match word {
        Some(word) => Value::new(constant(word), value.at),
        None => value,
    };
    match &rule.key {
        Some(key) => Value { at: value.at, node: Node::List([pair(key, value)].into()) },
        None => value,
    }
}

/// A value of a table.
pub(super) fn constant(value: &toml::Value) -> Node {
    match value {
        toml::Value::Boolean(known) => Node::Bool(*known),
        toml::Value::String(text) => Node::Text(text.as_str().into()),
        other => Node::Text(other.to_string().into()),
    }
}

fn pair(key: &str, value: Value) -> Value {
    let at = value.at;
    let named = |name: &str, value| (Key { text: name.into(), at }, value);
    let entries = vec![named("Key", Value::text(key, at)), named("Value", value)];
    Value::new(Node::Map(Arc::new(Map { entries })), at)
}

fn put(out: &mut Map, name: &str, value: Value) {
    match out.entries.iter_mut().find(|(key, _)| &*key.text == name) {
        Some((_, known)) => join(known, value),
        None => out.entries.push((Key { text: name.into(), at: value.at }, value)),
    }
}

/// Maps become one, and lists one after the other; of anything else the later holds.
fn join(known: &mut Value, more: Value) {
    let node = match (&known.node, &more.node) {
        (Node::Map(one), Node::Map(other)) => {
            let mut map = (**one).clone();
            merge(&mut map, (**other).clone());
            Node::Map(Arc::new(map))
        }
        (Node::List(one), Node::List(other)) => match (&**one, &**other) {
            ([Value { node: Node::Map(a), .. }], [Value { node: Node::Map(b), .. }]) if apart(a, b) => {
                let mut map = (**a).clone();
                merge(&mut map, (**b).clone());
                Node::List([Value::new(Node::Map(Arc::new(map)), known.at)].into())
            }
            (one, other) => Node::List(one.iter().chain(other).cloned().collect()),
        },
        _ => more.node,
    };
    known.node = node;
}

/// Whether two maps have no name in common: then they are parts of one element.
fn apart(one: &Map, other: &Map) -> bool {
    one.entries.iter().all(|(key, _)| other.entry(&key.text).is_none())
}
