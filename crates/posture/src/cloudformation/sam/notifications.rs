//! What buckets tell functions: the transform writes each event of type `S3` into the bucket that it names.

use super::written::{Source, key, list, map, reference, referred, with};
use crate::value::{Key, Map, Node, Value};

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
                *bucket = telling(bucket, &configurations(&source, properties));
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

fn telling(bucket: &Value, configurations: &[Value]) -> Value {
    let at = bucket.at;
    changed(bucket, "Properties", |properties| {
        let properties = properties.cloned().unwrap_or(map(at, []));
        changed(&properties, "NotificationConfiguration", |notification| {
            let notification = notification.cloned().unwrap_or(map(at, []));
            changed(&notification, "LambdaConfigurations", |own| {
                let mut all = match own.map(|own| &own.node) {
                    Some(Node::List(own)) => own.to_vec(),
                    _ => Vec::new(),
                };
                all.extend_from_slice(configurations);
                list(at, all)
            })
        })
    })
}

/// A map in which one entry is another; what is no map stays as it is.
fn changed(value: &Value, name: &str, change: impl FnOnce(Option<&Value>) -> Value) -> Value {
    let Node::Map(own) = &value.node else { return value.clone() };
    let changed = (key(name, value.at), change(own.entry(name)));
    let kept = own.entries.iter().filter(|(key, _)| &*key.text != name).cloned();
    let entries: Vec<(Key, Value)> = kept.chain(std::iter::once(changed)).collect();
    Value::new(Node::Map(std::sync::Arc::new(Map { entries })), value.at)
}
