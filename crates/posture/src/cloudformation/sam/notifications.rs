//! What buckets tell functions: the transform writes each event of type `S3` into the bucket that it names.

use std::sync::Arc;

use super::written::{Source, key, list, map, reference, referred, with};
use crate::value::{Key, Map, Node, Value};

/// Where a bucket has whom it tells.
const TOLD: [&str; 3] = ["Properties", "NotificationConfiguration", "LambdaConfigurations"];

/// Adds the functions that events name to the buckets that tell them. SAM wants both in one template.
pub(super) fn written(declared: &Map, resources: &mut Map) {
    let sources = declared.entries.iter().map(|(name, declared)| Source { name, declared });
    for source in sources.filter(|source| source.kind() == Some("AWS::Serverless::Function")) {
        let Some(Node::Map(events)) = source.property("Events").map(|events| &events.node) else { continue };
        for event in events.entries.iter().map(|(_, event)| event).filter(|event| is_of_bucket(event)) {
            let Some(properties) = event.entry("Properties") else { continue };
            let Some(bucket) = properties.entry("Bucket").and_then(referred) else { continue };
            let named = resources.entries.iter_mut().find(|(name, _)| name.text == *bucket);
            if let Some((_, bucket)) = named {
                *bucket = extended(bucket, &TOLD, &configurations(&source, properties));
            }
        }
    }
}

fn is_of_bucket(event: &Value) -> bool {
    matches!(event.entry("Type").map(|kind| &kind.node), Some(Node::Text(kind)) if &**kind == "S3")
}

/// One for each of the names of events, there where the function is.
fn configurations(source: &Source<'_>, properties: &Value) -> Vec<Value> {
    let at = properties.at;
    let events = match properties.entry("Events") {
        Some(Value { node: Node::List(events), .. }) => events.to_vec(),
        Some(event) => vec![event.clone()],
        None => Vec::new(),
    };
    let filter = properties.entry("Filter");
    let configuration = |event| {
        let told = map(at, [("Event", event), ("Function", source.reference(Some("Arn")))]);
        let told = with(told, filter.map(|filter| (key("Filter", filter.at), filter.clone())));
        match source.declared.entry("Condition") {
            Some(condition) => {
                let arms = vec![condition.clone(), told, reference("AWS::NoValue", None, at)];
                map(at, [("Fn::If", list(at, arms))])
            }
            None => told,
        }
    };
    events.into_iter().map(configuration).collect()
}

/// The value with more elements in the list at the end of a path. What is no map or list there stays as it is.
fn extended(value: &Value, path: &[&str], more: &[Value]) -> Value {
    let Some((name, deeper)) = path.split_first() else {
        let Node::List(own) = &value.node else { return value.clone() };
        return list(value.at, own.iter().chain(more).cloned().collect());
    };
    let Node::Map(own) = &value.node else { return value.clone() };
    let missing = || if deeper.is_empty() { list(value.at, Vec::new()) } else { map(value.at, []) };
    let below = extended(&own.entry(name).cloned().unwrap_or_else(missing), deeper, more);
    let kept = own.entries.iter().filter(|(key, _)| &*key.text != *name).cloned();
    let entries: Vec<(Key, Value)> = kept.chain(std::iter::once((key(name, value.at), below))).collect();
    Value::new(Node::Map(Arc::new(Map { entries })), value.at)
}
