//! What calls a function or a state machine: each event as the resources that deliver it.

use super::routes::{api_of, permission};
use super::written::{Source, key, list, map, picked, reference, with};
use crate::value::{Key, Node, Value};

/// Events that Lambda fetches itself, and the property that names where.
const FETCHED: [(&str, &str); 6] = [
    ("SQS", "Queue"),
    ("Kinesis", "Stream"),
    ("DynamoDB", "Stream"),
    ("MSK", "Stream"),
    ("MQ", "Broker"),
    ("DocumentDB", "Cluster"),
];

/// What is made for all events of a source; `target` is its ARN.
pub(super) fn made_of(source: &Source<'_>, target: &Value) -> Vec<(Key, Value)> {
    let Some(Node::Map(events)) = source.property("Events").map(|events| &events.node) else {
        return Vec::new();
    };
    let made = events.entries.iter().flat_map(|(name, event)| {
        let kind = match event.entry("Type").map(|kind| &kind.node) {
            Some(Node::Text(kind)) => kind,
            _ => return Vec::new(),
        };
        Event { source, name: &name.text, event, target }.made(kind)
    });
    made.collect()
}

struct Event<'e> {
    source: &'e Source<'e>,
    name: &'e str,
    event: &'e Value,
    target: &'e Value,
}

