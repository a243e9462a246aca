//! What AWS hands on: topics, queues, event sources, rules, notifications, destinations.

mod handed;

pub use handed::{dead_letters, handed_on, hands_on, things};

use super::behind::behind;
use super::connection::begins;
use super::hop::Hop;
use super::party::Party;
use super::store;
use super::way::Way;
use crate::path::Path;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;

/// The hop of a subscription that stands by itself.
pub fn subscription(subscription: &Subject<'_>) -> Vec<Hop> {
    let named = subscription.value(path!("TopicArn")).known();
    let topic = named.and_then(|value| subscription.targets(value).into_iter().next());
    let outside = || named.map_or_else(Party::nameless, |value| Party::outside(subscription, value));
    let from = topic.map_or_else(outside, |topic| Party::Resource(topic.id));
    subscribed(subscription, &subscription.resource.properties, from).into_iter().collect()
}

/// The hops of the subscriptions that a topic lists.
pub fn topic(topic: &Subject<'_>) -> Vec<Hop> {
    let listed = topic.all(path!("Subscription[]")).into_iter().filter_map(Seen::known);
    listed.filter_map(|listed| subscribed(topic, listed, Party::Resource(topic.id))).collect()
}

fn subscribed<'g>(subject: &Subject<'g>, subscription: &'g Value, from: Party) -> Option<Hop> {
    let protocol = subject.value_in(subscription, path!("Protocol")).and_then(text_of);
    let endpoint = subject.value_in(subscription, path!("Endpoint")).known();
    let target = endpoint.and_then(|value| subject.targets(value).into_iter().next());
    let outside = || endpoint.map_or_else(Party::nameless, |value| Party::outside(subject, value));
    let to = target.map_or_else(outside, |target| Party::Resource(behind(&target)));
    let way = match protocol {
        Seen::Known(protocol, _) => match &*protocol.to_ascii_lowercase() {
            "http" => Way::clear("the subscription's protocol is http"),
            "https" => match endpoint.and_then(begins) {
                Some(start) if start.starts_with("http://") => {
                    Way::unknown("the subscription's protocol is https, and its endpoint is http")
                }
                _ => Way::by_aws("the subscription's protocol is https, and SNS verifies it"),
            },
            "sqs" | "lambda" | "firehose" => Way::by_aws("SNS hands it on by AWS's API"),
            // Mail, text messages and pushes leave the estate by ways that are not ours to judge.
            _ => return None,
        },
        Seen::Absent(_) => Way::unknown("the subscription's protocol is not written"),
        Seen::Unknown(why, _) => Way::unknown(format!("the subscription's protocol is not known: {why}")),
    };
    Some(Hop::new(from, to, way, subscription.at))
}

/// The hop from a queue, stream, table or broker to the function that reads it, and on to where failures go.
pub fn event_source(mapping: &Subject<'_>) -> Vec<Hop> {
    let target = |path: &Path| {
        let value = mapping.value(path).known();
        value.and_then(|value| mapping.targets(value).into_iter().next())
    };
    let Some(function) = target(path!("FunctionName")) else { return Vec::new() };
    let (function, at) = (Party::Resource(behind(&function)), mapping.resource.at);
    let mut hops = Vec::new();
    if let Some(source) = target(path!("EventSourceArn")) {
        let source = mapping.of(behind(&source)).unwrap_or(source);
        let way = store::by_aws("Lambda's poller", &source);
        hops.push(Hop::new(Party::Resource(source.id), function, way, at));
    } else if !matches!(mapping.value(path!("SelfManagedEventSource")), Seen::Absent(_)) {
        let way =
            Way::unknown("the brokers are not part of this code, nor what they speak to Lambda's poller");
        hops.push(Hop::new(Party::nameless(), function, way, at));
    }
    if let Some(failed) = target(path!("DestinationConfig.OnFailure.Destination")) {
        let way = Way::by_aws("Lambda hands on what fails by AWS's API");
        hops.push(Hop::new(function, Party::Resource(behind(&failed)), way, at));
    }
    hops
}
