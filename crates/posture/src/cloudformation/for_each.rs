//! Loops of AWS::LanguageExtensions, `Fn::ForEach::Name: [Identifier, [values], {entries}]`, written out.

use std::collections::HashMap;
use std::sync::Arc;

use super::distribute::leaves;
use super::stack::Stack;
use crate::read_error::ReadError;
use crate::subject::text_of;
use crate::value::{Key, Map, Node, Unknown, Value};

/// Whether a key is that of a loop.
pub(super) fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach::")
}

/// The entries with all loops written out, and when those are there that hang on a choice. A loop over what nobody
/// knows stays, as an entry that is not known.
pub(super) fn written_out(stack: &Stack<'_>, map: &Arc<Map>) -> (Arc<Map>, HashMap<Arc<str>, Value>) {
    if !map.entries.iter().any(|(key, _)| is_loop(&key.text)) {
        return (Arc::clone(map), HashMap::new());
    }
    let mut writer = Writer { stack, entries: Vec::new(), there: HashMap::new() };
    map.entries.iter().for_each(|(key, value)| writer.entry(key, value, None));
    (Arc::new(Map { entries: writer.entries }), writer.there)
}

struct Writer<'s, 'g> {
    stack: &'s Stack<'g>,
    entries: Vec<(Key, Value)>,
    there: HashMap<Arc<str>, Value>,
}

/// A value that a loop goes over, and when it is among them where that hangs on a choice.
type Turn = (Arc<str>, Option<Value>);

impl Writer<'_, '_> {
    fn entry(&mut self, key: &Key, value: &Value, there: Option<&Value>) {
        if is_loop(&key.text) {
            if let Err(why) = self.run(value, there) {
                let what = format!("{} is not written out: {why}", key.text);
                self.stack.problem(ReadError::new(key.at, what, "give what it goes over"));
                self.entries.push((key.clone(), Value::unknown(Unknown::Because(why.into()), key.at)));
            }
            return;
        }
        if let Some(there) = there {
            self.there.insert(Arc::clone(&key.text), there.clone());
        }
        self.entries.push((key.clone(), value.clone()));
    }

    fn run(&mut self, told: &Value, there: Option<&Value>) -> Result<(), String> {
        let not_so = || "it is no list of an identifier, values and entries".to_owned();
        let Node::List(parts) = &told.node else { return Err(not_so()) };
        let [identifier, collection, body] = &**parts else { return Err(not_so()) };
        let (Ok(identifier), Node::Map(body)) = (text_of(identifier), &body.node) else {
            return Err(not_so());
        };
        for (value, among) in turns(&self.stack.worked_out(collection))? {
            let turn = Substitution::new(&identifier, &value);
            let both = match (there, among) {
                (Some(there), Some(among)) => {
                    let all = super::conditions::all(&[there.clone(), among.clone()], among.at);
                    Some(Value::new(all, among.at))
                }
                (one, other) => one.cloned().or(other),
            };
            for (key, value) in &body.entries {
                let key = Key { text: turn.text(&key.text), at: key.at };
                let value = turn.value(value, &|| self.stack.write_one())?;
                self.entry(&key, &value, both.as_ref());
            }
        }
        Ok(())
    }
}

/// The values that a collection has, in any scenario.
fn turns(collection: &Value) -> Result<Vec<Turn>, String> {
    let mut values: Vec<Arc<str>> = Vec::new();
    members(collection, &mut values)?;
    let hangs = matches!(collection.node, Node::Switch(_));
    let among = |value: &Arc<str>| {
        let has = |leaf: &Value| Node::Bool(elements(leaf).is_ok_and(|elements| elements.contains(value)));
        hangs.then(|| Value::new(leaves(collection, &has), collection.at))
    };
    Ok(values.into_iter().map(|value| (Arc::clone(&value), among(&value))).collect())
}

fn members(collection: &Value, values: &mut Vec<Arc<str>>) -> Result<(), String> {
    if let Node::Switch(switch) = &collection.node {
        return switch.arms.iter().try_for_each(|arm| members(arm, values));
    }
    for value in elements(collection)? {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(())
}

/// The elements of a list, and of lists in it.
fn elements(list: &Value) -> Result<Vec<Arc<str>>, String> {
    let Node::List(elements) = &list.node else {
        return Err(text_of(list).map_or_else(|why| why.to_string(), |_| "it goes over no list".to_owned()));
    };
    let mut texts = Vec::new();
    for element in elements.iter() {
        match &element.node {
            Node::List(_) => texts.extend(self::elements(element)?),
            _ => texts.push(text_of(element).map_err(|why| why.to_string())?),
        }
    }
    Ok(texts)
}

/// An identifier and its value in one turn: `${Id}`, and `&{Id}` for its letters and digits alone.
struct Substitution<'i> {
    identifier: &'i str,
    value: &'i Arc<str>,
    whole: String,
    bare: String,
    bare_value: String,
}

impl<'i> Substitution<'i> {
    fn new(identifier: &'i str, value: &'i Arc<str>) -> Self {
        Self {
            identifier,
            value,
            whole: format!("${{{identifier}}}"),
            bare: format!("&{{{identifier}}}"),
            bare_value: value.chars().filter(char::is_ascii_alphanumeric).collect(),
        }
    }

    fn text(&self, text: &Arc<str>) -> Arc<str> {
        if !text.contains(&self.whole) && !text.contains(&self.bare) {
            return Arc::clone(text);
        }
        text.replace(&self.whole, self.value).replace(&self.bare, &self.bare_value).into()
    }

    fn value(&self, value: &Value, allowed: &dyn Fn() -> bool) -> Result<Value, String> {
        if !allowed() {
            return Err("loops write out more than is followed".to_owned());
        }
        let node = match &value.node {
            Node::Text(text) => Node::Text(self.text(text)),
            Node::List(elements) => {
                let elements: Result<Vec<_>, _> =
                    elements.iter().map(|value| self.value(value, allowed)).collect();
                Node::List(elements?.into())
            }
            Node::Map(map) => match map.entries.as_slice() {
                [(key, Value { node: Node::Text(name), .. })]
                    if &*key.text == "Ref" && **name == *self.identifier =>
                {
                    Node::Text(Arc::clone(self.value))
                }
                entries => {
                    let entry = |(key, value): &(Key, Value)| {
                        Ok((Key { text: self.text(&key.text), at: key.at }, self.value(value, allowed)?))
                    };
                    let entries: Result<Vec<_>, String> = entries.iter().map(entry).collect();
                    Node::Map(Arc::new(Map { entries: entries? }))
                }
            },
            node => node.clone(),
        };
        Ok(Value::new(node, value.at))
    }
}