impl Event<'_> {
    fn made(&self, kind: &str) -> Vec<(Key, Value)> {
        if let Some((_, named)) = FETCHED.iter().find(|(known, _)| *known == kind) {
            return vec![self.fetched(named)];
        }
        match kind {
            "SelfManagedKafka" => vec![self.kafka()],
            "SNS" => self.topic(),
            "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => self.rule(),
            "ScheduleV2" => vec![self.schedule()],
            "CloudWatchLogs" => vec![self.filter()],
            "IoTRule" => vec![self.topic_rule()],
            "S3" => vec![self.bucket()],
            "Api" | "HttpApi" => self.api(kind),
            _ => Vec::new(),
        }
    }

    fn property(&self, name: &str) -> Option<&Value> {
        self.event.entry("Properties")?.entry(name)
    }

    fn resource(&self, suffix: &str, kind: &str, properties: Value) -> (Key, Value) {
        let (mut key, value) = self.source.made(&format!("{}{suffix}", self.name), kind, properties);
        key.at = self.event.at;
        (key, value)
    }

    /// The event's own properties, its source under the name that the mapping has for it.
    fn fetched(&self, named: &str) -> (Key, Value) {
        let at = self.event.at;
        let own = self.event.entry("Properties").cloned().unwrap_or(map(at, []));
        let arn = self.property(named).cloned().map(|arn| (key("EventSourceArn", arn.at), arn));
        let function = (key("FunctionName", at), self.source.reference(None));
        let mapping = with(without(&own, &[named]), arn.into_iter().chain([function]));
        self.resource("", "AWS::Lambda::EventSourceMapping", mapping)
    }

    fn kafka(&self) -> (Key, Value) {
        let at = self.event.at;
        let own = self.event.entry("Properties").cloned().unwrap_or(map(at, []));
        let servers = self.property("KafkaBootstrapServers").cloned().unwrap_or(list(at, Vec::new()));
        let endpoints = map(at, [("Endpoints", map(at, [("KafkaBootstrapServers", servers)]))]);
        let more = [
            (key("SelfManagedEventSource", at), endpoints),
            (key("FunctionName", at), self.source.reference(None)),
        ];
        let mapping = with(without(&own, &["KafkaBootstrapServers"]), more);
        self.resource("", "AWS::Lambda::EventSourceMapping", mapping)
    }

    /// A topic delivers to the function, or to a queue of its own between the two.
    fn topic(&self) -> Vec<(Key, Value)> {
        let at = self.event.at;
        let topic = self.property("Topic").cloned().unwrap_or(Value::new(Node::Null, at));
        let own_queue = format!("{}{}Queue", self.source.name.text, self.name);
        let (protocol, endpoint, mut made) = match self.property("SqsSubscription").map(|value| &value.node) {
            None | Some(Node::Bool(false)) => ("lambda", self.target.clone(), Vec::new()),
            Some(Node::Map(named)) => {
                let queue = named.entry("QueueArn").cloned().unwrap_or(Value::new(Node::Null, at));
                ("sqs", queue.clone(), vec![self.fetched_from(queue)])
            }
            Some(_) => {
                let queue = reference(&own_queue, Some("Arn"), at);
                let made = vec![
                    self.resource("Queue", "AWS::SQS::Queue", map(at, [])),
                    self.resource(
                        "QueuePolicy",
                        "AWS::SQS::QueuePolicy",
                        queue_policy(&own_queue, &queue, &topic),
                    ),
                    self.fetched_from(queue.clone()),
                ];
                ("sqs", queue, made)
            }
        };
        let subscription =
            map(at, [("Protocol", Value::text(protocol, at)), ("Endpoint", endpoint), ("TopicArn", topic)]);
        let kept = picked(
            self.event.entry("Properties"),
            &["Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"],
        );
        made.push(self.resource("", "AWS::SNS::Subscription", with(subscription, kept)));
        made
    }

    fn fetched_from(&self, queue: Value) -> (Key, Value) {
        let mapping =
            map(self.event.at, [("EventSourceArn", queue), ("FunctionName", self.source.reference(None))]);
        self.resource("EventSourceMapping", "AWS::Lambda::EventSourceMapping", mapping)
    }

    /// A rule, and the queue for what it can't deliver where none is named.
    fn rule(&self) -> Vec<(Key, Value)> {
        let at = self.event.at;
        let told = self.property("DeadLetterConfig");
        let made = told
            .filter(|dead| dead.entry("Arn").is_none())
            .map(|_| self.resource("Queue", "AWS::SQS::Queue", map(at, [])));
        let dead = match &made {
            Some((queue, _)) => Some(map(at, [("Arn", reference(&queue.text, Some("Arn"), at))])),
            None => told.cloned(),
        };
        let target = map(at, [("Arn", self.target.clone()), ("Id", Value::text(self.name, at))]);
        let target = with(target, dead.map(|dead| (key("DeadLetterConfig", dead.at), dead)));
        let kept = picked(self.event.entry("Properties"), &["EventBusName", "State", "Name", "Description"]);
        let named = [
            ("Schedule", "ScheduleExpression"),
            ("Pattern", "EventPattern"),
            ("EventPattern", "EventPattern"),
        ];
        let told = named.iter().filter_map(|(from, to)| Some((key(to, at), self.property(from)?.clone())));
        let rule = with(map(at, [("Targets", list(at, vec![target]))]), kept.into_iter().chain(told));
        std::iter::once(self.resource("", "AWS::Events::Rule", rule)).chain(made).collect()
    }

    fn schedule(&self) -> (Key, Value) {
        let target = map(self.event.at, [("Arn", self.target.clone())]);
        let kept = picked(
            self.event.entry("Properties"),
            &["ScheduleExpression", "FlexibleTimeWindow", "KmsKeyArn"],
        );
        let schedule = map(self.event.at, [("Target", target)]);
        self.resource("", "AWS::Scheduler::Schedule", with(schedule, kept))
    }

    fn filter(&self) -> (Key, Value) {
        let kept = picked(self.event.entry("Properties"), &["LogGroupName", "FilterPattern"]);
        let filter = with(map(self.event.at, [("DestinationArn", self.target.clone())]), kept);
        self.resource("", "AWS::Logs::SubscriptionFilter", filter)
    }

    fn topic_rule(&self) -> (Key, Value) {
        let at = self.event.at;
        let action = map(at, [("Lambda", map(at, [("FunctionArn", self.target.clone())]))]);
        let payload = map(at, [("Actions", list(at, vec![action]))]);
        let payload = with(payload, picked(self.event.entry("Properties"), &["Sql", "AwsIotSqlVersion"]));
        self.resource("", "AWS::IoT::TopicRule", map(at, [("TopicRulePayload", payload)]))
    }

    fn bucket(&self) -> (Key, Value) {
        let at = self.event.at;
        let permission = map(
            at,
            [
                ("Action", Value::text("lambda:InvokeFunction", at)),
                ("FunctionName", self.source.reference(None)),
                ("Principal", Value::text("s3.amazonaws.com", at)),
                ("SourceAccount", reference("AWS::AccountId", None, at)),
            ],
        );
        self.resource("Permission", "AWS::Lambda::Permission", permission)
    }

    fn api(&self, kind: &str) -> Vec<(Key, Value)> {
        let Some(api) = api_of(kind, self.event.entry("Properties")) else { return Vec::new() };
        let permission = permission(&self.source.reference(None), &api, self.event.at);
        vec![self.resource("Permission", "AWS::Lambda::Permission", permission)]
    }
}

fn without(value: &Value, names: &[&str]) -> Value {
    let Node::Map(map) = &value.node else { return value.clone() };
    let entries = map.entries.iter().filter(|(key, _)| !names.contains(&&*key.text)).cloned().collect();
    Value::new(Node::Map(std::sync::Arc::new(crate::value::Map { entries })), value.at)
}

fn queue_policy(name: &str, queue: &Value, topic: &Value) -> Value {
    let at = queue.at;
    let condition = map(at, [("ArnEquals", map(at, [("aws:SourceArn", topic.clone())]))]);
    let statement = map(
        at,
        [
            ("Effect", Value::text("Allow", at)),
            ("Action", Value::text("sqs:SendMessage", at)),
            ("Principal", Value::text("*", at)),
            ("Resource", queue.clone()),
            ("Condition", condition),
        ],
    );
    let document =
        map(at, [("Version", Value::text("2012-10-17", at)), ("Statement", list(at, vec![statement]))]);
    map(at, [("PolicyDocument", document), ("Queues", list(at, vec![reference(name, None, at)]))])
}
