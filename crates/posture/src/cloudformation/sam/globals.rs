//! `Globals`: properties that all resources of a kind have unless they say otherwise.

use std::sync::Arc;

use super::written::key;
use crate::value::{Map, Node, Value};

/// A resource with the properties that are global to its kind.
pub(super) fn merged(declared: &Value, globals: Option<&Value>) -> Value {
    let kind = match declared.entry("Type").map(|kind| &kind.node) {
        Some(Node::Text(kind)) => kind.strip_prefix("AWS::Serverless::"),
        _ => None,
    };
    let global = kind.zip(globals).and_then(|(kind, globals)| globals.entry(kind));
    let (Some(global), Node::Map(map)) = (global, &declared.node) else { return declared.clone() };
    let properties = declared.entry("Properties").map_or_else(|| global.clone(), |own| over(global, own));
    let mut entries: Vec<_> =
        map.entries.iter().filter(|(key, _)| &*key.text != "Properties").cloned().collect();
    entries.push((key("Properties", properties.at), properties));
    Value::new(Node::Map(Arc::new(Map { entries })), declared.at)
}

/// Maps are merged, lists follow each other, and of anything else the resource's own holds.
fn over(global: &Value, own: &Value) -> Value {
    let node = match (&global.node, &own.node) {
        (Node::Map(globals), Node::Map(owns)) if !is_function(globals) && !is_function(owns) => {
            let mut entries = owns.entries.clone();
            for (key, value) in &globals.entries {
                match entries.iter_mut().find(|(known, _)| known.text == key.text) {
                    Some((_, own)) => *own = over(value, own),
                    None => entries.push((key.clone(), value.clone())),
                }
            }
            Node::Map(Arc::new(Map { entries }))
        }
        (Node::List(globals), Node::List(owns)) => {
            Node::List(globals.iter().chain(owns.iter()).cloned().collect())
        }
        _ => own.node.clone(),
    };
    Value::new(node, own.at)
}

fn is_function(map: &Map) -> bool {
    matches!(map.entries.as_slice(), [(key, _)] if &*key.text == "Ref" || key.text.starts_with("Fn::"))
}
