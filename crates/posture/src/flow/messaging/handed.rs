//! What a service of AWS hands on to another by its API, as one property of a resource says.

use super::super::behind::behind;
use super::super::connection::begins;
use super::super::hop::Hop;
use super::super::party::Party;
use super::super::store::{self, Spoken};
use super::super::way::{Floor, Verified, Way};
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::{Node, Value};

/// Whether resources of this kind hand on what they take.
pub fn hands_on(kind: &str) -> bool {
    !onward(kind).is_empty()
}

/// The paths to those whom a kind hands on to.
fn onward(kind: &str) -> Vec<&'static Path> {
    match kind {
        "AWS::S3::Bucket" => vec![
            path!("NotificationConfiguration.LambdaConfigurations[].Function"),
            path!("NotificationConfiguration.QueueConfigurations[].Queue"),
            path!("NotificationConfiguration.TopicConfigurations[].Topic"),
            path!("ReplicationConfiguration.Rules[].Destination.Bucket"),
        ],
        "AWS::DynamoDB::Table" => vec![path!("KinesisStreamSpecification.StreamArn")],
        "AWS::SQS::Queue" => vec![path!("RedrivePolicy")],
        "AWS::Events::Rule" => vec![path!("Targets[]")],
        "AWS::Scheduler::Schedule" => vec![path!("Target")],
        "AWS::Pipes::Pipe" => vec![path!("Target")],
        "AWS::Lambda::EventInvokeConfig" => {
            vec![
                path!("DestinationConfig.OnSuccess.Destination"),
                path!("DestinationConfig.OnFailure.Destination"),
            ]
        }
        "AWS::Logs::SubscriptionFilter" => vec![path!("DestinationArn")],
        _ => Vec::new(),
    }
}

/// The hops to those whom a resource hands on to.
pub fn handed_on(subject: &Subject<'_>) -> Vec<Hop> {
    let from = hander(subject);
    let values = onward(&subject.resource.kind).into_iter().flat_map(|path| subject.all(path));
    values.filter_map(Seen::known).flat_map(|value| to_each(subject, from, value)).collect()
}

/// The hop to where a function puts what it could not do.
pub fn dead_letters(function: &Subject<'_>) -> Vec<Hop> {
    let value = function.value(path!("DeadLetterConfig.TargetArn")).known();
    value.map(|value| to_each(function, Party::Resource(function.id), value)).unwrap_or_default()
}

/// The hops of a rule of IoT Core: from things, which it takes by TLS alone, and on to what its actions name.
pub fn things(rule: &Subject<'_>) -> Vec<Hop> {
    // An endpoint keeps the policy that it has where no domain's configuration names one.
    let way = Way::tls(Floor::default(), Verified::Theirs, "IoT Core takes TLS alone");
    let mut hops = vec![Hop::entrance(rule, way, rule.resource.at)];
    let actions = rule.all(path!("TopicRulePayload.Actions[]")).into_iter().filter_map(Seen::known);
    hops.extend(actions.flat_map(|action| to_each(rule, Party::Resource(rule.id), action)));
    hops
}

/// Who hands on: mostly the resource itself.
fn hander(subject: &Subject<'_>) -> Party {
    let path = match &*subject.resource.kind {
        "AWS::Events::Rule" => path!("EventBusName"),
        "AWS::Pipes::Pipe" => path!("Source"),
        "AWS::Lambda::EventInvokeConfig" => path!("FunctionName"),
        "AWS::Logs::SubscriptionFilter" => path!("LogGroupName"),
        _ => return Party::Resource(subject.id),
    };
    let value = subject.value(path).known();
    let named = value.and_then(|value| subject.targets(value).into_iter().next());
    named.map_or(Party::Resource(subject.id), |named| Party::Resource(behind(&named)))
}

fn to_each<'g>(subject: &Subject<'g>, from: Party, value: &'g Value) -> Vec<Hop> {
    let mut ends = Vec::new();
    named(subject, value, &mut ends);
    // A task is run by its definition, in a cluster that has no part in the data's path.
    if ends.iter().any(|end| &*end.resource.kind == "AWS::ECS::TaskDefinition") {
        ends.retain(|end| &*end.resource.kind != "AWS::ECS::Cluster");
    }
    let mut hops: Vec<Hop> = ends.iter().map(|end| to(subject, from, end, value)).collect();
    if hops.is_empty() {
        let url = subject.value_in(value, path!("Http.Url")).known();
        let arn = subject.value_in(value, path!("Arn")).known();
        let outside = Party::outside(subject, url.or(arn).unwrap_or(value));
        hops.push(Hop::new(from, outside, to_others(subject, value), value.at));
    }
    hops.retain(|hop| hop.from != hop.to);
    hops
}

fn to<'g>(subject: &Subject<'g>, from: Party, end: &Subject<'g>, value: &'g Value) -> Hop {
    if &*end.resource.kind == "AWS::Events::ApiDestination" {
        let url = end.value(path!("InvocationEndpoint")).known();
        let way = match url.and_then(begins) {
            Some(url) if url.starts_with("http://") => Way::clear("the API destination's endpoint is http"),
            _ => Way::by_aws("an API destination is called by HTTPS alone"),
        };
        let outside = url.map_or_else(Party::nameless, |url| Party::outside(end, url));
        return Hop::new(from, outside, way, value.at);
    }
    let end = subject.of(behind(end)).unwrap_or(*end);
    let way = match store::spoken(&end.resource.kind) {
        Some(Spoken::Driver) => store::by_aws("AWS", &end),
        _ => Way::by_aws("AWS hands it on by its API"),
    };
    Hop::new(from, Party::Resource(end.id), way, value.at)
}

/// Things' messages may go on to a URL, which IoT Core wants to be https.
fn to_others<'g>(subject: &Subject<'g>, value: &'g Value) -> Way {
    let url = subject.below(value, path!("Http.Url")).into_iter().find_map(Seen::known).and_then(begins);
    match url {
        Some(url) if url.starts_with("http://") => Way::clear("the action's URL is http"),
        Some(url) if url.starts_with("https://") => {
            Way::by_aws("the action's URL is https, and IoT Core verifies it")
        }
        _ => Way::by_aws("AWS hands it on by its API to what is not part of this code"),
    }
}

/// What takes what is handed on, anywhere in a value; roles and the like take nothing.
fn named<'g>(subject: &Subject<'g>, value: &'g Value, found: &mut Vec<Subject<'g>>) {
    let value = subject.resolve(value);
    match &value.node {
        Node::Map(map) => {
            let aside = ["RoleArn", "DeadLetterConfig", "Input", "InputTransformer", "SqsParameters", "Id"];
            let entries = map.entries.iter().filter(|(key, _)| !aside.contains(&&*key.text));
            entries.for_each(|(_, value)| named(subject, value, found));
        }
        Node::List(list) => list.iter().for_each(|value| named(subject, value, found)),
        _ => {
            let no_end = ["AWS::IAM::", "AWS::EC2::", "AWS::KMS::", "AWS::SecretsManager::"];
            let takes = |end: &Subject<'g>| !no_end.iter().any(|begin| end.resource.kind.starts_with(begin));
            for end in subject.targets(value).into_iter().filter(takes) {
                if !found.iter().any(|known| known.id == end.id) {
                    found.push(end);
                }
            }
        }
    }
}
