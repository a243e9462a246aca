//! Topics, queues and event sources: to whom they hand data on.

use hermetic_tls::ProtocolVersion;

use super::api::behind;
use super::balancer::known_text;
use super::hop::{Floor, Hop, Transport, Verified};
use super::party::Party;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::Value;

/// The hop of a subscription that stands by itself.
pub fn subscription(subscription: &Subject<'_>) -> Vec<Hop> {
    let topic = subscription.value(&Path::of("TopicArn")).known();
    let topic = topic.and_then(|value| subscription.targets(value).into_iter().next());
    let from = topic.map_or(Party::Outside, |topic| Party::Resource(topic.id));
    subscribed(subscription, &subscription.resource.properties, from).into_iter().collect()
}

/// The hops of the subscriptions that a topic lists.
pub fn topic(topic: &Subject<'_>) -> Vec<Hop> {
    let listed = topic.all(&Path::of("Subscription[]")).into_iter().filter_map(Seen::known);
    listed.filter_map(|listed| subscribed(topic, listed, Party::Resource(topic.id))).collect()
}

/// The hop from a queue, stream or table to the function that reads it.
pub fn event_source(mapping: &Subject<'_>) -> Vec<Hop> {
    let at_path = |path: &'static str| {
        let value = mapping.value(&Path::of(path)).known();
        value.and_then(|value| mapping.targets(value).into_iter().next())
    };
    let (Some(source), Some(function)) = (at_path("EventSourceArn"), at_path("FunctionName")) else {
        return Vec::new();
    };
    vec![Hop {
        from: Party::Resource(source.id),
        to: Party::Resource(behind(&function)),
        transport: by_aws(),
        verified: Verified::Yes,
        reason: "AWS reads it by its API, and calls the function by TLS".to_owned(),
        at: mapping.resource.at,
        when: None,
    }]
}

fn subscribed(subject: &Subject<'_>, subscription: &Value, from: Party) -> Option<Hop> {
    let protocol = known_text(subject, subscription, "Protocol");
    let endpoint = subscription.entry("Endpoint").map(|value| subject.resolve(value));
    let target = endpoint.and_then(|value| subject.targets(value).into_iter().next());
    let to = target.map_or(Party::Outside, |target| Party::Resource(behind(&target)));
    let (transport, verified, reason) = match protocol.as_deref() {
        Some("http") => (Transport::Cleartext, Verified::No, "the subscription's protocol is http"),
        Some("https") => {
            (by_aws(), Verified::Yes, "the subscription's protocol is https, and SNS verifies it")
        }
        Some("sqs" | "lambda" | "firehose") => (by_aws(), Verified::Yes, "SNS hands it on by AWS's API"),
        // Mail, text messages and pushes leave the estate by ways that are not ours to judge.
        Some(_) => return None,
        None => (Transport::Unknown, Verified::Unknown, "the subscription's protocol is not known"),
    };
    Some(Hop { from, to, transport, verified, reason: reason.to_owned(), at: subscription.at, when: None })
}

fn by_aws() -> Transport {
    Transport::Tls(Floor::at_least(ProtocolVersion::TLS1_2))
}
