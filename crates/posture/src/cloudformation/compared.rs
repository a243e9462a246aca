//! With what a template compares the parameters that have no value: those values are worth telling apart.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::section;
use crate::subject::text_of;
use crate::value::{Node, Value};

/// With what each name is compared, by name.
#[derive(Debug, Default)]
pub(super) struct Compared {
    names: HashMap<Arc<str>, Texts>,
}

#[derive(Debug, Default)]
struct Texts {
    texts: Vec<Arc<str>>,
    /// The template works with these alone: they are the keys of a mapping without a default.
    closed: bool,
}

impl Compared {
    /// What conditions compare, and the keys of mappings that are looked into.
    pub(super) fn of(document: &Value) -> Self {
        let mut compared = Self::default();
        let mappings = Value::new(Node::Map(section(document, "Mappings")), document.at);
        for (_, condition) in &section(document, "Conditions").entries {
            compared.condition(condition);
            compared.mappings(condition, &mappings, true);
        }
        for (_, resource) in &section(document, "Resources").entries {
            let always = resource.entry("Condition").is_none();
            compared.mappings(resource, &mappings, always);
        }
        compared
    }

    /// With what a name is compared, and whether it may be anything else.
    pub(super) fn with(&self, name: &str) -> Option<(Vec<Arc<str>>, bool)> {
        self.names.get(name).map(|texts| (texts.texts.clone(), !texts.closed))
    }

    fn condition(&mut self, value: &Value) {
        match &value.node {
            Node::Map(map) => {
                for (key, argument) in &map.entries {
                    match (&*key.text, &argument.node) {
                        ("Fn::Equals", Node::List(sides)) => self.sides(sides),
                        _ => self.condition(argument),
                    }
                }
            }
            Node::List(elements) => elements.iter().for_each(|element| self.condition(element)),
            _ => {}
        }
    }

    fn sides(&mut self, sides: &[Value]) {
        let [one, other] = sides else { return };
        for (name, literal) in [(one, other), (other, one)] {
            if let (Some(name), Ok(text)) = (referred(name), text_of(literal)) {
                self.add(name, text);
            }
        }
    }

    fn add(&mut self, name: &Arc<str>, text: Arc<str>) {
        let Texts { texts, closed } = self.names.entry(Arc::clone(name)).or_default();
        if !*closed && !texts.contains(&text) {
            texts.push(text);
        }
    }

    /// Where a mapping is asked whatever the conditions, by no default, only its keys can be deployed.
    fn mappings(&mut self, value: &Value, mappings: &Value, always: bool) {
        match &value.node {
            Node::Map(map) => {
                for (key, argument) in &map.entries {
                    if let ("Fn::FindInMap", Node::List(arguments)) = (&*key.text, &argument.node) {
                        self.looked_into(arguments, mappings, always && arguments.len() == 3);
                    }
                    self.mappings(argument, mappings, always && &*key.text != "Fn::If");
                }
            }
            Node::List(elements) => {
                elements.iter().for_each(|element| self.mappings(element, mappings, always));
            }
            _ => {}
        }
    }

    fn looked_into(&mut self, arguments: &[Value], mappings: &Value, closed: bool) {
        let [mapping, first, second, ..] = arguments else { return };
        let Ok(mapping) = text_of(mapping) else { return };
        let Some(Node::Map(rows)) = mappings.entry(&mapping).map(|mapping| &mapping.node) else { return };
        if let Some(name) = referred(first) {
            self.keys(name, rows.entries.iter().map(|(key, _)| &key.text), closed);
        }
        let row = text_of(first).ok().and_then(|row| rows.entry(&row));
        if let (Some(name), Some(Node::Map(row))) = (referred(second), row.map(|row| &row.node)) {
            self.keys(name, row.entries.iter().map(|(key, _)| &key.text), closed);
        }
    }

    fn keys<'k>(&mut self, name: &Arc<str>, keys: impl Iterator<Item = &'k Arc<str>>, closed: bool) {
        let known = self.names.entry(Arc::clone(name)).or_default();
        if closed && !known.closed {
            *known = Texts { texts: keys.cloned().collect(), closed };
        } else {
            keys.for_each(|key| self.add(name, Arc::clone(key)));
        }
    }
}

/// The name in a `Ref`.
fn referred(value: &Value) -> Option<&Arc<str>> {
    match value.entry("Ref").map(|name| &name.node) {
        Some(Node::Text(name)) => Some(name),
        _ => None,
    }
}
