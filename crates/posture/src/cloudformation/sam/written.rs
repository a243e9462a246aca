//! Resources as the transform writes them, each with the place of what it is made from.

use std::sync::Arc;

use crate::span::Span;
use crate::value::{Key, Map, Node, Value};

/// A resource of SAM.
pub(super) struct Source<'s> {
    pub(super) name: &'s Key,
    pub(super) declared: &'s Value,
}

impl Source<'_> {
    pub(super) fn kind(&self) -> Option<&str> {
        match self.declared.entry("Type").map(|kind| &kind.node) {
            Some(Node::Text(kind)) => Some(kind),
            _ => None,
        }
    }

    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        self.declared.entry("Properties")?.entry(name)
    }

    pub(super) fn at(&self) -> Span {
        self.declared.entry("Properties").map_or(self.declared.at, |properties| properties.at)
    }

    /// The resource under the name of the source.
    pub(super) fn resource(&self, kind: &str, properties: Value) -> (Key, Value) {
        self.made("", kind, properties)
    }

    /// A resource beside it, by a name that begins with that of the source. It is there where the source is.
    pub(super) fn made(&self, suffix: &str, kind: &str, properties: Value) -> (Key, Value) {
        let at = self.declared.at;
        let mut entries = vec![(key("Type", at), Value::text(kind, at)), (key("Properties", at), properties)];
        for kept in ["Condition", "Metadata"] {
            let value = self.declared.entry(kept).cloned();
            entries.extend(value.map(|value| (key(kept, at), value)));
        }
        let name = Key { text: format!("{}{suffix}", self.name.text).into(), at: self.name.at };
        (name, Value::new(Node::Map(Arc::new(Map { entries })), at))
    }

    /// `Ref`, or `Fn::GetAtt` of an attribute.
    pub(super) fn reference(&self, attribute: Option<&str>) -> Value {
        reference(&self.name.text, attribute, self.at())
    }
}

/// The properties under other names; an empty name leaves one away.
pub(super) fn renamed(source: &Source<'_>, names: &[(&str, &str)]) -> Value {
    let Some(properties) = source.declared.entry("Properties") else { return map(source.declared.at, []) };
    let Node::Map(known) = &properties.node else { return properties.clone() };
    let rename = |(key, value): &(Key, Value)| {
        let name = names.iter().find(|(from, _)| *from == &*key.text).map_or(&*key.text, |(_, to)| to);
        (!name.is_empty()).then(|| (Key { text: name.into(), at: key.at }, value.clone()))
    };
    let entries = known.entries.iter().filter_map(rename).collect();
    Value::new(Node::Map(Arc::new(Map { entries })), properties.at)
}

/// These properties of a value, as they are.
pub(super) fn picked(value: Option<&Value>, names: &[&str]) -> Vec<(Key, Value)> {
    let Some(Node::Map(map)) = value.map(|value| &value.node) else { return Vec::new() };
    map.entries.iter().filter(|(key, _)| names.contains(&&*key.text)).cloned().collect()
}

/// A map with more entries.
pub(super) fn with(value: Value, more: impl IntoIterator<Item = (Key, Value)>) -> Value {
    match &value.node {
        Node::Map(map) => {
            let mut entries = map.entries.clone();
            for (key, value) in more {
                if map.entry(&key.text).is_none() {
                    entries.push((key, value));
                }
            }
            Value::new(Node::Map(Arc::new(Map { entries })), value.at)
        }
        _ => value,
    }
}

pub(super) fn map<const N: usize>(at: Span, entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (key(name, at), value)).collect();
    Value::new(Node::Map(Arc::new(Map { entries })), at)
}

pub(super) fn list(at: Span, elements: Vec<Value>) -> Value {
    Value::new(Node::List(elements.into()), at)
}

pub(super) fn key(name: &str, at: Span) -> Key {
    Key { text: name.into(), at }
}

pub(super) fn reference(name: &str, attribute: Option<&str>, at: Span) -> Value {
    match attribute {
        None => map(at, [("Ref", Value::text(name, at))]),
        Some(attribute) => {
            let parts = vec![Value::text(name, at), Value::text(attribute, at)];
            map(at, [("Fn::GetAtt", list(at, parts))])
        }
    }
}

/// The name in a `Ref`.
pub(super) fn referred(value: &Value) -> Option<&Arc<str>> {
    match value.entry("Ref").map(|name| &name.node) {
        Some(Node::Text(name)) => Some(name),
        _ => None,
    }
}
