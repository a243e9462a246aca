//! HTTP tasks of a state machine: to whom they lead outside of the code.

use super::super::connection::begins;
use super::super::hop::Hop;
use super::super::party::Party;
use super::super::way::Way;
use crate::subject::Subject;
use crate::value::{Node, Value};

/// The hops of the HTTP tasks in a definition, however deep they are. What is worked out when it runs leads nowhere yet.
pub fn hops(machine: &Subject<'_>) -> Vec<Hop> {
    if &*machine.resource.kind != "AWS::StepFunctions::StateMachine" {
        return Vec::new();
    }
    let mut endpoints = Vec::new();
    if let Some(definition) = machine.value(path!("Definition")).known() {
        below(machine, definition, &mut endpoints);
    }
    let hop = |url: &Value| {
        let way = match begins(url)? {
            start if start.starts_with("https://") => Way::by_aws("an HTTP task calls it by https"),
            start if start.starts_with("http://") => Way::clear("an HTTP task calls it by http"),
            _ => return None,
        };
        Some((way, url.at))
    };
    let outside = endpoints.into_iter().filter(|url| machine.targets(url).is_empty());
    let hops = outside.filter_map(|url| {
        let (way, at) = hop(url)?;
        Some(Hop::new(Party::Resource(machine.id), Party::outside(machine, url), way, at))
    });
    hops.collect()
}

fn below<'g>(machine: &Subject<'g>, value: &'g Value, endpoints: &mut Vec<&'g Value>) {
    match &machine.resolve(value).node {
        Node::List(list) => list.iter().for_each(|value| below(machine, value, endpoints)),
        Node::Map(map) => {
            endpoints.extend(map.entry("ApiEndpoint").map(|url| machine.resolve(url)));
            map.entries.iter().for_each(|(_, value)| below(machine, value, endpoints));
        }
        _ => {}
    }
}
