//! Properties put together: at their paths, and from several resources of Terraform that are one in CloudFormation.

use std::sync::Arc;

use super::table::Rule;
use crate::path::{Path, Step};
use crate::schema::Properties;
use crate::value::{Key, Map, Node, Value};

/// How two lists become one.
#[derive(Clone, Copy)]
pub(super) enum Lists<'k> {
    /// The first elements are one, and so on: they were put together attribute by attribute.
    OneByOne,
    /// One after the other.
    OneAfterTheOther,
    /// Elements that have the same under this name are one.
    By(&'k str),
}

/// Puts a value where a path leads to. A list on the way has it in the element of that index.
pub(super) fn at(out: &mut Map, path: &Path, index: usize, value: Option<Value>) {
    let Some(value) = value else { return };
    let wrapped = path.steps().iter().skip(1).rev().fold(value, |inner, step| {
        let at = inner.at;
        let node = match step {
            Step::Each => {
                let empty = std::iter::repeat_n(Value::new(Node::Map(Arc::default()), at), index);
                Node::List(empty.chain([inner]).collect())
            }
            Step::Name(name) => {
                let key = Key { text: Arc::clone(name), at };
                Node::Map(Arc::new(Map { entries: vec![(key, inner)] }))
            }
        };
        Value::new(node, at)
    });
    let lists = if path.walks_lists() { Lists::OneByOne } else { Lists::OneAfterTheOther };
    if let Some(Step::Name(name)) = path.steps().first() {
        put(out, name, wrapped, lists);
    }
}

/// Puts a value under a name.
pub(super) fn at_name(out: &mut Map, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        put(out, name, value, Lists::OneAfterTheOther);
    }
}

/// Adds all properties of one map to another.
pub(super) fn merge(out: &mut Map, more: Map, lists: Lists<'_>) {
    for (key, value) in more.entries {
        put(out, &key.text, value, lists);
    }
}

/// A map for each element of its lists: a rule of Terraform has all its sources, one of CloudFormation has one.
pub(super) fn spread(map: &Map) -> Vec<Map> {
    let is_list = |value: &Value| matches!(value.node, Node::List(_));
    let (lists, rest): (Vec<_>, Vec<_>) = map.entries.iter().cloned().partition(|(_, value)| is_list(value));
    let mut maps = Vec::new();
    for (key, list) in lists {
        let Node::List(elements) = list.node else { continue };
        for element in elements.iter() {
            let mut entries = rest.clone();
            entries.push((key.clone(), element.clone()));
            maps.push(Map { entries });
        }
    }
    if maps.is_empty() { vec![Map { entries: rest }] } else { maps }
}

/// Each map of a list spread.
pub(super) fn spread_each(list: Value) -> Value {
    let Node::List(elements) = &list.node else { return list };
    let spread = elements.iter().flat_map(|element| match &element.node {
        Node::Map(map) => {
            let maps = spread(map).into_iter();
            maps.map(|map| Value::new(Node::Map(Arc::new(map)), element.at)).collect()
        }
        _ => vec![element.clone()],
    });
    Value::new(Node::List(spread.collect()), list.at)
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

/// What CloudFormation calls the names of a map that it has as a list: `Key`, or `Name`.
pub(super) fn named_by(element: Option<&Properties>) -> Option<&'static str> {
    let element = element.filter(|element| element.contains_key("Value") && element.len() == 2)?;
    ["Key", "Name"].into_iter().find(|name| element.contains_key(*name))
}

/// A map as CloudFormation's list of names and values.
pub(super) fn pairs_of(map: Value, name: &str) -> Value {
    let Node::Map(entries) = &map.node else { return map };
    let pairs = entries.entries.iter().map(|(key, value)| pair(name, &key.text, value.clone()));
    Value::new(Node::List(pairs.collect()), map.at)
}

/// A value by itself where CloudFormation has an object with only one property: `{"Value": "ikev2"}`.
pub(super) fn alone(value: Value, properties: Option<&Properties>) -> Value {
    let mut names = properties.into_iter().flat_map(Properties::keys);
    match (names.next(), names.next()) {
        (Some(name), None) => {
            let at = value.at;
            let entries = vec![(Key { text: (&**name).into(), at }, value)];
            Value::new(Node::Map(Arc::new(Map { entries })), at)
        }
        _ => value,
    }
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
        Some(key) => Value { at: value.at, node: Node::List([pair("Key", key, value)].into()) },
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

fn pair(name: &str, text: &str, value: Value) -> Value {
    let at = value.at;
    let named = |name: &str, value| (Key { text: name.into(), at }, value);
    let entries = vec![named(name, Value::text(text, at)), named("Value", value)];
    Value::new(Node::Map(Arc::new(Map { entries })), at)
}

fn put(out: &mut Map, name: &str, value: Value, lists: Lists<'_>) {
    match out.entries.iter_mut().find(|(key, _)| &*key.text == name) {
        Some((_, known)) => join(known, value, lists),
        None => out.entries.push((Key { text: name.into(), at: value.at }, value)),
    }
}

/// Maps become one, and lists as it is said; of anything else the later holds. A policy document is one thing.
fn join(known: &mut Value, more: Value, lists: Lists<'_>) {
    let node = match (&known.node, &more.node) {
        (Node::Map(_), Node::Map(_)) if more.entry("Statement").is_some() => more.node,
        (Node::Map(one), Node::Map(other)) => {
            let mut map = (**one).clone();
            merge(&mut map, (**other).clone(), lists);
            Node::Map(Arc::new(map))
        }
        (Node::List(one), Node::List(other)) => Node::List(joined(one, other, lists).into()),
        _ => more.node,
    };
    known.node = node;
}

fn joined(one: &[Value], other: &[Value], lists: Lists<'_>) -> Vec<Value> {
    let mut all = one.to_vec();
    for (index, element) in other.iter().enumerate() {
        let same = match lists {
            Lists::OneAfterTheOther => None,
            Lists::OneByOne => all.get_mut(index),
            Lists::By(key) => {
                let wanted = element.entry(key).map(|value| &value.node);
                all.iter_mut().find(|known| wanted.is_some() && known.entry(key).map(|v| &v.node) == wanted)
            }
        };
        match same {
            Some(known) => join(known, element.clone(), lists),
            None => all.push(element.clone()),
        }
    }
    all
}
