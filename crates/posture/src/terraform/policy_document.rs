//! The document that `data.aws_iam_policy_document` makes, where its text is known only after apply and its statements
//! are known now: that is so whenever it names the ARN of a resource that is yet to be made.

use std::sync::Arc;

use super::address::Address;
use super::hints::Hints;
use super::translate::{Translation, Translator};
use crate::scan::Json;
use crate::span::Span;
use crate::value::{Key, Map, Node, Reference, Unknown, Value};

/// The document of a data source.
pub(super) fn of(translator: &Translator<'_, '_>, instance: usize) -> Option<Value> {
    let found = translator.document.instances.get(instance)?;
    if &*found.kind != "data.aws_iam_policy_document" {
        return None;
    }
    let address = Address::of(&found.address);
    let translation = Translation { of: translator, instance, address, at: found.at };
    let unknown = found.unknown.and_then(|mut cursor| cursor.json().ok());
    let written = translator.document.configuration.as_ref().and_then(|module| module.expressions(address));
    let hints = Hints::new(unknown.as_ref(), written.as_ref(), None);
    let values = translation.raw(&mut { found.values }, hints).ok()??;
    Some(document(&values, unknown.as_ref(), found.at))
}

fn document(values: &Value, unknown: Option<&Json<'_>>, at: Span) -> Value {
    // Documents that are put together from others have statements that are not seen here.
    let others = ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];
    let others = others.into_iter().any(|name| {
        let is_unknown = unknown.and_then(|unknown| unknown.entry(name)).is_some_and(mentions_unknown);
        is_unknown || values.entry(name).is_some_and(|value| !is_empty(value))
    });
    let mut statements: Vec<Value> = elements(values.entry("statement")).iter().map(statement).collect();
    if others {
        let why = Unknown::Because("it takes statements from other documents".into());
        statements.push(Value::unknown(why, at));
    }
    let version = values.entry("version").cloned().unwrap_or_else(|| Value::text("2012-10-17", at));
    map(vec![("Version", version), ("Statement", list(statements, at))], at)
}

fn statement(statement: &Value) -> Value {
    let at = statement.at;
    let mut entries = Vec::new();
    let effect = statement.entry("effect").cloned().unwrap_or_else(|| Value::text("Allow", at));
    entries.extend(statement.entry("sid").filter(|sid| !is_empty(sid)).map(|sid| ("Sid", sid.clone())));
    entries.push(("Effect", effect));
    let lists = [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ];
    for (name, element) in lists {
        let list = statement.entry(name).filter(|list| !is_empty(list));
        entries.extend(list.map(|list| (element, open_ended(list))));
    }
    for (name, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let blocks = elements(statement.entry(name));
        if !blocks.is_empty() {
            entries.push((element, principals(blocks, at)));
        }
    }
    let conditions = elements(statement.entry("condition"));
    if !conditions.is_empty() {
        entries.push(("Condition", condition(conditions, at)));
    }
    map(entries, at)
}

/// A plan does not tell whether it is `aws_s3_bucket.b.arn` or `"${aws_s3_bucket.b.arn}/*"` that is not known yet.
fn open_ended(list: &Value) -> Value {
    let end = |at| Value::unknown(Unknown::Because("a plan does not tell what follows the ARN".into()), at);
    let element = |value: &Value| match &value.node {
        Node::Reference(reference) => {
            let arn = Reference { attribute: Some("Arn".into()), ..reference.clone() };
            let pieces = [Value::new(Node::Reference(arn), value.at), end(value.at)];
            Value::new(Node::Pieces(pieces.into()), value.at)
        }
        _ => value.clone(),
    };
    match &list.node {
        Node::List(elements) => Value::new(Node::List(elements.iter().map(element).collect()), list.at),
        _ => element(list),
    }
}

/// `{"*": ["*"]}` is how the data source says `"*"`.
fn principals(blocks: &[Value], at: Span) -> Value {
    let mut entries: Vec<(Key, Value)> = Vec::new();
    for block in blocks {
        let Some(Node::Text(kind)) = block.entry("type").map(|kind| &kind.node) else { continue };
        let identifiers = block.entry("identifiers").cloned().unwrap_or_else(|| list(Vec::new(), at));
        if &**kind == "*" {
            return Value::text("*", block.at);
        }
        add(&mut entries, kind, identifiers);
    }
    Value::new(Node::Map(Arc::new(Map { entries })), at)
}

fn condition(blocks: &[Value], at: Span) -> Value {
    let mut operators: Vec<(Key, Vec<(Key, Value)>)> = Vec::new();
    for block in blocks {
        let text = |name| match block.entry(name).map(|value| &value.node) {
            Some(Node::Text(text)) => Some(Arc::clone(text)),
            _ => None,
        };
        let (Some(operator), Some(variable)) = (text("test"), text("variable")) else {
            return Value::unknown(Unknown::AfterApply, at);
        };
        let values = block.entry("values").cloned().unwrap_or_else(|| list(Vec::new(), at));
        match operators.iter_mut().find(|(key, _)| key.text == operator) {
            Some((_, variables)) => add(variables, &variable, values),
            None => {
                let key = Key { text: variable, at: block.at };
                operators.push((Key { text: operator, at: block.at }, vec![(key, values)]));
            }
        }
    }
    let whole = operators
        .into_iter()
        .map(|(operator, entries)| (operator, Value::new(Node::Map(Arc::new(Map { entries })), at)));
    Value::new(Node::Map(Arc::new(Map { entries: whole.collect() })), at)
}

/// The same name a second time adds to its list.
fn add(entries: &mut Vec<(Key, Value)>, name: &Arc<str>, values: Value) {
    match entries.iter_mut().find(|(key, _)| key.text == *name) {
        Some((_, known)) => {
            let both = elements(Some(known)).iter().chain(elements(Some(&values))).cloned().collect();
            known.node = Node::List(both);
        }
        None => entries.push((Key { text: Arc::clone(name), at: values.at }, values)),
    }
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value.map(|value| &value.node) {
        Some(Node::List(elements)) => elements,
        _ => &[],
    }
}

fn is_empty(value: &Value) -> bool {
    match &value.node {
        Node::Null => true,
        Node::Text(text) => text.is_empty(),
        Node::List(elements) => elements.is_empty(),
        _ => false,
    }
}

fn mentions_unknown(unknown: &Json<'_>) -> bool {
    match unknown {
        Json::Bool(unknown) => *unknown,
        Json::List(elements) => elements.iter().any(mentions_unknown),
        Json::Map(entries) => entries.iter().any(|(_, value)| mentions_unknown(value)),
        _ => false,
    }
}

fn map(entries: Vec<(&str, Value)>, at: Span) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (Key { text: name.into(), at: value.at }, value));
    Value::new(Node::Map(Arc::new(Map { entries: entries.collect() })), at)
}

fn list(elements: Vec<Value>, at: Span) -> Value {
    Value::new(Node::List(elements.into()), at)
}
