//! `Fn::FindInMap`.

use super::distribute::distribute;
use super::expression::unworkable;
use super::stack::Stack;
use crate::span::Span;
use crate::subject::text_of;
use crate::value::{Node, Value};

/// What a mapping has, or the default where it has nothing.
pub(super) fn find(stack: &Stack<'_>, argument: &Value, at: Span) -> Node {
    let Node::List(arguments) = &argument.node else { return unworkable("Fn::FindInMap") };
    let (keys, rest) = arguments.split_at(arguments.len().min(3));
    let default =
        rest.first().and_then(|rest| rest.entry("DefaultValue")).map(|value| stack.worked_out(value));
    let keys: Vec<Value> = keys.iter().map(|key| stack.worked_out(key)).collect();
    distribute(&keys, at, &|keys| match (row(stack, keys), &default) {
        (Ok(Some(value)), _) => stack.worked_out(value).node,
        (Ok(None), Some(default)) => default.node.clone(),
        (Ok(None), None) => {
            let asked: Vec<_> = keys.iter().filter_map(|key| text_of(key).ok()).collect();
            unworkable(&format!("Fn::FindInMap of {}, which is in no mapping,", asked.join(" ")))
        }
        (Err(unknown), _) => unknown,
    })
}

fn row<'s>(stack: &'s Stack<'_>, keys: &[Value]) -> Result<Option<&'s Value>, Node> {
    let texts: Result<Vec<_>, _> = keys.iter().map(text_of).collect();
    match texts.map_err(Node::Unknown)?.as_slice() {
        [mapping, first, second] => {
            let mapping = stack.sections.mappings.entry(mapping);
            Ok(mapping.and_then(|mapping| mapping.entry(first)).and_then(|row| row.entry(second)))
        }
        _ => Err(unworkable("Fn::FindInMap")),
    }
}
